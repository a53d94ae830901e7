"""Orders of applications to start from, and those people would use without a planner. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from releve.restoration.case import Case
from releve.restoration.planner.grid import Grid

__all__ = [
    "borne_by", "closures", "order_indices", "served_together", "smith_order", "tier_order", "weight_order",
]  # fmt: skip


def tier_order(case: Case) -> tuple[str, ...]:
    """Return the applications by tier (technical ground first), in listed order inside a tier."""
    return tuple(one.id for one in sorted(case.applications, key=lambda one: one.tier))


def weight_order(case: Case) -> tuple[str, ...]:
    """Return the applications by the care a day without their services costs at its worst, dearest first."""
    weight: dict[str, float] = {}
    for service in case.services:
        worst = max((line.per_day for line in service.impact), default=0.0)
        for name in (*service.requires, *(share.application for share in service.shares)):
            weight[name] = weight.get(name, 0.0) + worst
    return tuple(one.id for one in sorted(case.applications, key=lambda one: -weight.get(one.id, 0.0)))


def order_indices(grid: Grid, order: Iterable[str]) -> list[int]:
    """Return the indices of applications in this order, unknown names and repetitions skipped, the rest after them."""
    known = grid.links.application
    found = dict.fromkeys(known[name] for name in order if name in known)
    found.update(dict.fromkeys(range(len(grid.own))))
    return list(found)


def smith_order(grid: Grid) -> list[int]:
    """Return the applications by care lost a day against hours of work still to do for them, prerequisites included.

    Greedy: the best ratio is taken with all it needs, and the ratios of the rest are told again, so that what is
    shared is paid for once. Source: Smith 1956; Sidney 1975 for the closure.
    """
    hours = [sum(max(grid.work[i], 0) * _people(grid, i) for i in tasks) for tasks in grid.own]
    closure = closures(grid)
    value = []
    for milestone in grid.milestones:
        needs: set[int] = set()
        for application in milestone.applications:
            needs |= closure[application]
        month = min(30 * 24, grid.horizon)
        value.append((milestone.weight * milestone.table[month], needs))
    order: dict[int, None] = {}
    left = sorted(range(len(value)), key=lambda k: -value[k][0])
    while left:
        best, best_ratio = left[0], -1.0
        for k in left:
            worth, needs = value[k]
            load = sum(hours[a] for a in needs if a not in order)
            ratio = worth / max(load, 1)
            if ratio > best_ratio:
                best, best_ratio = k, ratio
        left.remove(best)
        missing = [a for a in value[best][1] if a not in order]
        place = {a: i for i, a in enumerate(grid.links.application_order)}
        order.update(dict.fromkeys(sorted(missing, key=lambda a: place.get(a, len(place)))))
    order.update(dict.fromkeys(range(len(grid.own))))
    return list(order)


def _people(grid: Grid, task: int) -> int:
    if grid.options[task] < 0:
        return 0
    teams = grid.teams[grid.options[task]]
    return len(teams[0].people) if teams else 0


def closures(grid: Grid) -> Sequence[set[int]]:
    """Return each application with all it needs, directly or not, as long as needs do not go round."""
    closure: list[set[int]] = [{a} for a in range(len(grid.own))]
    for a in grid.links.application_order:
        for other in grid.needed[a]:
            closure[a] |= closure[other]
    return closure


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


def served_together(grid: Grid) -> list[tuple[int, ...]]:
    """Return the applications of each service, or of a share of one, that needs several: each group once."""
    groups = (tuple(borne_by(grid, milestone.applications)) for milestone in grid.milestones)
    return list(dict.fromkeys(group for group in groups if len(group) > 1))
