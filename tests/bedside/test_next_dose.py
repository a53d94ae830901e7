"""The board's cell of the next dose: late, to give, perhaps given, planned, and lines without any hour."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest
from bedside_island import DAY, HOUR, MINUTE, NOW_MS

from releve.bedside.board_facts import Drug
from releve.bedside.doses import Charted, Line
from releve.bedside.next_dose import NextDose, next_dose


def drug(*times: str, label: str = "Furosémide", charted: tuple[Charted, ...] = (), **line: Any) -> Drug:
    """Return a line at these hours."""
    return Drug(label, label, Line(status="active", times=times, start_at=NOW_MS - 3 * DAY, **line), charted)


def asked(*drugs: Drug, **how: Any) -> NextDose:
    """Return the answer at 03:10, charting heard a minute ago."""
    usual: dict[str, Any] = {
        "now_ms": NOW_MS, "listening_ms": NOW_MS - 9 * DAY, "heard_ms": NOW_MS - MINUTE, "received": True,
        "zone": ZoneInfo("Europe/Paris"),
    }  # fmt: skip
    return next_dose(drugs, **(usual | how))


def test_a_late_dose_comes_before_one_to_give() -> None:
    """The oldest omission is the most urgent."""
    answer = asked(drug("03:00"), drug("01:00", label="Céfotaxime"))

    assert (answer.state, answer.label, answer.waiting) == ("late", "Céfotaxime", 1)


def test_a_charted_dose_is_not_late() -> None:
    """Given ten minutes after its hour is given."""
    given = Charted(at=NOW_MS - 2 * HOUR, status="given")

    answer = asked(drug("01:00", "09:00", charted=(given,)))

    assert (answer.state, answer.doses) == ("planned", 1)


def test_what_was_due_before_charting_was_heard_is_not_called_late() -> None:
    """An island attached at 02:00 knows nothing of 01:00."""
    answer = asked(drug("01:00", "09:00"), listening_ms=NOW_MS - 70 * MINUTE)

    assert answer.state == "planned"


@pytest.mark.parametrize("listening_ms", [None, NOW_MS - 70 * MINUTE])
def test_what_was_due_before_the_ward_charts_here_is_asked_about(listening_ms: int | None) -> None:
    """Where charting was never heard, or not yet, a dose of before the cut must not vanish with the cut."""
    answer = asked(
        drug("01:00", "09:00"), listening_ms=listening_ms, heard_ms=listening_ms, frozen=True,
        here_ms=NOW_MS - 20 * MINUTE,
    )  # fmt: skip

    assert (answer.state, answer.waiting) == ("unknown", 1)


def test_while_charting_is_not_heard_a_dose_is_asked_about() -> None:
    """A dose called due although it was given is given twice."""
    answer = asked(drug("03:00", "09:00"), frozen=True, heard_ms=NOW_MS - 26 * MINUTE)

    assert (answer.state, answer.waiting) == ("unknown", 1)
    assert answer.then_at is not None


def test_two_doses_of_one_hour_are_counted() -> None:
    """She takes both on the same round."""
    assert asked(drug("09:00"), drug("09:00", label="Bisoprolol"), drug("12:00", label="Fer")).doses == 2


def test_lines_without_hours_are_told_and_never_given_hours() -> None:
    """Three times a day is not 8, 12 and 20: hours are never invented."""
    alone = asked(drug())
    beside = asked(drug("09:00"), drug(label="Potassium"))

    assert (alone.state, alone.without_hours) == ("no-hours", 1)
    assert (beside.state, beside.without_hours) == ("planned", 1)


def test_nothing_prescribed_is_not_nothing_received() -> None:
    """A ward whose prescriptions never come must not look like a ward without any."""
    assert asked().state == "nothing"
    assert asked(received=False).state == "not-received"
    assert asked(drug(as_needed=True)).state == "as-needed"
