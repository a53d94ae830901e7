"""Care lost until a service is back: the integral of impact x (1 - coverage), exact at every hour."""

from __future__ import annotations

from array import array
from itertools import pairwise

from releve.restoration.case import Service

__all__ = ["loss_table"]

_HOURS_A_DAY = 24.0


def loss_table(service: Service, horizon: int) -> array[float]:
    """Return the care lost when the service is back at hour 0, 1, … `horizon`, in units of care.

    Before the first line of `impact` nothing is lost; before the first of `coverage` nothing is covered.
    Of two lines from the same day on, the later listed holds.
    """
    impact = sorted(((line.from_day * _HOURS_A_DAY, line.per_day) for line in service.impact), key=_from)
    coverage = sorted(((line.from_day * _HOURS_A_DAY, line.share) for line in service.coverage), key=_from)
    changes = {at: 0.0 for at, _ in (*impact, *coverage) if 0.0 < at < horizon}
    pieces = sorted({0.0, *changes, float(horizon)})
    table = array("d", bytes(8 * (horizon + 1)))
    lost = 0.0
    for begin, end in pairwise(pieces):
        rate = _value(impact, begin) * (1.0 - _value(coverage, begin)) / _HOURS_A_DAY
        first, after = int(begin) + 1, int(end) + 1
        table[first:after] = array("d", [lost + rate * (hour - begin) for hour in range(first, after)])
        lost += rate * (end - begin)
    return table


def _from(line: tuple[float, float]) -> float:
    return line[0]


def _value(steps: list[tuple[float, float]], hour: float) -> float:
    """Return the value of the last step at or before this hour; 0 before the first."""
    value = 0.0
    for at, here in steps:
        if at > hour:
            break
        value = here
    return value
