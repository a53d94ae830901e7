"""The search for the plan that loses the least care."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

from releve.restoration.case import Case
from releve.restoration.plan import Plan
from releve.restoration.planner.decode import grid_that_holds, plan_of
from releve.restoration.planner.engine import Engine, engine_for
from releve.restoration.planner.grid import Grid
from releve.restoration.planner.orders import order_indices, smith_order, tier_order, weight_order

__all__ = ["search", "solve"]

# Temperatures as parts of the cost of the start: chosen on generated cases, seeds below 1000.
_HOT, _COLD = 2e-3, 2e-5
_WALKS = 2  # side by side, on two cores


def solve(
    case: Case,
    *,
    seed: int = 1,
    seconds: float = 10.0,
    iterations: int | None = None,
    order: Iterable[str] | None = None,
    progress: Callable[[float, float], None] | None = None,
) -> Plan:
    """Return the plan found that loses the least care; never worse than those of the orders it starts from.

    With `iterations` (moves of each walk) the clock is not asked: the same seed and iterations give the same plan.
    `order` is one more order to start from. `progress` hears the part done (0 to 1) and the care lost by the best.
    """
    began = time.monotonic()
    grid, first, _ = grid_that_holds(case, tuple(order or ()))
    engine = engine_for(grid)
    best = search(
        grid, engine, first, seed=seed, deadline=began + seconds, iterations=iterations, progress=progress
    )
    return plan_of(grid, engine.place(best), best, seed=seed)


def search(
    grid: Grid,
    engine: Engine,
    first: Sequence[int],
    *,
    seed: int,
    deadline: float,
    iterations: int | None = None,
    progress: Callable[[float, float], None] | None = None,
) -> list[int]:
    """Return the best order found until the clock (`time.monotonic`) says `deadline`, or in so many moves."""
    case = grid.case
    starts = [
        list(first),
        smith_order(grid),
        order_indices(grid, weight_order(case)),
        order_indices(grid, tier_order(case)),
    ]
    starts.sort(key=engine.cost)
    walks = [engine.walk(starts[0], seed * _WALKS + k) for k in range(_WALKS)]
    scale = max(walks[0].best_cost, 1e-9)
    began, done = time.monotonic(), 0
    with ThreadPoolExecutor(len(walks)) as pool:
        while True:
            if iterations is not None:
                share = done / iterations if iterations else 1.0
            else:
                share = (time.monotonic() - began) / max(deadline - began, 1e-3)
            best = min(walks, key=lambda walk: walk.best_cost)
            if progress is not None:
                progress(min(share, 1.0), best.best_cost)
            if share >= 1.0:
                return best.best
            moves = engine.chunk if iterations is None else min(engine.chunk, iterations - done)
            temperature = scale * _HOT * (_COLD / _HOT) ** share
            list(pool.map(lambda walk: walk.step(moves, temperature, temperature), walks))  # noqa: B023
            done += moves
