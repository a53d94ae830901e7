"""Dates from an order, in pure Python: each task at the first place where its people, units and calendars are free.

Serial schedule generation with insertion (Kolisch & Hartmann 1999), calendars and people inside. `kernel.py` does the
same, compiled; their results are equal, and a test holds them to it.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field

from releve.restoration.planner.grid import Grid, Option

__all__ = ["NOWHERE", "Placed", "application_ends", "cost_of", "loss_of", "place"]

_NEVER = 1 << 30
NOWHERE = -1  # the end of a task that finds no place within the horizon


@dataclass(slots=True)
class Placed:
    """Where an order puts every task: start, end (`NOWHERE`: no place) and which of its teams does it (-1: none)."""

    start: list[int]
    end: list[int]
    team: list[int]
    sequence: list[int] = field(default_factory=list)  # tasks as they were placed
    marks: list[int] = field(default_factory=list)  # how many of them before each place of the order


def place(grid: Grid, order: Sequence[int], patience: Sequence[int] | None = None) -> Placed:
    """Return where the tasks stand when applications are taken up in this order (indices, each once).

    An application first pulls what it waits for and is not placed yet. `patience`: how many hours later a task may end
    rather than be done by each team of the grid (all teams, one list after the other); by default the grid's own.
    """
    return _Placing(grid, grid.patience if patience is None else patience).run(order)


class _Placing:
    def __init__(self, grid: Grid, patience: Sequence[int]) -> None:
        self.grid, self.patience = grid, patience
        count = grid.size
        self.placed = Placed([NOWHERE] * count, [NOWHERE] * count, [-1] * count)
        self.done = [False] * count
        self.begins: list[list[int]] = [[] for _ in grid.people_masks]  # hours at which each person is taken
        self.frees: list[list[int]] = [[] for _ in grid.people_masks]
        self.free = [array("i", [units]) * grid.horizon for units in grid.units]

    def run(self, order: Sequence[int]) -> Placed:
        grid = self.grid
        for i, end in enumerate(grid.fixed):
            if end >= 0:
                self.placed.start[i], self.placed.end[i], self.done[i] = grid.started[i], end, True
        for i in grid.running:
            self._place(i)
        for application in order:
            self.placed.marks.append(len(self.placed.sequence))
            for i in grid.own[application]:
                if not self.done[i]:
                    self._pull(i)
        return self.placed

    def _pull(self, task: int) -> None:
        waiting = [task]
        while waiting:
            i = waiting[-1]
            for j in self.grid.before[i]:
                if not self.done[j]:
                    waiting.append(j)
                    break
            else:
                waiting.pop()
                self._place(i)

    def _place(self, i: int) -> None:
        grid, placed = self.grid, self.placed
        self.done[i] = True
        placed.sequence.append(i)
        ready = grid.ready[i]
        for j in grid.before[i] if grid.started[i] < 0 else ():  # what is under way waits for nothing more
            end = placed.end[j]
            if end == NOWHERE:
                return
            ready = max(ready, end)
        if not grid.work[i]:
            placed.start[i] = grid.started[i] if grid.started[i] >= 0 else ready
            placed.end[i] = ready
            return
        best_start, best_end, best = NOWHERE, grid.horizon + 1, -1
        if grid.options[i] < 0:
            option = Option((), grid.machine[i])
            best_start, best_end = self._first(i, option, ready, grid.horizon + 1)
        else:
            first, until = grid.team_at[grid.options[i]], _NEVER
            for number, option in enumerate(grid.teams[grid.options[i]]):
                patience = self.patience[first + number]
                start, end = self._first(i, option, ready, until - patience)
                if end + patience < until and end <= grid.horizon:
                    best_start, best_end, best, until = start, end, number, end + patience
            option = grid.teams[grid.options[i]][best]
        if best_end > grid.horizon:
            return
        placed.start[i], placed.end[i], placed.team[i] = best_start, best_end, best
        if grid.started[i] >= 0:
            placed.start[i] = grid.started[i]
        since = best_start if grid.started[i] < 0 else max(min(grid.started[i], best_start), 0)
        for person in option.people:
            begin = since
            if grid.started[i] >= 0:  # it holds them already, also while the team as a whole does not work
                begin = max([begin, *(until for until in self.frees[person] if until <= best_start)])
            at = bisect_left(self.begins[person], begin)
            self.begins[person].insert(at, begin)
            self.frees[person].insert(at, best_end)
        for resource, units in grid.uses[i]:
            free = self.free[resource]
            for hour in range(since, best_end):
                free[hour] -= units

    def _first(self, i: int, option: Option, ready: int, before: int) -> tuple[int, int]:
        """Return the first place of this team that ends before `before`; else nowhere, beyond the horizon."""
        grid = self.grid
        nowhere = NOWHERE, grid.horizon + 1
        profile, work = grid.profiles[option.profile], grid.work[i]
        while True:
            span = profile.span(ready, work)
            if span is None or span[1] >= before:
                return nowhere
            start, end = span
            again = ready
            for person in option.people:
                # Only the last stay that begins before the end can be in the way, and a later start ends no earlier.
                last = bisect_left(self.begins[person], end) - 1
                if last >= 0 and self.frees[person][last] > start:
                    again = max(again, self.frees[person][last])
            if again == ready:
                for resource, units in grid.uses[i]:
                    free = self.free[resource]
                    for hour in range(end - 1, start - 1, -1):
                        if free[hour] < units:
                            again = max(again, hour + 1)
                            break
            if again == ready:
                return start, end
            ready = again


def loss_of(grid: Grid, end: Sequence[int]) -> tuple[float, int]:
    """Return the care lost when tasks end so, and how many milestones are not back within the horizon.

    Those not back are not counted in the loss.
    """
    back = application_ends(grid, end)
    lost, missing = 0.0, 0
    for milestone in grid.milestones:
        hour = 0
        for application in milestone.applications:
            if back[application] == NOWHERE:
                missing += 1
                break
            hour = max(hour, back[application])
        else:
            lost += milestone.weight * milestone.table[min(hour, grid.horizon)]
    return lost, missing


def cost_of(grid: Grid, placed: Placed) -> float:
    """Return the care lost, and much more for each milestone that is not back within the horizon."""
    lost, missing = loss_of(grid, placed.end)
    return lost + missing * grid.missing_cost if missing else lost


def application_ends(grid: Grid, end: Sequence[int]) -> list[int]:
    """Return the hour at which each application is back; `NOWHERE` when it is not."""
    back = [NOWHERE] * len(grid.own)
    for number in (*grid.links.application_order, *range(len(grid.own))):
        if grid.lost[number] or back[number] != NOWHERE:
            continue
        tasks = grid.links.own[number]
        hours = [end[i] for i in tasks] if tasks else [back[other] for other in grid.needed[number]]
        back[number] = NOWHERE if NOWHERE in hours else max(hours, default=0)
    return back
