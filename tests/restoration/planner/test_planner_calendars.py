"""Calendars in hours since the cut, and care lost at each hour."""

from __future__ import annotations

from datetime import datetime

import pytest

from releve.restoration.case import (
    Calendar,
    CalendarException,
    Case,
    Coverage,
    Impact,
    Person,
    Service,
    Window,
    WorkingHours,
)
from releve.restoration.planner.calendars import calendar_masks, person_mask, profile_of
from releve.restoration.planner.loss import loss_table

DAYS = WorkingHours(days=("mon", "tue", "wed", "thu", "fri", "sat", "sun"), from_hour=8, to_hour=10)


def case_from(starts_at: str, *exceptions: CalendarException) -> Case:
    """A case with one calendar, from 8 to 10 every day."""
    return Case(
        starts_at=datetime.fromisoformat(starts_at),
        calendars=(Calendar(id="days", week=(DAYS,), exceptions=exceptions),),
        applications=(), tasks=(), services=(),
    )  # fmt: skip


def worked(case: Case, horizon: int = 72) -> list[int]:
    """The worked hours of that calendar."""
    return list(profile_of(calendar_masks(case, horizon)["days"], horizon).hour_of)


def test_an_hour_is_worked_when_it_begins_in_the_hours_of_the_calendar() -> None:
    """A cut at ten past three must not make everybody come ten minutes early."""
    assert worked(case_from("2026-11-22T03:10:00+01:00"), 24) == [5, 6]


def test_the_calendar_moves_with_summer_time_and_the_count_of_hours_does_not() -> None:
    """On 29 March 2026 the night has one hour less: people come at eight, one hour sooner after the cut."""
    hours = worked(case_from("2026-03-28T00:00:00+01:00"), 60)

    assert hours == [8, 9, 31, 32, 55, 56]


def test_of_two_exceptions_over_one_hour_the_later_listed_holds() -> None:
    """A holiday on which one team was called in all the same."""
    off = CalendarException(from_hour=0, to_hour=24)
    called = CalendarException(from_hour=9, to_hour=10, works=True)

    assert worked(case_from("2026-11-22T00:00:00+01:00", off, called), 24) == [9]
    assert worked(case_from("2026-11-22T00:00:00+01:00", called, off), 24) == []


def test_a_person_is_there_inside_windows_and_outside_absences() -> None:
    """A vendor is counted only on the days he said he would come."""
    case = case_from("2026-11-22T00:00:00+01:00")
    person = Person(
        id="v", skills=(), calendar="days", windows=(Window(from_hour=0, to_hour=40),),
        absences=(Window(from_hour=9, to_hour=10),),
    )  # fmt: skip

    mask = person_mask(person, calendar_masks(case, 72), 72)

    assert list(profile_of(mask, 72).hour_of) == [8, 32, 33]


def test_a_span_ends_after_its_last_worked_hour() -> None:
    """Four hours begun in the evening end on the second morning, not at night."""
    profile = profile_of(calendar_masks(case_from("2026-11-22T00:00:00+01:00"), 72)["days"], 72)

    assert profile.span(9, 3) == (9, 34)
    assert profile.span(10, 1) == (32, 33)
    assert profile.span(50, 9) is None


def test_care_lost_adds_up_steps_of_impact_less_what_is_covered() -> None:
    """Two days at 24 a day, the second half covered; then 48 a day: the care a late date costs is exact."""
    service = Service(
        id="s", impact=(Impact(from_day=0, per_day=24), Impact(from_day=2, per_day=48)),
        coverage=(Coverage(from_day=1, share=0.5),),
    )  # fmt: skip

    table = loss_table(service, 72)

    assert [table[0], table[24], table[48], table[72]] == pytest.approx([0, 24, 36, 60])


def test_a_step_inside_an_hour_counts_from_there() -> None:
    """A step at day 0.02 is minutes after the cut, not at the next hour."""
    service = Service(id="s", impact=(Impact(from_day=0.5 / 24, per_day=24),))

    assert list(loss_table(service, 2)) == pytest.approx([0, 0.5, 1.5])
