"""A dose that waited in a browser carries that workstation's clock, which may be wrong."""

import pytest
from django.test import Client
from dose_forms import open_form
from dose_island import DAY_MS, MINUTE_MS, NOW_MS, DoseIsland


@pytest.fixture
def form(island: DoseIsland, nurse: Client) -> tuple[str, dict[str, str]]:
    """Return the address of the form of a dose due at 03:00, and the form as it waits."""
    handle = island.admit("8000201", "DELORME", "201")
    island.prescribe("8000201", "Furosémide", "0300", "0900", code="3400893766521")
    island.cut(at_ms=NOW_MS - 23 * MINUTE_MS)
    return f"/patient/{handle}/dose/", open_form(nurse, handle) | {"what": "given"}


def waited(at_ms: int) -> dict[str, str]:
    """Return what a form that waited says of its hour."""
    return {"outbox_at_ms": str(at_ms), "outbox_clock_ms": str(at_ms), "outbox_offset_ms": "0"}


@pytest.mark.parametrize("ahead_ms", [30 * MINUTE_MS, DAY_MS, 30_000 * DAY_MS])
def test_a_clock_that_ran_ahead_charts_no_dose_in_the_future(
    island: DoseIsland, nurse: Client, form: tuple[str, dict[str, str]], ahead_ms: int
) -> None:
    """Charted tomorrow, it is not on tonight's grid: it is given again."""
    answer = nurse.post(form[0], form[1] | waited(NOW_MS + ahead_ms))

    assert answer.status_code == 302
    (dose,) = island.doses()
    assert (dose.given_at, dose.offline) == (NOW_MS, True)


def test_a_clock_that_was_reset_is_asked_about(
    island: DoseIsland, nurse: Client, form: tuple[str, dict[str, str]]
) -> None:
    """A flat battery makes it 1970: the dose stays in the browser with a question, not in another year."""
    answer = nurse.post(form[0], form[1] | waited(1_000))

    assert answer.status_code == 422
    assert "120" in answer.content.decode()
    assert island.doses() == []
    assert nurse.post(form[0], form[1] | waited(1_000) | {"happened_at": "03:02"}).status_code == 302
