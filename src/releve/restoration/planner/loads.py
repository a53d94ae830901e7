"""Work asked of each skill and resource, and what people and units can give, between the edges of a bound."""

from __future__ import annotations

from collections.abc import Sequence, Set
from typing import Any

import numpy as np

from releve.restoration.planner.buckets import Clockwork
from releve.restoration.planner.grid import Grid

__all__ = ["Loads", "borne_by", "closures", "counted_hours"]

Array = Any


class Loads:
    """By skill (its number) and resource (after the skills): what is asked, and by whom it can be given.

    `owed[k][a]`: work by each edge (rows) when application a is back by each edge (columns). `offered[k]`: the most
    there is to work on by each edge. `own[k]`: hours between edges of people with this skill alone, or of units.
    `shared[skills]`: hours of people with several.
    """

    def __init__(self, grid: Grid, clock: Clockwork, heads: Sequence[int], planned: Set[int]) -> None:
        self.grid, self.clock = grid, clock
        self.owed: dict[int, dict[int, Array]] = {}
        self.offered: dict[int, Array] = {}
        self.offered_by: dict[int, dict[int, Array]] = {}
        self.work_by: dict[int, dict[int, float]] = {}
        self.own: dict[int, Array] = {}
        self.shared: dict[tuple[int, ...], Array] = {}
        self._skills = {skill.id: k for k, skill in reversed(list(enumerate(grid.case.skills)))}
        self._ask(heads, planned)
        self._give()

    def _ask(self, heads: Sequence[int], planned: Set[int]) -> None:
        grid, clock, resources = self.grid, self.clock, len(self._skills)
        for a in planned:
            for i in grid.own[a]:
                if grid.fixed[i] >= 0 or not grid.work[i] or self._has_its_people(i):
                    continue
                owed = clock.owed(i)
                ready = max([grid.ready[i], *(heads[j] for j in grid.before[i])])
                offered = clock.offered(i, ready)
                lines = [(resources + resource, units) for resource, units in grid.uses[i]]
                if grid.options[i] >= 0:
                    for line in grid.case.tasks[i].team:
                        if line.count > 0 and line.skill in self._skills:
                            lines.append((self._skills[line.skill], line.count))
                for k, number in lines:
                    by_application = self.owed.setdefault(k, {})
                    by_application[a] = by_application.get(a, 0.0) + number * owed
                    self.offered[k] = self.offered.get(k, 0.0) + number * offered
                    by_application = self.offered_by.setdefault(k, {})
                    by_application[a] = by_application.get(a, 0.0) + number * offered
                    work = self.work_by.setdefault(k, {})
                    work[a] = work.get(a, 0.0) + number * grid.work[i]

    def soonest(self, groups: Array) -> Array:
        """Return for each group of applications (a row of 0 and 1) the first edge by which all its work can be done.

        By those able, of each skill alone and of all people together; the number of edges: by none of them.
        """
        grid, edges, resources = self.grid, self.clock.edges, len(self._skills)
        first = np.zeros(len(groups), np.int64)
        kinds = [*([k] for k in self.owed), [k for k in self.owed if k < resources]]
        for kind in kinds:
            asked = np.zeros((len(grid.own), len(edges)))
            for k in kind:
                for a, offered in self.offered_by[k].items():
                    asked[a] += offered
            offered = groups @ asked
            whole = groups @ np.array(
                [sum(self.work_by[k].get(a, 0.0) for k in kind) for a in range(len(grid.own))]
            )
            give = sum((self.own[k] for k in kind), np.zeros(len(edges) - 1))
            for skills, hours in self.shared.items():
                if any(k in skills for k in kind):
                    give = give + hours
            done = np.minimum(offered[:, 0], 0.0)
            late = whole > done + 1e-6
            count = late.astype(np.int64)
            for e in range(1, len(edges)):
                done = np.minimum(offered[:, e], done + give[e - 1])
                count += whole > done + 1e-6
            first = np.maximum(first, count)
        return first

    def _has_its_people(self, i: int) -> bool:
        """Under way with reported people, whose skills may be others than those asked: it asks nothing here."""
        return self.grid.started[i] >= 0

    def _give(self) -> None:
        grid, edges, resources = self.grid, self.clock.edges, len(self._skills)
        self.own = {k: np.zeros(len(edges) - 1) for k in self.owed}
        for person, mask in zip(grid.case.people, grid.people_masks, strict=True):
            skills = tuple(
                sorted({self._skills[s] for s in person.skills if s in self._skills} & self.owed.keys())
            )
            hours = np.diff(counted_hours(mask, grid.horizon)[edges]).astype(np.float64)
            if len(skills) == 1:
                self.own[skills[0]] += hours
            elif skills:
                self.shared[skills] = self.shared.get(skills, 0.0) + hours
        for k in self.owed:
            if k >= resources:
                self.own[k] = grid.units[k - resources] * np.diff(edges).astype(np.float64)


def counted_hours(mask: int, horizon: int) -> Array:
    """Return how many hours of a mask lie before each hour, 0 to the horizon."""
    packed = np.frombuffer(mask.to_bytes(horizon // 8 + 1, "little"), np.uint8)
    found = np.zeros(horizon + 1, np.int32)
    np.cumsum(np.unpackbits(packed, bitorder="little")[:horizon], out=found[1:])
    return found


def borne_by(grid: Grid, applications: Sequence[int]) -> list[int]:
    """Return applications with those without tasks replaced by what they need."""
    found: set[int] = set()
    seen: set[int] = set()
    waiting = list(applications)
    while waiting:
        a = waiting.pop()
        if a not in seen:
            seen.add(a)
            if grid.links.own[a]:
                found.add(a)
            else:
                waiting += grid.needed[a]
    return sorted(found)


def closures(grid: Grid) -> Array:
    """Return a square of truths: row a says which applications must be back for application a to be, itself too.

    Needs that hold back only a part of an application count too: it is not back before they are.
    """
    found = np.eye(len(grid.own), dtype=bool)
    for a in grid.links.application_order:
        for other in grid.needed[a]:
            found[a] |= found[other]
    return found
