"""Sums of a balance: by shift, by day, on the nights when the clock changes."""

from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releve.departments.observations.fluids import day_of, shift_of, shifts_back, sums

PARIS = ZoneInfo("Europe/Paris")
HOUR_MS = 3_600_000


def at(text: str, fold: int = 0) -> int:
    """Return an hour of Paris in UTC milliseconds."""
    moment = datetime.fromisoformat(text).replace(tzinfo=PARIS, fold=fold)
    return round(moment.astimezone(UTC).timestamp() * 1000)


@pytest.mark.parametrize(
    ("day", "night_hours", "day_hours"),
    [("2026-11-20", 10, 24), ("2026-10-24", 11, 25), ("2026-03-28", 9, 23)],
)
def test_a_night_is_as_long_as_the_clock_makes_it(day: str, night_hours: int, day_hours: int) -> None:
    """In October the night nurse works eleven hours, and her balance must hold all of them."""
    shift = shift_of(at(f"{day}T23:00"), PARIS)
    from_ms, to_ms = day_of(at(f"{day}T23:00"), PARIS)

    assert shift.code == f"{day}/night"
    assert shift.hours == night_hours
    assert (to_ms - from_ms) / HOUR_MS == day_hours


def test_what_is_drunk_in_the_doubled_hour_is_counted_twice_if_it_was_twice() -> None:
    """02:30 happens twice; both are of this night, an hour apart."""
    first, second = at("2026-10-25T02:30"), at("2026-10-25T02:30", fold=1)
    night = shift_of(first, PARIS)

    assert second - first == HOUR_MS
    assert shift_of(second, PARIS) == night
    assert sums([(first, "in", 100), (second, "in", 100)], night.from_ms, night.to_ms).into == 200


def test_a_volume_at_the_change_of_shift_belongs_to_the_shift_that_comes() -> None:
    """Counted in both, it would be drunk twice a day."""
    seven = at("2026-11-21T07:00")
    night, morning = shift_of(seven - 1, PARIS), shift_of(seven, PARIS)
    events = [(seven, "out", 300)]

    assert (night.name, morning.name) == ("night", "morning")
    assert sums(events, night.from_ms, night.to_ms).out == 0
    assert sums(events, morning.from_ms, morning.to_ms).balance == -300


@given(st.integers(min_value=at("2026-01-01T00:00"), max_value=at("2027-12-31T00:00")))
def test_every_moment_of_two_years_is_in_one_shift_and_one_day(moment: int) -> None:
    """A moment without a shift would stop the page of everybody at that minute."""
    shift = shift_of(moment, PARIS)
    day = day_of(moment, PARIS)
    back = shifts_back(moment, PARIS, 4)

    assert shift.from_ms <= moment < shift.to_ms
    assert day[0] <= shift.from_ms < shift.to_ms <= day[1]
    assert all(later.from_ms == earlier.to_ms for later, earlier in pairwise(back))
