"""Published dates: what each would become, what moving one costs inside a search, which ones were moved.

What is published is the P80 of a simulation, and a simulation for every order tried would be a thousand times too
slow. Inside the search a date stands for its P80: both times are counted from now, and the P80 is taken to stay as
many times later than the date as it was in the kept plan. What is reported is simulated.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from releve.restoration.case import Case
from releve.restoration.planner.grid import Grid, Milestone
from releve.restoration.planner.placing import NOWHERE, Placed, application_ends
from releve.restoration.replanning.moves import DateMoved

__all__ = ["TOLERANCE_HOURS", "Priced", "Promise", "moved_dates", "priced", "promises_of"]

# A published date that moves by no more than this is not announced anew (planning.md, section 8, target 7).
TOLERANCE_HOURS = 48
# The search keeps to a part of it: the date is only nearly in proportion to its P80.
_MARGIN = 0.6

Dates = Mapping[tuple[str, str], float]


@dataclass(frozen=True, slots=True)
class Promise:
    """A published date: its applications by index, the date of the kept plan, the P80 of the kept plan."""

    kind: str
    id: str
    published: int
    applications: tuple[int, ...]
    date: int
    p80: float

    def allowed(self, now: int, tolerance: float) -> tuple[float, float]:
        """Return between which dates of a plan the P80 stays within the tolerance of what is known of it."""
        low = min(self.published, self.p80) - tolerance
        high = max(self.published, self.p80) + tolerance
        ratio = max(self.p80 - now, 1.0) / max(self.date - now, 1)
        return now + (low - now) / ratio, now + (high - now) / ratio


def promises_of(case: Case, grid: Grid, kept: Placed, p80: Dates) -> list[Promise]:
    """Return the published dates that are still to come, `p80` being those of the kept plan."""
    back = application_ends(grid, kept.end)
    services = {service.id: service for service in case.services}
    found = []
    for line in case.published:
        if line.kind == "application":
            names: Sequence[str] = (line.id,)
        else:
            service = services.get(line.id)
            if service is None:
                continue
            names = (*service.requires, *(share.application for share in service.shares))
        indices = tuple(grid.links.application[name] for name in names if name in grid.links.application)
        dates = [back[a] for a in indices]
        if not dates or NOWHERE in dates or max(dates) <= case.now or (line.kind, line.id) not in p80:
            continue
        promise = Promise(line.kind, line.id, line.p80, indices, max(dates), p80[line.kind, line.id])
        found.append(promise)
    return found


@dataclass(frozen=True, slots=True)
class Priced:
    """A grid with a price on each promise that is moved; `lines` says which milestone each promise has become.

    A milestone is anything that has a table of losses by hour: so is a promise kept or not. Tables may only rise, or
    the compiled search would give up too soon: they price what comes late. What comes before `low` is priced by
    `early_cost`.
    """

    grid: Grid
    price: float
    lines: tuple[int, ...] = ()
    low: tuple[float, ...] = ()
    width: tuple[float, ...] = ()

    def early_cost(self, back: Sequence[int]) -> float:
        """Return the price of what is back too early, `back` being the hours of the promises."""
        cost = 0.0
        for hour, low, width in zip(back, self.low, self.width, strict=True):
            if hour < low:
                cost += self.price * _steep((low - hour) / width)
        return cost


def _steep(outside: float) -> float:
    # Further away is a little worse, so that the search finds its way back.
    return 1.0 + min(outside, 10.0) * 0.05


def priced(grid: Grid, promises: Sequence[Promise], price: float) -> Priced:
    """Return the grid with a price, in units of care, on each promise that is moved."""
    lines, lows, widths = [], [], []
    for k, promise in enumerate(promises):
        low, high = promise.allowed(grid.case.now, TOLERANCE_HOURS * _MARGIN)
        width = max((high - low) / 2.0, 1.0)
        table = array("d", bytes(8 * (grid.horizon + 1)))
        for hour in range(max(int(high) + 1, 0), grid.horizon + 1):
            table[hour] = price * _steep((hour - high) / width)
        lines.append(Milestone(-1 - k, promise.id, promise.applications, 1.0, table))
        lows.append(low)
        widths.append(width)
    first = len(grid.milestones)
    return Priced(
        replace(grid, milestones=[*grid.milestones, *lines], arrays=None), price,
        tuple(range(first, first + len(lines))), tuple(lows), tuple(widths),
    )  # fmt: skip


def moved_dates(case: Case, promises: Sequence[Promise], p80: Dates) -> tuple[DateMoved, ...]:
    """Return every promise with its P80 in the kept plan and in the new one."""
    found = []
    for promise in promises:
        now = p80.get((promise.kind, promise.id), promise.p80)
        low, high = (
            min(promise.published, promise.p80) - TOLERANCE_HOURS,
            max(promise.published, promise.p80) + TOLERANCE_HOURS,
        )
        found.append(
            DateMoved(
                kind="application" if promise.kind == "application" else "service",
                id=promise.id, published=promise.published, repaired=round(promise.p80), now=round(now),
                chosen=not low <= now <= high,
            )
        )  # fmt: skip
    return tuple(found)
