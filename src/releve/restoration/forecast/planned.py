"""What a plan says of each task, and what its policy does again: as lists of numbers, before they become rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar

from releve.restoration.plan import Plan
from releve.restoration.planner.grid import Grid

if TYPE_CHECKING:
    from releve.restoration.forecast.tables import Policy

_T = TypeVar("_T")

__all__ = ["Planned", "chains_of", "rows_of"]

_FIRST_KINDS = (
    "contain",
    "rebuild",
)  # not done again after a reinfection, unless the application has no others


class Planned:
    """What the plan says of each task: its rank, its hours, its team; and of each person and resource, what comes."""

    def __init__(self, policy: Policy) -> None:
        grid, plan = policy.grid, policy.plan
        lines = {each.task: each for each in plan.tasks}
        number = {person.id: i for i, person in reversed(list(enumerate(policy.case.people)))}
        self.start, self.end, self.option = [0] * grid.size, [0] * grid.size, [-1] * grid.size
        teams: dict[tuple[int, int], dict[tuple[int, ...], int]] = {}
        for i, task in enumerate(policy.case.tasks):
            line = lines.get(task.id)
            begins, ends = policy.teams_at[i], policy.teams_end[i]
            if grid.started[i] >= 0 and begins < ends:
                self.option[i] = begins
            if line is None or grid.fixed[i] >= 0:
                continue
            self.start[i], self.end[i] = line.start, line.end
            if (begins, ends) not in teams:
                teams[begins, ends] = {
                    tuple(sorted(policy.option_people[o])): o for o in range(ends - 1, begins - 1, -1)
                }
            people = tuple(sorted({number[p] for p in line.people if p in number}))
            self.option[i] = teams[begins, ends].get(people, self.option[i])
        self.order = _ranks(grid, plan)
        self.rank = [0] * grid.size
        for rank, i in enumerate(self.order):
            self.rank[i] = rank
        coming = sorted(
            (i for i in range(grid.size) if self.option[i] >= 0 and grid.started[i] < 0 and not grid.left[i]),
            key=lambda i: (self.start[i], self.rank[i]),
        )
        people_lists: list[list[int]] = [[] for _ in policy.case.people]
        user_lists: list[list[tuple[int, int]]] = [[] for _ in policy.case.resources]
        for i in coming:
            for person in policy.option_people[self.option[i]]:
                people_lists[person].append(i)
            for resource, units in grid.uses[i]:
                user_lists[resource].append((i, units))
        self.people_at, self.people = rows_of(people_lists)
        self.users_at, self.users = rows_of(user_lists)


def _ranks(grid: Grid, plan: Plan) -> list[int]:
    """Return tasks in the order the plan takes them up: application by application, each pulling what it waits for.

    A plan without an order (one made by hand) is followed by its starts.
    """
    begins = {each.task: (each.start, each.end) for each in plan.tasks}
    if not plan.order:
        last = (1 << 60, 0)
        place = {i: at for at, i in enumerate(grid.links.order)}
        return sorted(
            range(grid.size), key=lambda i: (begins.get(grid.case.tasks[i].id, last), place.get(i, grid.size))
        )
    order: dict[int, None] = {}
    known = grid.links.application
    names = dict.fromkeys((*plan.order, *known))
    for a in [known[name] for name in names if name in known]:
        for task in grid.own[a]:
            waiting = [task]
            while waiting:
                i = waiting[-1]
                missing = next((j for j in grid.before[i] if j not in order), -1)
                if missing >= 0 and i not in order:
                    waiting.append(missing)
                else:
                    order.setdefault(waiting.pop())
    order.update(dict.fromkeys(range(grid.size)))
    return list(order)


def chains_of(grid: Grid) -> list[list[int]]:
    """Return what is done again: by task that may fail, its rework and itself; by application, after a reinfection."""
    case = grid.case
    place = {i: at for at, i in enumerate(grid.links.order)}
    chains: list[list[int]] = []
    for i, task in enumerate(case.tasks):
        again: list[int] = []
        if task.fail_probability > 0.0:
            known = {grid.links.task[name] for name in task.rework if name in grid.links.task} - {i}
            again = [*sorted(known, key=lambda j: place.get(j, 0)), i]
        chains.append(again)
    for tasks in grid.links.own:
        again = [i for i in tasks if case.tasks[i].kind not in _FIRST_KINDS] or list(tasks)
        chains.append(sorted(again, key=lambda j: place.get(j, 0)))
    return chains


def rows_of(lists: Sequence[Sequence[_T]]) -> tuple[list[int], list[_T]]:
    """Return lists as one row, and a row of where each begins."""
    at: list[int] = [0]
    row: list[_T] = []
    for one in lists:
        row += one
        at.append(len(row))
    return at, row
