"""The search for the plan that loses the least care."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from random import Random

from releve.restoration.case import Case
from releve.restoration.plan import Plan, Preference
from releve.restoration.planner.decode import grid_that_holds, plan_of
from releve.restoration.planner.engine import Engine, PlannerWalk, engine_for
from releve.restoration.planner.grid import Grid, Patience
from releve.restoration.planner.orders import (
    order_indices,
    served_together,
    smith_order,
    tier_order,
    weight_order,
)

__all__ = ["search", "solve"]

# Temperatures as parts of the cost of the start, for so many applications: of more, a move changes a smaller part.
# Chosen on generated cases, seeds below 1000.
_HOT, _COLD = 2e-3, 2e-5
_APPLICATIONS = 200
# Applications up to which groups are moved as a whole: of 200 a plan loses half a percent less in the same processor
# time; of 833, in the few moves there is time for, it loses no less (generated cases, seeds below 1000).
_TOGETHER_UP_TO = 400
_CHUNK = 50  # moves at one temperature when they are counted, the same for every engine
_WALKS = 2  # side by side, on two cores
_MEETINGS = 40  # at each all go on from where the best one stands
_MOVES_A_TEAM = 20  # moves of the order for one change of who is preferred
_WAITS = (0, 2, 6, 12, 24, 48, 96, 200)  # hours


def solve(
    case: Case,
    *,
    seed: int = 1,
    seconds: float = 10.0,
    iterations: int | None = None,
    order: Iterable[str] | None = None,
    preferences: Iterable[Preference] | None = None,
    progress: Callable[[float, float], None] | None = None,
) -> Plan:
    """Return the plan found that loses the least care; never worse than those of the orders it starts from.

    With `iterations` (moves of each walk) the clock is not asked: the same seed and iterations give the same plan.
    `order`, with its `preferences`, is one more to start from. `progress` hears the part done (0 to 1) and the care
    lost by the best.
    """
    began = time.monotonic()
    given = tuple(order or ())
    grid, first, _ = grid_that_holds(case, given, preferences=preferences)
    engine = engine_for(grid)
    firsts = [first, smith_order(grid)] if given else [first]  # what is not given comes by Smith's ratio
    best, patience = search(
        grid, engine, firsts, seed=seed, deadline=began + seconds, iterations=iterations, progress=progress
    )
    return plan_of(grid, engine.place(best, patience), best, patience=patience, seed=seed)


def search(
    grid: Grid,
    engine: Engine,
    firsts: Sequence[Sequence[int]],
    *,
    seed: int,
    deadline: float,
    iterations: int | None = None,
    progress: Callable[[float, float], None] | None = None,
) -> tuple[list[int], Patience]:
    """Return the best order and patience found until the clock says `deadline`, or in so many moves."""
    case = grid.case
    orders = [*firsts, order_indices(grid, weight_order(case)), order_indices(grid, tier_order(case))]
    spared = [
        [{who: hours * k for who, hours in own.items()} for own in grid.patience.waits] for k in (0, 1, 3)
    ]
    starts = [(order, Patience(grid.teams, waits)) for order in orders for waits in spared]
    starts.sort(key=lambda start: engine.cost(*start))
    if iterations == 0:
        return list(starts[0][0]), starts[0][1]
    groups = served_together(grid) if len(grid.own) <= _TOGETHER_UP_TO else []
    walks = [engine.walk(*starts[0], seed * _WALKS + k, groups) for k in range(_WALKS)]
    randoms = [Random(seed * _WALKS + k) for k in range(_WALKS)]
    scale = max(walks[0].best_cost, 1e-9) * min(_APPLICATIONS / max(len(grid.own), 1), 1.0)
    began, done, met = time.monotonic(), 0, 0

    def go_on(k: int, moves: int, temperature: float) -> None:
        walks[k].step(moves, temperature, temperature)
        for _ in range(-(-moves // _MOVES_A_TEAM)):
            _try_other_people(grid, walks[k], randoms[k], temperature)

    with ThreadPoolExecutor(len(walks)) as pool:
        while True:
            if iterations is not None:
                share = done / iterations
            else:
                share = (time.monotonic() - began) / max(deadline - began, 1e-3)
            best = min(walks, key=lambda walk: walk.best_cost)
            if progress is not None:
                progress(min(share, 1.0), best.best_cost)
            if share >= 1.0:
                return best.best, best.best_patience
            if share * _MEETINGS >= met + 1:
                met += 1
                _meet(walks)
            moves = engine.chunk if iterations is None else min(_CHUNK, iterations - done)
            temperature = scale * _HOT * (_COLD / _HOT) ** share
            list(pool.map(go_on, range(len(walks)), [moves] * len(walks), [temperature] * len(walks)))
            done += moves


def _meet(walks: Sequence[PlannerWalk]) -> None:
    """Let all walks go on from where the best of them stands; the first of those that differ only by rounding."""
    best = walks[0]
    for walk in walks[1:]:
        if walk.cost < best.cost * (1.0 - 1e-11):
            best = walk
    for walk in walks:
        if walk is not best:
            walk.take(best.order, best.patience)


def _try_other_people(grid: Grid, walk: PlannerWalk, random: Random, temperature: float) -> None:
    """Change how long one kind of task waits rather than take one person; keep it as an annealing would."""
    numbers = [number for number, team in enumerate(grid.teams) if len(team) > 1]
    if not numbers:
        return
    number = random.choice(numbers)
    person = random.choice(random.choice(grid.teams[number]).people)
    hours = random.choice(_WAITS)
    threshold = walk.cost - temperature * math.log(max(random.random(), 1e-300))
    walk.wait(number, person, hours, threshold)
