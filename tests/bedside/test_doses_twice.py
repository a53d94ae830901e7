"""One dose charted twice: both stay, the safer reading counts, and what was charted here answers its hour."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from releve.bedside.doses import Charted, Line, Slot, doubted, slots_of

PARIS = ZoneInfo("Europe/Paris")
HOUR = 3_600_000
THREE = int(datetime(2026, 11, 21, 3, 0, tzinfo=PARIS).timestamp() * 1000)
LINE = Line(status="active", times=("03:00", "09:00"), start_at=THREE - 48 * HOUR)
NEEDED = Line(status="active", as_needed=True, start_at=THREE - 48 * HOUR)


def slots(*charted: Charted, line: Line = LINE, now: int = THREE + 10 * 60_000) -> list[Slot]:
    """Return the slots from midnight to ten."""
    return slots_of(
        line, charted, from_ms=THREE - 3 * HOUR, to_ms=THREE + 7 * HOUR, now_ms=now, heard_ms=now, zone=PARIS
    )


def dose(minutes: int, status: str = "given", due: int | None = THREE) -> Charted:
    """Return a charting so many minutes after three."""
    return Charted(at=THREE + minutes * 60_000, status=status, due_at=due)


@pytest.mark.parametrize("order", [("given", "omitted"), ("omitted", "given")])
def test_given_is_believed_before_not_given(order: tuple[str, str]) -> None:
    """Whatever came first, nothing is given again on a doubt."""
    found = slots(dose(2, order[0]), dose(4, order[1]))

    planned = next(slot for slot in found if slot.at == THREE)
    assert planned.state == "given"
    assert [slot.twice for slot in found if slot.charted] == [True, True]


def test_the_feed_and_this_screen_may_have_charted_the_same_dose() -> None:
    """The application came back and sends what somebody also charted here."""
    found = slots(dose(2, due=None), dose(6))

    assert [slot.twice for slot in found if slot.charted] == [True, True]


def test_a_dose_much_later_answers_the_hour_that_it_names() -> None:
    """Given at half past seven for three: nine o’clock is still to be given, three is no longer late."""
    found = slots(dose(4 * 60 + 30), now=THREE + 5 * HOUR)

    assert [(slot.at, slot.state) for slot in found] == [(THREE, "given"), (THREE + 6 * HOUR, "due")]
    assert not any(slot.twice for slot in found)


def test_two_hours_of_one_line_are_no_suspicion() -> None:
    """Every six hours is not twice the same dose."""
    found = slots(
        dose(0), Charted(at=THREE + 6 * HOUR, status="given", due_at=THREE + 6 * HOUR), now=THREE + 6 * HOUR
    )

    assert [slot.state for slot in found] == ["given", "given"]
    assert not any(slot.twice for slot in found)


def test_what_was_put_right_as_never_done_is_no_dose() -> None:
    """Once one of the two is put right, nobody is asked any more."""
    found = slots(dose(0), dose(5, "deleted"))

    assert not any(slot.twice for slot in found)


@pytest.mark.parametrize(("minutes", "twice"), [(10, True), (240, False)])
def test_as_needed_twice_within_half_an_hour_is_asked_about(minutes: int, twice: bool) -> None:
    """Two nurses answer one bell."""
    found = slots(dose(0, due=None), dose(minutes, due=None), line=NEEDED)

    assert [slot.twice for slot in found] == [twice, twice]


def test_since_the_ward_charts_here_what_is_due_is_known() -> None:
    """Before the cut was said, a dose may be charted elsewhere; since, it is late when nobody charted it here."""
    found = slots(now=THREE + 8 * HOUR)
    here = doubted(found, now_ms=THREE + 8 * HOUR, frozen=True, here_ms=THREE + HOUR)

    assert [slot.state for slot in here] == ["unknown", "late"]
