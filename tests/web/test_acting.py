"""From a form to an entry: durable, shown, never twice, and in words when it fails."""

from collections.abc import Callable

import pytest
from django.test import Client, RequestFactory
from web_island import PASSWORD, Island

from releve.journal.entry import Draft, Receipt
from releve.journal.errors import RecorderGone, RecorderUnreachable, StorageFull
from releve.web.accounts.people import Person
from releve.web.acting import NotRecorded, new_key, record_act, take_receipt, wait_until_folded
from releve.web.runtime.tables import FormKey

NADIA = Person(code="nkervella", family="KERVELLA", given="Nadia", role="nurse", wards=("2140",))
ACT = Draft(kind="crisis.note.1", body=b"\x80", source="")


def request(key: str = "", person: Person | None = NADIA) -> object:
    """Return a form sent by a person."""
    made = RequestFactory().post("/x/", {"act_key": key} if key else {}, REMOTE_ADDR="10.1.2.3")
    made.person = person  # type: ignore[attr-defined]
    return made


def test_an_act_carries_who_did_it_and_from_which_screen(island: Island) -> None:
    """Every fact says who recorded it and from what."""
    record_act(request(), ACT)  # type: ignore[arg-type]

    assert island.entries[0].author == "nkervella"
    assert island.entries[0].source == "screen:10.1.2.3"


def test_a_form_sent_twice_is_one_act(island: Island) -> None:
    """Pressed twice by a tired hand, a dose must not be charted twice."""
    key = new_key()

    first = record_act(request(key), ACT)  # type: ignore[arg-type]
    second = record_act(request(key), ACT)  # type: ignore[arg-type]
    other = record_act(request(key, Person(code="h", family="V", given="H", role="nurse")), ACT)  # type: ignore[arg-type]

    assert first == second != other
    assert len(island.entries) == 2


@pytest.mark.parametrize(
    ("failure", "may", "disk", "again"),
    [
        (RecorderUnreachable("recorder: expected it to listen"), False, False, True),
        (RecorderGone("recorder: went away"), True, False, False),
        (StorageFull("no room"), False, True, True),
    ],
)
def test_a_failed_act_says_whether_it_may_have_arrived(
    island: Island, failure: Exception, may: bool, disk: bool, again: bool
) -> None:
    """Repeated blindly, an act that had arrived is done twice; not repeated, one that had not is lost."""
    key = new_key()
    island.failure = failure

    with pytest.raises(NotRecorded) as told:
        record_act(request(key), ACT)  # type: ignore[arg-type]
    assert (told.value.may_have_arrived, told.value.disk) == (may, disk)

    island.failure = None
    if again:
        record_act(request(key), ACT)  # type: ignore[arg-type]
        assert len(island.entries) == 1
    else:
        with pytest.raises(NotRecorded):
            record_act(request(key), ACT)  # type: ignore[arg-type]
        assert not island.entries


def test_the_page_waits_for_its_own_entry_and_not_for_ever(island: Island) -> None:
    """The nurse must see what she just wrote; when the fold is slow she must see that it is safe."""
    shown = record_act(request(), ACT)  # type: ignore[arg-type]
    assert wait_until_folded(shown, seconds=0.5)

    island.folds = False
    late = record_act(request(), ACT)  # type: ignore[arg-type]
    assert not wait_until_folded(late, seconds=0.1)

    island.fold(island.entries[late.index])
    assert wait_until_folded(late, seconds=0.5)


def test_an_act_folded_ahead_of_a_backlog_counts_as_shown(island: Island) -> None:
    """After a rebuild, a million messages wait; the nurse's own act is taken first."""
    island.views.cursor().execute("INSERT INTO views_ahead (log, \"index\") VALUES ('a/1', 77)")

    assert wait_until_folded(Receipt("a", 1, 77, 0), seconds=0.2)
    assert not wait_until_folded(Receipt("a", 1, 78, 0), seconds=0.05)


def test_views_that_are_gone_do_not_undo_an_act(island: Island) -> None:
    """The entry is durable whatever becomes of the views."""
    receipt = record_act(request(), ACT)  # type: ignore[arg-type]
    (island.data / "views.sqlite3").unlink()

    assert not wait_until_folded(receipt, seconds=0.1)
    assert not (island.data / "views.sqlite3").exists(), "a page must never create the views"


def test_saved_here_is_said_once(nurse: Client) -> None:
    """Said again on each page, it would be believed of the next act."""
    form = {"password": "phare-de-nuit", "again": "phare-de-nuit", "pin": PASSWORD}

    first = nurse.post("/post/code/", form, follow=True).content.decode()
    second = nurse.get("/post/").content.decode()

    assert "Enregistré ici" in first
    assert "Enregistré ici" not in second


def test_an_island_that_cannot_record_says_so_and_where_to_write(
    nurse: Client, island: Island, show: Callable[..., None]
) -> None:
    """The paper form of the pack is always there."""
    form = {"password": "phare-de-nuit", "again": "phare-de-nuit", "pin": PASSWORD}

    island.failure = RecorderUnreachable("recorder: expected it to listen")
    gone = nurse.post("/post/code/", form)
    island.failure = RecorderGone("recorder: went away")
    unsure = nurse.post("/post/code/", form)

    assert gone.status_code == unsure.status_code == 503
    assert "n’a pas été enregistrée" in gone.content.decode()
    assert "fiche papier" in gone.content.decode()
    assert "peut-être déjà enregistrée" in unsure.content.decode()
    assert "avant de la refaire" in unsure.content.decode()


def test_old_form_keys_are_forgotten(island: Island) -> None:
    """The counters of the web are no second journal."""
    FormKey.objects.create(key="old", at_ms=0)

    record_act(request(new_key()), ACT)  # type: ignore[arg-type]

    assert not FormKey.objects.filter(key="old").exists()


def test_a_page_without_a_session_has_no_receipt(island: Island) -> None:
    """An error page may be drawn before any session is known."""
    assert take_receipt(RequestFactory().get("/")) is None
