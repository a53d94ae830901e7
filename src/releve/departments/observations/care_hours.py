"""The hours at which an action of care by the hour is due, and what was said at each. Pure.

Due hours run from the hour at which the action was planned, every two, four or six hours that pass (on the nights when
the clock changes too). What was said counts for the due hour that is nearest: turned at 23:50, the turn of midnight is
done.
"""

from collections.abc import Sequence
from typing import Any, Generic, Protocol, TypeVar

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
    planned_ms: int, every_hours: float, said: Sequence[S], *, from_ms: int, to_ms: int
) -> tuple[DueHour[S], ...]:
    """Return the due hours of a half-open time, each with what was said nearest to it.

    The first is the whole hour at or after the planning.

    >>> [hour.at_ms // HOUR_MS for hour in due_hours(5 * HOUR_MS - 1, 2, (), from_ms=8 * HOUR_MS, to_ms=12 * HOUR_MS)]
    [9, 11]
    """
    step = round(every_hours * HOUR_MS)
    first = -(-planned_ms // HOUR_MS) * HOUR_MS
    number = max(0, -(-(from_ms - first) // step))
    heard: dict[int, list[S]] = {}
    for one in said:
        # Half-way between two due hours it counts for the later one: the earlier had its turn.
        nearest = max(0, ((one.happened_at or 0) - first + step // 2) // step)
        heard.setdefault(nearest, []).append(one)
    found = []
    while first + number * step < to_ms:
        words = sorted(heard.get(number, ()), key=lambda one: one.happened_at or 0)
        found.append(DueHour(at_ms=first + number * step, said=tuple(words)))
        number += 1
    return tuple(found)


def of_shift(hours: Sequence[DueHour[S]], shift: Shift) -> tuple[DueHour[S], ...]:
    """Return the due hours of one shift."""
    return tuple(hour for hour in hours if shift.from_ms <= hour.at_ms < shift.to_ms)
