"""The hours at which an action of care by the hour is due, and what was said at each. Pure.

Due hours are hours of the clock on the wall: every four hours is at 0, 4, 8, 12, 16 and 20, whenever it was planned, so
that one round serves a whole ward. An hour that comes twice is due twice, one that is skipped is due when the clock has
jumped. What was said counts for the due hour that is nearest: turned at 23:50, the turn of midnight is done.
"""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, Generic, Protocol, TypeVar
from zoneinfo import ZoneInfo

import msgspec

from releve.departments.observations.fluids import Shift

__all__ = ["HOUR_MS", "DueHour", "due_hours", "of_shift"]

HOUR_MS = 3_600_000


class Said(Protocol):
    """What became of an action at one moment; `happened_at` (UTC ms) is when it was done, or not."""

    happened_at: Any


S = TypeVar("S", bound=Said)


class DueHour(msgspec.Struct, Generic[S], frozen=True, kw_only=True):
    """One due hour (UTC ms) and what was said of it, oldest first; the newest word counts, all are kept."""

    at_ms: int
    said: tuple[S, ...] = ()


def due_hours(
    planned_ms: int, every_hours: float, said: Sequence[S], *, from_ms: int, to_ms: int, zone: ZoneInfo
) -> tuple[DueHour[S], ...]:
    """Return the due hours of a half-open time, each with what was said nearest to it.

    The first is the first such hour of the clock at or after the planning. `every_hours` divides 24.

    >>> [hour.at_ms // HOUR_MS for hour in due_hours(
    ...     5 * HOUR_MS - 1, 4, (), from_ms=6 * HOUR_MS, to_ms=17 * HOUR_MS, zone=ZoneInfo("UTC"))]
    [8, 12, 16]
    """
    step = round(every_hours)
    # Around what is asked for too: what was said may be nearer to an hour outside.
    clock = _clock_hours(
        step, max(planned_ms, from_ms - 2 * step * HOUR_MS), to_ms + 2 * step * HOUR_MS, zone
    )
    is_first = planned_ms >= from_ms - 2 * step * HOUR_MS
    # Half-way between two due hours it counts for the later one: the earlier had its turn.
    turns = [(before + after) // 2 for before, after in pairwise(clock)]
    heard: dict[int, list[S]] = {}
    for one in said:
        at_ms = one.happened_at or 0
        number = bisect_right(turns, at_ms)
        # Done before it was first due, it counts for the first; else it is older than what is asked for.
        if clock and (at_ms >= clock[0] or number or is_first):
            heard.setdefault(clock[number], []).append(one)
    return tuple(
        DueHour(at_ms=at_ms, said=tuple(sorted(heard.get(at_ms, ()), key=lambda one: one.happened_at or 0)))
        for at_ms in clock
        if from_ms <= at_ms < to_ms
    )


def _clock_hours(step: int, from_ms: int, to_ms: int, zone: ZoneInfo) -> list[int]:
    """Return the moments of [from, to[ at which the clock shows a full hour that `step` divides, or has jumped it."""
    found = []
    before = _hour(-(-from_ms // HOUR_MS) * HOUR_MS - HOUR_MS, zone)
    for at_ms in range(-(-from_ms // HOUR_MS) * HOUR_MS, to_ms, HOUR_MS):
        hour = _hour(at_ms, zone)
        jumped = (before + 1) % 24 != hour and hour == (before + 2) % 24 and (before + 1) % step == 0
        if hour % step == 0 or jumped:
            found.append(at_ms)
        before = hour
    return found


def _hour(at_ms: int, zone: ZoneInfo) -> int:
    return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(zone).hour


def of_shift(hours: Sequence[DueHour[S]], shift: Shift) -> tuple[DueHour[S], ...]:
    """Return the due hours of one shift."""
    return tuple(hour for hour in hours if shift.from_ms <= hour.at_ms < shift.to_ms)
