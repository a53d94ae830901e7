"""What the outbox says of itself opens no page beyond one's wards."""

from collections.abc import Callable, Iterator, Sequence

import pytest
from bedside_island import BedsideIsland
from django.test import Client

from releve.journal.entry import Draft, Receipt
from releve.web.audit import keeping
from releve.web.opaque import seal
from releve.web.outbox.sealing import owner_of


class Told:
    """Whom the audit was told about."""

    def __init__(self) -> None:
        self.patients: set[str] = set()

    def append(self, drafts: Sequence[Draft]) -> list[Receipt]:
        """Note the patients of these facts."""
        self.patients |= {key for draft in drafts for key in draft.subjects}
        return [Receipt("a-audit", 1, 0, 0) for _ in drafts]


@pytest.fixture
def told(island: BedsideIsland) -> Iterator[Told]:
    """Return what the audit is told in this test."""
    made = Told()
    keeper = keeping.Keeper(island.data, made)
    keeping.use_audit(lambda: keeper)
    yield made
    keeping.use_audit(None)


@pytest.fixture
def person(island: BedsideIsland, told: Told) -> str:
    """Return a patient who lies in 2140."""
    found = island.patient("8000412301", "203", name="DELORME")
    island.stay(found)
    return found


@pytest.mark.parametrize("path", ["", "results/", "timeline/"])
def test_a_page_is_not_opened_by_calling_it_an_act_that_waited(
    enter: Callable[..., Client], person: str, path: str
) -> None:
    """Otherwise one line in a browser's console reads any file without a reason."""
    stranger = enter(wards=("4140",))

    answer = stranger.get(f"/patient/{seal(person)}/{path}", headers={"X-Outbox": "anything"})

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/beyond-wards/")


def test_a_refused_act_that_waited_shows_no_page_beyond_ones_wards_and_the_audit_knows(
    enter: Callable[..., Client], person: str, told: Told
) -> None:
    """The refusal would come back on the patient's page: an empty form must not read a file without a reason."""
    stranger = enter(wards=("4140",))

    answer = stranger.post(
        f"/patient/{seal(person)}/notes/write/nursing/",
        {"text": ""},
        headers={"X-Outbox": owner_of("nurse4140")},
    )
    keeping.flush()
    assert answer.status_code == 422
    assert "DELORME" not in answer.content.decode()

    assert person in told.patients


def test_to_call_a_reading_a_poll_does_not_hide_it(
    enter: Callable[..., Client], person: str, told: Told
) -> None:
    """A poll is what a page asks by itself; no page asks for the identity of a patient."""
    nurse = enter(wards=("2140",))

    nurse.get(f"/patient/{seal(person)}/identity/", headers={"X-Poll": "1"})
    keeping.flush()

    assert person in told.patients
