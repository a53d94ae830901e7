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
from releve.restoration.plan import Plan
from releve.restoration.planner.grid import Grid, Milestone
from releve.restoration.planner.placing import NOWHERE, Placed, application_ends
from releve.restoration.replanning.moves import DateMoved

__all__ = [
    "FAR_HOURS",
    "SLOPE",
    "TOLERANCE_HOURS",
    "Priced",
    "Promise",
    "moved_dates",
    "priced",
    "promises_of",
    "simulated",
]

# A published date whose P80 comes later by no more than this is not announced anew (planning.md, section 8, target 7).
TOLERANCE_HOURS = 48
# The search keeps to a part of it: the date is only nearly in proportion to its P80.
_MARGIN = 0.6
# A date that the events have broken is announced anew in any case, and nobody has heard yet what it would be.
_BROKEN_COUNTS = 0.25
# Further away is a little worse, so that the search finds its way back: parts of the price an hour, up to so many.
SLOPE, FAR_HOURS = 1e-4, 500.0

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

    @property
    def stands(self) -> bool:
        """Whether the events alone leave it as it was announced: what comes earlier than announced keeps its date."""
        return self.p80 - self.published <= TOLERANCE_HOURS

    def latest(self, now: int) -> float:
        """Return until which date of a plan the P80 stays near enough to what was announced.

        When that does not stand: to the P80 of the kept plan.
        """
        near, slack = TOLERANCE_HOURS * _MARGIN, TOLERANCE_HOURS * (1.0 - _MARGIN) / 2.0
        high = max(self.published + near, self.p80 + slack) if self.stands else self.p80 + near
        ratio = max(self.p80 - now, 1.0) / max(self.date - now, 1)
        return now + (high - now) / ratio


def simulated(case: Case, plan: Plan, *, runs: int, seed: int) -> Dates:
    """Return the P80 of each application and service; beyond what was looked at, its last hour."""
    from releve.restoration.forecast.simulate import simulate

    forecast = simulate(case, plan, runs=runs, seed=seed)
    found: dict[tuple[str, str], float] = {}
    for kind, lines in (("application", forecast.applications), ("service", forecast.services)):
        for line in lines:
            found[kind, line.id] = forecast.horizon if line.p80 is None else line.p80
    return found


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
    """A grid with a price on promises that are moved, when more are than `free`.

    Each promise is a milestone of the grid that loses no care (`lines` says which): what dates an order then dates
    them too. One that is back after `high` is moved, and counts for as much as `each` says.
    """

    grid: Grid
    price: float = 0.0
    free: float = 0.0
    lines: tuple[int, ...] = ()
    high: tuple[float, ...] = ()
    each: tuple[float, ...] = ()

    def moved(self, back: Sequence[int]) -> float:
        """Return how many of these dates of the promises are moved beyond the free ones, and a little more."""
        moved, outside = 0.0, 0.0
        for hour, high, each in zip(back, self.high, self.each, strict=True):
            if hour > high:
                moved += each
                outside += min(hour - high, FAR_HOURS)
        return max(moved - self.free, 0.0) + SLOPE * outside


def priced(grid: Grid, promises: Sequence[Promise], price: float, free: float) -> Priced:
    """Return the grid with a price, in units of care, on each promise that is moved beyond the `free` first ones."""
    nothing = array("d", bytes(8 * (grid.horizon + 1)))
    lines = [Milestone(-1, promise.id, promise.applications, 0.0, nothing) for promise in promises]
    first = len(grid.milestones)
    return Priced(
        replace(grid, milestones=[*grid.milestones, *lines], arrays=None), price, free,
        tuple(range(first, first + len(lines))), tuple(promise.latest(grid.case.now) for promise in promises),
        tuple(1.0 if promise.stands else _BROKEN_COUNTS for promise in promises),
    )  # fmt: skip


def moved_dates(promises: Sequence[Promise], p80: Dates) -> tuple[DateMoved, ...]:
    """Return every promise with its P80 in the kept plan and in the new one."""
    found = []
    for promise in promises:
        now = p80.get((promise.kind, promise.id), promise.p80)
        chosen = promise.stands and now - promise.published > TOLERANCE_HOURS
        found.append(
            DateMoved(
                kind="application" if promise.kind == "application" else "service",
                id=promise.id, published=promise.published, repaired=round(promise.p80), now=round(now), chosen=chosen,
            )
        )  # fmt: skip
    return tuple(found)
