"""The care an order loses for certain, place after place: what a search compares before it has decoded all. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from releve.restoration.planner.earliest import earliest_ends
from releve.restoration.planner.grid import Grid
from releve.restoration.planner.orders import borne_by
from releve.restoration.planner.placing import NOWHERE, Placed, cost_of, place

__all__ = ["Along"]


class Along:
    """Costs of orders of one grid, before some of their places and at the end.

    Before a place, a milestone is taken to be back when those of its applications are that stand whole by then, and
    no earlier than it could be if everybody were free.
    """

    def __init__(self, grid: Grid) -> None:
        self._grid = grid
        self._carried: list[list[int]] = [[] for _ in grid.own]
        self._soonest = []
        earliest = earliest_ends(grid)
        for number, milestone in enumerate(grid.milestones):
            applications = borne_by(grid, milestone.applications)
            hour = max((earliest[i] for a in applications for i in grid.own[a]), default=0)
            self._soonest.append(min(hour, grid.horizon))
            for a in applications:
                self._carried[a].append(number)

    def costs(self, order: Sequence[int], patience: Sequence[int], step: int) -> list[float]:
        """Return the cost known before every `step`-th place of the order, and last the whole of it."""
        placed = place(self._grid, order, patience)
        return [*self._known(placed, placed.marks[::step]), cost_of(self._grid, placed)]

    def _known(self, placed: Placed, marks: Sequence[int]) -> list[float]:
        grid, back, found = self._grid, list(self._soonest), []
        whole = [sum(grid.fixed[i] < 0 for i in tasks) for tasks in grid.own]
        ends = [max((grid.fixed[i] for i in tasks), default=0) for tasks in grid.own]
        total, done = sum(self._lost(m, hour) for m, hour in enumerate(back)), 0
        for mark in marks:
            for i in placed.sequence[done:mark]:
                a = grid.links.of[i]
                whole[a] -= 1
                ends[a] = max(ends[a], grid.horizon + 1 if placed.end[i] == NOWHERE else placed.end[i])
                for m in () if whole[a] else self._carried[a]:
                    if ends[a] > back[m]:
                        total += self._lost(m, ends[a]) - self._lost(m, back[m])
                        back[m] = ends[a]
            done = mark
            found.append(total)
        return found

    def _lost(self, number: int, hour: int) -> float:
        milestone = self._grid.milestones[number]
        return (
            milestone.weight * milestone.table[hour]
            if hour <= self._grid.horizon
            else self._grid.missing_cost
        )
