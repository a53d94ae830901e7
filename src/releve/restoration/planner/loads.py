"""Work asked of each skill and resource, and what people and units can give, between the edges of a bound.

Work of a skill that can only be done in some of its hours (with a vendor there by day, by two people who share few
hours) is a kind of its own: the Saturdays of those who have the skill do not help it.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from typing import Any

import numpy as np

from releve.restoration.planner.buckets import Clockwork
from releve.restoration.planner.grid import Grid

__all__ = ["Loads", "closures", "counted_hours"]

Array = Any


class Loads:
    """By kind of work (`kinds`: a skill and the hours it is done in) and resource (after the kinds, `units`).

    `owed[k][a]`: work by each edge (rows) when application a is back by each edge (columns). `offered[k]`: the most
    there is to work on by each edge. `own[k]`: hours between edges of people in which they can do this kind alone, or
    of units. `shared[kinds]`: hours in which they can do several.
    """

    def __init__(self, grid: Grid, clock: Clockwork, heads: Sequence[int], planned: Set[int]) -> None:
        self.grid, self.clock = grid, clock
        self.owed: dict[int, dict[int, Array]] = {}
        self.offered: dict[int, Array] = {}
        self.offered_by: dict[int, dict[int, Array]] = {}
        self.work_by: dict[int, dict[int, float]] = {}
        self.own: dict[int, Array] = {}
        self.shared: dict[tuple[int, ...], Array] = {}
        self.kinds: list[tuple[str, int]] = []
        self._kind: dict[tuple[str, int], int] = {}
        asking = [i for a in sorted(planned) for i in grid.own[a] if self._asks(i)]
        self._sort_out(asking)
        for i in asking:
            self._ask(i, heads)
        self._give()

    def _asks(self, i: int) -> bool:
        """Return whether hours are asked; one under way has reported people, whose skills may be others than asked."""
        grid = self.grid
        return grid.fixed[i] < 0 and grid.work[i] > 0 and grid.started[i] < 0

    def _sort_out(self, asking: Sequence[int]) -> None:
        """Number the kinds of work: of each skill that of any of its hours, and one for all that can use only some."""
        grid = self.grid
        self._hours = dict.fromkeys((skill.id for skill in grid.case.skills), 0)
        for person, mask in zip(grid.case.people, grid.people_masks, strict=True):
            for skill in self._hours.keys() & set(person.skills):
                self._hours[skill] |= mask
        some: dict[str, int] = {}
        for i in asking:
            for skill, _, hours in self._lines(i):
                if hours != self._hours[skill]:
                    some[skill] = some.get(skill, 0) | hours
        for i in asking:
            for skill, _, hours in self._lines(i):
                whole = self._hours[skill]
                kind = skill, whole if hours == whole else some[skill]
                if kind not in self._kind:
                    self._kind[kind] = len(self.kinds)
                    self.kinds.append(kind)
        self._some = some

    def _lines(self, i: int) -> list[tuple[str, int, int]]:
        """Return the skills a task asks for, of how many people, and in which of the hours of the skill."""
        grid = self.grid
        if grid.options[i] < 0:
            return []
        hours = 0
        for profile in grid.best_profiles[grid.options[i]]:
            hours |= grid.masks[profile]
        team = grid.case.tasks[i].team
        return [
            (line.skill, line.count, hours & self._hours[line.skill])
            for line in team
            if line.count > 0 and line.skill in self._hours
        ]

    def _ask(self, i: int, heads: Sequence[int]) -> None:
        grid, clock, a = self.grid, self.clock, self.grid.links.of[i]
        owed = clock.owed(i)
        offered = clock.offered(i, max([grid.ready[i], *(heads[j] for j in grid.before[i])]))
        lines = [(len(self.kinds) + resource, units) for resource, units in grid.uses[i]]
        for skill, count, hours in self._lines(i):
            whole = self._hours[skill]
            lines.append((self._kind[skill, whole if hours == whole else self._some[skill]], count))
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
        grid, edges, resources = self.grid, self.clock.edges, len(self.kinds)
        first = np.zeros(len(groups), np.int64)
        by_skill: dict[str, list[int]] = {}
        for k, (skill, _) in enumerate(self.kinds):
            by_skill.setdefault(skill, []).append(k)
        several = [those for those in by_skill.values() if len(those) > 1]
        kinds = [*([k] for k in self.owed), *several, [k for k in self.owed if k < resources]]
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

    def of_scarcest(self) -> list[int]:
        """Return the kinds of the skill of whose hours the greatest part is asked; none where no skill is asked."""
        kinds: dict[str, list[int]] = {}
        for k, (skill, _) in enumerate(self.kinds):
            kinds.setdefault(skill, []).append(k)

        def part(those: list[int]) -> float:
            asked = sum(sum(self.work_by[k].values()) for k in those)
            given = sum(float(self.own[k].sum()) for k in those)
            given += sum(
                float(hours.sum()) for s, hours in self.shared.items() if not set(s).isdisjoint(those)
            )
            return asked / max(given, 1.0)

        return max(kinds.values(), key=part, default=[])

    def _give(self) -> None:
        grid, edges, resources = self.grid, self.clock.edges, len(self.kinds)
        self.own = {k: np.zeros(len(edges) - 1) for k in self.owed}
        for person, mask in zip(grid.case.people, grid.people_masks, strict=True):
            cells: dict[tuple[int, ...], int] = {
                (): mask
            }  # the kinds that can be done, and in which hours just these
            for k, (skill, hours) in enumerate(self.kinds):
                if skill in person.skills:
                    cells = {
                        key: part
                        for kinds, cell in cells.items()
                        for key, part in (((*kinds, k), cell & hours), (kinds, cell & ~hours))
                        if part
                    }
            for kinds, cell in cells.items():
                given = np.diff(counted_hours(cell, grid.horizon)[edges]).astype(np.float64)
                if len(kinds) == 1:
                    self.own[kinds[0]] += given
                elif kinds:
                    self.shared[kinds] = self.shared.get(kinds, 0.0) + given
        for k in self.owed:
            if k >= resources:
                self.own[k] = grid.units[k - resources] * np.diff(edges).astype(np.float64)


def counted_hours(mask: int, horizon: int) -> Array:
    """Return how many hours of a mask lie before each hour, 0 to the horizon."""
    packed = np.frombuffer(mask.to_bytes(horizon // 8 + 1, "little"), np.uint8)
    found = np.zeros(horizon + 1, np.int32)
    np.cumsum(np.unpackbits(packed, bitorder="little")[:horizon], out=found[1:])
    return found


def closures(grid: Grid) -> Array:
    """Return a square of truths: row a says which applications must be back for application a to be, itself too.

    Needs that hold back only a part of an application count too: it is not back before they are.
    """
    found = np.eye(len(grid.own), dtype=bool)
    for a in grid.links.application_order:
        for other in grid.needed[a]:
            found[a] |= found[other]
    return found
