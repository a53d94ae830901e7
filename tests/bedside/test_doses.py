"""The hours of the grid: only those that the prescription names, and all of them."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from releve.bedside.doses import Charted, Line, slots_of

PARIS = ZoneInfo("Europe/Paris")
DAY = 86_400_000


def ms(text: str) -> int:
    """Return a moment of the hospital in milliseconds."""
    return int(datetime.fromisoformat(text).replace(tzinfo=PARIS).timestamp() * 1000)


def hours(line: Line, start: str, days: int = 10, charted: tuple[Charted, ...] = ()) -> list[str]:
    """Return the hours planned from `start` on."""
    begin = ms(start)
    slots = slots_of(
        line, charted, from_ms=begin, to_ms=begin + days * DAY, now_ms=begin, heard_ms=None, zone=PARIS
    )
    return [datetime.fromtimestamp(slot.at / 1000, PARIS).strftime("%d %H:%M") for slot in slots]


def test_five_days_at_seven_twelve_and_eighteen_are_fifteen_doses() -> None:
    """The interval is [start, end[: neither one dose less on the last day, nor one more."""
    line = Line(
        status="active",
        times=("07:00", "12:00", "18:00"),
        start_at=ms("2026-11-01T10:30"),
        end_at=ms("2026-11-06T10:30"),
    )

    found = hours(line, "2026-11-01T00:00")

    assert (len(found), found[0], found[-1]) == (15, "01 12:00", "06 07:00")


def test_a_weekly_dose_with_an_hour_is_not_given_every_day() -> None:
    """Methotrexate every day instead of every week kills."""
    line = Line(status="active", times=("08:00",), interval_hours=168.0, start_at=ms("2026-11-02T08:00"))

    assert hours(line, "2026-11-02T00:00", days=15) == ["02 08:00", "09 08:00", "16 08:00"]


def test_every_other_day_keeps_its_days_and_its_hour_when_the_clocks_change() -> None:
    """On the night of 25 October 2026 the day has 25 hours."""
    line = Line(status="active", interval_hours=48.0, start_at=ms("2026-10-23T08:00"))

    assert hours(line, "2026-10-23T00:00", days=6) == ["23 08:00", "25 08:00", "27 08:00"]


def test_a_weekly_dose_from_an_unknown_day_has_no_place_in_the_grid() -> None:
    """Hours are never invented, and neither are days."""
    assert hours(Line(status="active", times=("08:00",), interval_hours=168.0), "2026-11-02T00:00") == []


@pytest.mark.parametrize(
    ("status", "state"), [("unknown", "unknown"), ("given", "given"), ("refused", "refused")]
)
def test_a_dose_charted_with_an_unknown_code_is_not_called_given(status: str, state: str) -> None:
    """It may have been given: a person must look."""
    at = ms("2026-11-02T08:00")
    line = Line(status="active", times=("08:00",))

    slots = slots_of(
        line, [Charted(at=at, status=status)], from_ms=at, to_ms=at + 1, now_ms=at, heard_ms=None, zone=PARIS
    )

    assert [slot.state for slot in slots] == [state]


def test_a_dose_deleted_by_its_author_was_not_given() -> None:
    """Charted for the neighbour by mistake: this patient still waits for it."""
    at = ms("2026-11-02T08:00")

    slots = slots_of(
        Line(status="active", times=("08:00",)), [Charted(at=at, status="deleted")],
        from_ms=at, to_ms=at + 1, now_ms=at, heard_ms=None, zone=PARIS,
    )  # fmt: skip

    assert [slot.state for slot in slots] == ["due"]
