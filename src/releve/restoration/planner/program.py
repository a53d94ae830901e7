"""The linear program behind the bound: which part of each application is back by which hour, at the least loss.

Time is cut at edges (`buckets.py`). F[a, e] in 0..1 says whether application a is back by edge e, Y[m, e] the same of
a milestone that needs several. Any plan gives values that satisfy all rows, at a cost no higher than its loss:

- F and Y never fall; a milestone is back no earlier than what it needs; an application no earlier than the way from
  the end of what it needs to its own end takes when everybody is free;
- of each task of an application that is back by an edge, so much work must have been done by each earlier edge as
  does not fit in between; the sum over tasks asks hours of each skill;
- hours of a skill are worked by people who have it, each person one at a time, and not before there is anything to
  work on; units of resources likewise;
- with `apart`, work of the scarcest skill is told apart by application: an hour in which some of them have nothing to
  be done yet is no hour gained for the others.

Source: time-indexed relaxations (Pritsker 1969; Dyer & Wolsey 1990), resources aggregated over time as in Christofides,
Alvarez-Valdes and Tamarit 1987. Any multipliers give a proven bound (`proven`), exact or not.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

from releve.restoration.planner.buckets import Clockwork
from releve.restoration.planner.earliest import earliest_ends
from releve.restoration.planner.grid import Grid
from releve.restoration.planner.loads import Loads, closures
from releve.restoration.planner.orders import borne_by

__all__ = ["Builder", "Program", "build"]

Array = Any


@dataclass(slots=True)
class Program:
    """Minimise `constant` + c x, rows x <= b, low <= x <= high."""

    constant: float = 0.0
    cost: Array = None
    low: Array = None
    high: Array = None
    rows: Array = None
    limits: Array = None
    _columns: list[tuple[Array, Array]] = field(default_factory=list)
    _entries: list[tuple[Array, Array, Array]] = field(default_factory=list)
    _limits: list[Array] = field(default_factory=list)
    _width: int = 0
    _height: int = 0

    def variables(self, high: Array, cost: Array) -> int:
        """Add a run of variables from 0 to `high`; return where it begins."""
        first, self._width = self._width, self._width + len(high)
        self._columns.append((np.asarray(high, np.float64), cost))
        return first

    def add(self, row: Array, column: Array, value: Array, limit: Array) -> None:
        """Add rows numbered from 0: the sum of value x variable is at most `limit`."""
        self._entries.append(
            (np.asarray(row) + self._height, np.asarray(column), np.asarray(value, np.float64))
        )
        self._limits.append(np.asarray(limit, np.float64))
        self._height += len(limit)

    @property
    def height(self) -> int:
        """The number of rows so far."""
        return self._height

    def no_more(self, columns: Array, others: Array) -> None:
        """Add rows: each of these variables is at most its other."""
        count = len(columns)
        row = np.repeat(np.arange(count), 2)
        self.add(row, np.stack([columns, others], 1).ravel(), np.tile([1.0, -1.0], count), np.zeros(count))

    def close(self) -> None:
        """Put together what was added."""
        nothing = np.zeros(0)
        self.high = np.concatenate([nothing, *(high for high, _ in self._columns)])
        self.cost = np.concatenate([nothing, *(cost for _, cost in self._columns)])
        self.low = np.zeros(self._width)
        self.limits = np.concatenate([nothing, *self._limits])
        row, column, value = (
            np.concatenate([nothing, *(entry[k] for entry in self._entries)]) for k in range(3)
        )
        places = (row.astype(np.int64), column.astype(np.int64))
        self.rows = csr_matrix((value, places), shape=(self._height, self._width))

    def proven(self, multipliers: Array) -> float:
        """Return a bound that holds whatever the multipliers (of the rows, from 0): the Lagrangian over the box.

        Source: Neumaier & Shcherbina 2004. A little is taken off for the rounding of the sums.
        """
        y = np.maximum(multipliers, 0.0)
        reduced = self.cost + self.rows.T @ y
        least = np.minimum(reduced, 0.0) * self.high
        size = abs(self.constant) + float(np.abs(least).sum()) + float(np.abs(y * self.limits).sum())
        return self.constant - float(y @ self.limits) + float(least.sum()) - 1e-12 * size


def build(grid: Grid, edges: Array, *, apart: bool = False) -> Program:
    """Return the program of a case over these edges; `apart` makes it some four times as long to solve."""
    return Builder(grid, edges, apart).program


class Builder:
    """The program of a case, and what it was made from.

    `head`, `service_heads`: the earliest hour at which each application and each milestone could be back; `back`: where
    F of each application still to come begins; `hours_at[k]`: the first of the rows that say what hours a kind has.
    """

    def __init__(self, grid: Grid, edges: Array, apart: bool = False) -> None:
        self.grid, self.edges, self.count, self.apart = grid, edges, len(edges), apart
        self.clock = Clockwork(grid, edges)
        self.program = Program()
        self.hours_at: dict[int, int] = {}
        self.service_heads: list[int] = []
        self.heads = earliest_ends(grid)
        of = grid.links.of
        planned = [
            a
            for a, tasks in enumerate(grid.own)
            if not grid.lost[a] and any(grid.fixed[i] < 0 for i in tasks)
        ]
        self.last_tasks = {
            a: [i for i in grid.own[a] if not any(of[j] == a for j in grid.links.after[i])] for a in planned
        }
        self.loads = Loads(grid, self.clock, self.heads, set(planned))
        self.head = {a: max(self.heads[i] for i in grid.own[a]) for a in range(len(grid.own)) if grid.own[a]}
        self.closure = closures(grid)
        self._later_heads()
        self.first_edge = {a: int(np.searchsorted(edges, self.head[a])) for a in planned}
        self.costs: dict[int, Array] = {a: np.zeros(self.count) for a in planned}
        self.back: dict[int, int] = {}
        for a in planned:
            high = np.ones(self.count)
            high[: max(self.first_edge[a], 1)] = (
                0.0  # nothing is back at the first edge: all of it was to be planned
            )
            self.back[a] = self.program.variables(high, self.costs[a])
        self._milestones()
        self._needs()
        self._load()
        for a, first in self.back.items():
            at = np.arange(max(self.first_edge[a], 1), self.count - 1)
            self.program.no_more(first + at, first + at + 1)
        self.program.close()

    def _later_heads(self) -> None:
        """Raise heads: all an application needs, directly or not, is done before, by the people there are."""
        grid = self.grid
        soonest = self.loads.soonest(self.closure.astype(np.float64))
        above = self.closure & ~np.eye(len(self.closure), dtype=bool)
        joined = self.loads.soonest(above.astype(np.float64))
        for a in grid.links.application_order:
            if a not in self.last_tasks:
                continue
            head = max(self.head[a], self._hour(int(soonest[a])))
            before = self._hour(int(joined[a])) if above[a].any() else 0
            for i in grid.own[a]:
                if grid.started[i] >= 0 or i not in self.clock.tail:
                    continue
                way = self.clock.tail[i][self.clock.earliest_end(i)]
                others = set(grid.links.through[i].values())
                ready = [self.head[other] for other in others if other in self.head]
                if others and len(others) == len(grid.needed[a]):  # it waits for all that is needed
                    ready.append(before)
                for hour in ready:
                    head = max(head, int(way[min(hour, grid.horizon)]))
            self.head[a] = min(head, grid.horizon)

    def _hour(self, edge: int) -> int:
        """Return the first hour after the edge before this one: what is not done by that edge is back no earlier."""
        return int(self.edges[edge - 1]) + 1 if edge else 0

    def _milestones(self) -> None:
        grid = self.grid
        groups = [borne_by(grid, milestone.applications) for milestone in grid.milestones]
        joined = np.zeros((len(groups), len(grid.own)), bool)
        for m, needed in enumerate(groups):
            for a in needed:
                joined[m] |= self.closure[a]
        soonest = self.loads.soonest(joined.astype(np.float64))
        for m, milestone in enumerate(grid.milestones):
            needed = groups[m]
            waiting = [a for a in needed if a in self.back]
            table = np.frombuffer(milestone.table, np.float64)
            head = max((self.head[a] for a in needed), default=0)
            head = min(max(head, self._hour(int(soonest[m]))), grid.horizon)
            self.service_heads.append(head)
            if not waiting:
                self.program.constant += milestone.weight * table[head]
                continue
            hours = np.maximum(self._back_within(waiting), head)
            end = max(int(self.edges[-1]), head)
            price = np.maximum.accumulate(np.append(table[hours], table[min(end, grid.horizon)]))
            self.program.constant += milestone.weight * price[-1]
            gained = -milestone.weight * np.diff(price)
            if len(waiting) == 1:
                self.costs[waiting[0]] += gained
                continue
            first = max(int(np.searchsorted(self.edges, head)), 1)
            high = np.ones(self.count)
            high[:first] = 0.0
            own = self.program.variables(high, gained)
            at = np.arange(first, self.count)
            for a in waiting:
                self.program.no_more(own + at, self.back[a] + at)

    def _back_within(self, applications: list[int]) -> Array:
        """Return for each edge the earliest hour after the edge before at which one of these could be back."""
        horizon = self.grid.horizon
        before = np.concatenate([self.edges[:1], self.edges[:-1]])
        found = np.full(self.count, horizon)
        for a in applications:
            for i in self.last_tasks[a]:
                if not self.grid.work[i]:
                    return np.minimum(before + 1, horizon)
                for profile in self.clock.profiles[i]:
                    ends = self.clock.ends[profile]
                    at = np.minimum(self.clock.counted[profile][before], len(ends) - 1)
                    found = np.minimum(found, ends[at])
        return np.minimum(found, self.edges)  # never later than the edge itself

    def _needs(self) -> None:
        """An application that is needed is back early enough for the shortest way from there."""
        grid, clock = self.grid, self.clock
        for a in self.back:
            ways: dict[int, Array] = {}
            for i in grid.own[a]:
                if grid.started[i] >= 0 or i not in clock.tail:
                    continue
                way = clock.tail[i][clock.earliest_end(i)]
                for other in set(grid.links.through[i].values()) & self.back.keys():
                    ways[other] = np.maximum(ways.get(other, 0), way)
            at = np.arange(max(self.first_edge[a], 1), self.count)
            for other, way in ways.items():
                latest = np.searchsorted(way[: grid.horizon + 1], self.edges[at], side="right") - 1
                by = np.minimum(np.searchsorted(self.edges, latest), at)
                self.program.no_more(self.back[a] + at, self.back[other] + by)

    def _load(self) -> None:
        """Work asked of each skill and resource by each edge is at most what people and units can give."""
        loads = self.loads
        spans, at = self.count - 1, np.arange(self.count - 1)
        done = {
            k: self.program.variables(offered, np.zeros(self.count)) for k, offered in loads.offered.items()
        }
        apart = set(loads.of_scarcest()) if self.apart else set()
        shared: dict[int, list[int]] = {k: [] for k in done}
        for skills, capacity in loads.shared.items():
            parts = [self.program.variables(capacity, np.zeros(spans)) for _ in skills]
            rows, columns = np.tile(at, len(parts)), np.concatenate([part + at for part in parts])
            self.program.add(rows, columns, np.ones(spans * len(parts)), capacity)
            for k, part in zip(skills, parts, strict=True):
                shared[k].append(part)
        for k, work in done.items():
            worked = np.concatenate([work + at + 1, work + at, *(part + at for part in shared[k])])
            values = np.repeat([1.0] + [-1.0] * (1 + len(shared[k])), spans)
            self.hours_at[k] = self.program.height
            self.program.add(np.tile(at, 2 + len(shared[k])), worked, values, loads.own[k])
            lines, places, asked = [at], [work + at + 1], [np.full(spans, -1.0)]
            for a in loads.owed[k]:
                row, column, change = self._owed(k, a)
                if k not in apart:
                    lines.append(row)
                    places.append(column)
                    asked.append(change)
                    continue
                own = self.program.variables(loads.offered_by[k][a], np.zeros(self.count))
                self.program.no_more(own + at, own + at + 1)
                self.program.add(
                    np.concatenate([at, row]), np.concatenate([own + at + 1, column]),
                    np.concatenate([np.full(spans, -1.0), change]), np.zeros(spans),
                )  # fmt: skip
                lines.append(at)
                places.append(own + at + 1)
                asked.append(np.ones(spans))
            entries = np.concatenate(lines), np.concatenate(places), np.concatenate(asked)
            self.program.add(*entries, np.zeros(spans))
            if k in apart:  # as much as the sum of them, no more
                self.program.add(entries[0], entries[1], -entries[2], np.zeros(spans))

    def _owed(self, k: int, a: int) -> tuple[Array, Array, Array]:
        """Return rows (edges but the first), columns and values: work owed to an application by each edge."""
        owed = self.loads.owed[k][a]
        change = owed.copy()
        change[:, :-1] -= owed[:, 1:]
        change[:, : self.first_edge[a]] = 0.0
        row, column = np.nonzero(np.abs(change) > 1e-9)
        late = row > 0
        row, column = row[late], column[late]
        return row - 1, self.back[a] + column, change[row, column]
