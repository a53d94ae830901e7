"""Projects whose jobs should start at dates (MiniZinc's *rcpsp-wet*): the least cost of being early and late."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable

from releve.restoration.makespan.engine import has_ortools
from releve.restoration.makespan.limits import after, counted
from releve.restoration.makespan.minizinc import DatedProject, WantedStart
from releve.restoration.makespan.network import Network, network_of
from releve.restoration.makespan.project import ProjectError, Schedule

__all__ = ["DatedSchedule", "solve_dated"]


class DatedSchedule(Schedule, frozen=True, kw_only=True):
    """A schedule with what its starts cost; `bound` is of the cost."""

    cost: int

    @property
    def proven(self) -> bool:
        """Whether no schedule costs less."""
        return self.bound >= self.cost


def solve_dated(
    given: DatedProject, *, seconds: float, seed: int = 1, workers: int = 2, iterations: int | None = None
) -> DatedSchedule:
    """Return the cheapest schedule found within `seconds`, and a bound of the cost.

    With `iterations` so many lists are tried instead and the clock is not read.

    Raises:
        ProjectError: the project cannot be done, or no schedule was found that keeps its latest start.
    """
    deadline = time.monotonic() + seconds
    network = network_of(given.project)
    by_number = dict(zip((job.number for job in given.project.jobs), given.wanted, strict=True))
    wanted = [by_number[number] for number in network.numbers]
    for number, head in zip(network.numbers, network.heads, strict=True):
        if head > given.latest:
            raise ProjectError(
                f"job {number}: expected to be able to start by {given.latest}, it cannot before {head}"
            )
    bound = sum(want.cost(max(head, want.start)) for want, head in zip(wanted, network.heads, strict=True))
    exact = iterations is None and has_ortools()
    if iterations is not None:
        late = counted(iterations)
    else:
        late = after(min(deadline, time.monotonic() + 0.1) if exact else deadline)
    starts = _try_lists(network, wanted, given.latest, seed, bound, late=late)
    if exact and (starts is None or _cost(wanted, starts) > bound):
        starts, bound = _prove(
            network, wanted, given.latest, starts, bound,
            seconds=deadline - time.monotonic(), seed=seed, workers=workers,
        )  # fmt: skip
    if starts is None:
        raise ProjectError(f"t_max: no schedule was found in which every job starts by {given.latest}")
    cost = _cost(wanted, starts)
    return DatedSchedule(
        makespan=max(
            (start + long for start, long in zip(starts, network.durations, strict=True)), default=0
        ),
        starts=dict(sorted(zip(network.numbers, starts, strict=True))),
        bound=min(bound, cost),
        cost=cost,
    )


def _cost(wanted: list[WantedStart], starts: tuple[int, ...]) -> int:
    return sum(want.cost(start) for want, start in zip(wanted, starts, strict=True))


def _try_lists(
    network: Network,
    wanted: list[WantedStart],
    latest: int,
    seed: int,
    bound: int,
    *,
    late: Callable[[], bool],
) -> tuple[int, ...] | None:
    """Return the cheapest schedule over lists and over how long before its date a job may start, None: none fits."""
    draw = random.Random(seed)
    urgency = [float(want.start) for want in wanted]
    earliest = [max(head, want.start) for head, want in zip(network.heads, wanted, strict=True)]
    best: tuple[int, tuple[int, ...]] | None = None
    starts = _place_all(network, urgency, list(network.heads), latest)
    if starts is not None:
        best = _cost(wanted, starts), starts
    while (best is None or best[0] > bound) and not late():
        changed, moved = list(urgency), list(earliest)
        for _ in range(draw.randint(1, 3)):
            at = draw.randrange(network.size)
            changed[at] += draw.gauss(0, latest / 8 + 1)
            moved[at] = max(network.heads[at], wanted[at].start - draw.randint(0, latest // 4 + 1))
        starts = _place_all(network, changed, moved, latest)
        if starts is not None and (best is None or _cost(wanted, starts) <= best[0]):
            best = _cost(wanted, starts), starts
            urgency, earliest = changed, moved
    return None if best is None else best[1]


def _place_all(
    network: Network, urgency: list[float], earliest: list[int], latest: int
) -> tuple[int, ...] | None:
    """Return the starts of a list: each job at the first period from `earliest` on in which it fits."""
    length = latest + max(network.durations, default=0) + 1
    free = [[units] * length for units in network.capacities]
    starts = [0] * network.size
    waits = [len(before) for before in network.before]
    ready = [at for at, count in enumerate(waits) if not count]
    while ready:
        at = min(ready, key=lambda each: (urgency[each], each))
        ready.remove(at)
        start = max([earliest[at], *(starts[each] + network.durations[each] for each in network.before[at])])
        users = [(free[resource], units) for resource, units in enumerate(network.demands[at]) if units]
        until = start + network.durations[at]
        period = start
        while period < until and start <= latest:
            if all(units <= profile[period] for profile, units in users):
                period += 1
            else:
                start = period = period + 1
                until = start + network.durations[at]
        if start > latest:
            return None
        for profile, units in users:
            for period in range(start, until):
                profile[period] -= units
        starts[at] = start
        for follower in network.after[at]:
            waits[follower] -= 1
            if not waits[follower]:
                ready.append(follower)
    return tuple(starts)


def _prove(
    network: Network,
    wanted: list[WantedStart],
    latest: int,
    known: tuple[int, ...] | None,
    bound: int,
    *,
    seconds: float,
    seed: int,
    workers: int,
) -> tuple[tuple[int, ...] | None, int]:
    """Return what CP-SAT makes of it: the cheapest schedule and the best bound."""
    from ortools.sat.python import cp_model

    from releve.restoration.makespan.exact import model_of

    longest = latest + max(network.durations, default=0)
    model, starts, _ = model_of(network, network.critical_path, longest)
    costs = []
    for at, want in enumerate(wanted):
        model.add(starts[at] <= latest)
        for cost, sign in ((want.early_cost, -1), (want.late_cost, 1)):
            if cost:
                off = model.new_int_var(0, latest + abs(want.start), f"off{at}_{sign}")
                model.add(off >= sign * (starts[at] - want.start))
                costs.append(cost * off)
        if known is not None:
            model.add_hint(starts[at], known[at])
    model.minimize(sum(costs))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = max(0.0, seconds)
    solver.parameters.num_workers = workers
    solver.parameters.random_seed = seed
    status = solver.solve(model)
    if status == cp_model.INFEASIBLE:
        raise ProjectError(f"t_max: no schedule exists in which every job starts by {latest}")
    if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        known = tuple(solver.value(start) for start in starts)
        bound = max(bound, math.ceil(solver.best_objective_bound - 1e-6))
    return known, bound
