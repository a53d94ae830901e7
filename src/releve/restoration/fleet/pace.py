"""How fast machines come back, and when a ward has its own again: from the days behind, never a bare date. Pure.

A day's count is drawn from days like the last ones. The time to return n machines at m a day with a spread of s is
uncertain twice: the days to come vary, and m itself is known from few days. Both go into the range, as in the
prediction of a sum: variance t·s² + t²·s²/days. Days on which nobody worked count: weekends come again.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

__all__ = ["DAYS_MIN", "RETURNS_MIN", "Forecast", "Pace", "forecast", "pace_of", "wards_in_turn"]

# Fewer days or machines say nothing of a pace: the page then says so.
DAYS_MIN, RETURNS_MIN = 3, 10
DAYS_LOOKED_AT = 14
# Upper 20 % of the standard normal distribution.
Z80 = 0.8416
# Beyond a year a date is no date.
HORIZON_DAYS = 366.0


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """Machines returned a day over `days` whole days; `spread` is the standard deviation of a day's count."""

    days: int
    returned: int
    a_day: float = 0.0
    spread: float = 0.0

    @property
    def enough(self) -> bool:
        """Whether a forecast may be made of it."""
        return self.days >= DAYS_MIN and self.returned >= RETURNS_MIN


class Forecast(msgspec.Struct, frozen=True, kw_only=True):
    """When a ward has all its machines again, in days from now.

    `p80_days` is None when the days differ so much that four times in five cannot be promised within a year.
    """

    state: Literal["done", "too-little", "stopped", "dated"]
    p50_days: float | None = None
    p80_days: float | None = None


def pace_of(counts: Sequence[int]) -> Pace:
    """Return the pace of whole days, oldest first; days before the first return are not working days of the fleet.

    >>> pace_of([0, 0, 10, 14, 12]).a_day
    12.0
    """
    first = next((place for place, count in enumerate(counts) if count), len(counts))
    days = list(counts[first:])[-DAYS_LOOKED_AT:]
    number = len(days)
    if not number:
        return Pace(days=0, returned=0)
    mean = sum(days) / number
    variance = sum((count - mean) ** 2 for count in days) / (number - 1) if number > 1 else 0.0
    # Counts vary at least as those of independent arrivals: four equal days do not make the fifth certain.
    return Pace(days=number, returned=sum(days), a_day=mean, spread=math.sqrt(max(variance, mean)))


def forecast(pace: Pace, machines: int) -> Forecast:
    """Return when this many machines more will have been returned.

    >>> forecast(Pace(days=2, returned=30, a_day=15.0, spread=4.0), 10).state
    'too-little'
    """
    if machines <= 0:
        return Forecast(state="done")
    if not pace.enough:
        return Forecast(state="too-little")
    if pace.a_day <= 0:
        return Forecast(state="stopped")
    p50 = machines / pace.a_day
    if p50 > HORIZON_DAYS:
        return Forecast(state="stopped")
    return Forecast(state="dated", p50_days=p50, p80_days=_day_reached(pace, machines, p50))


def _day_reached(pace: Pace, machines: int, p50: float) -> float | None:
    """Return the first day by which four times in five this many are returned, None beyond the horizon."""

    def surely(days: float) -> float:
        spread = pace.spread * math.sqrt(days + days * days / pace.days)
        return pace.a_day * days - Z80 * spread

    if surely(HORIZON_DAYS) < machines:
        return None
    low, high = p50, HORIZON_DAYS
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (low, middle) if surely(middle) >= machines else (middle, high)
    return high


def wards_in_turn(order: Sequence[str], remaining: Mapping[str, int], pace: Pace) -> dict[str, Forecast]:
    """Return each ward's forecast when they are served in this order: what stands before a ward is done before it."""
    found: dict[str, Forecast] = {}
    before = 0
    for ward in order:
        own = remaining.get(ward, 0)
        before += own
        found[ward] = forecast(pace, before) if own else Forecast(state="done")
    return found
