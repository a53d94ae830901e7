"""The search for the plan that loses the least care."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence

from releve.restoration.case import Case
from releve.restoration.plan import Plan
from releve.restoration.planner.annealing import Walk
from releve.restoration.planner.decode import grid_that_holds, plan_of
from releve.restoration.planner.grid import Grid
from releve.restoration.planner.orders import order_indices, smith_order, tier_order, weight_order
from releve.restoration.planner.placing import loss_of, place

__all__ = ["solve"]

_CHUNK = 25  # moves between two looks at the clock
# Temperatures as parts of the cost of the start: chosen on generated cases, seeds below 1000.
_HOT, _COLD = 2e-3, 2e-5


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

    With `iterations` (moves) the clock is not asked: the same seed and iterations give the same plan. `order` is one
    more order to start from. `progress` hears the part done (0 to 1) and the care lost by the best so far.
    """
    began = time.monotonic()
    grid, first, _ = grid_that_holds(case, tuple(order or ()))

    def cost(indices: Sequence[int]) -> float:
        return _cost(grid, indices)

    starts = [
        first,
        smith_order(grid),
        order_indices(grid, weight_order(case)),
        order_indices(grid, tier_order(case)),
    ]
    walk = Walk(min(starts, key=cost), cost, seed)
    done, scale = 0, max(walk.cost, 1e-9)
    while True:
        share = (
            done / iterations if iterations is not None else (time.monotonic() - began) / max(seconds, 1e-3)
        )
        if progress is not None:
            progress(min(share, 1.0), walk.best_cost)
        if share >= 1.0:
            break
        moves = _CHUNK if iterations is None else min(_CHUNK, iterations - done)
        walk.step(moves, scale * _HOT * (_COLD / _HOT) ** share)
        done += moves
    return plan_of(grid, place(grid, walk.best), walk.best, seed=seed)


def _cost(grid: Grid, order: Sequence[int]) -> float:
    """Return the care lost, and much more for each milestone that is not back within the horizon."""
    lost, missing = loss_of(grid, place(grid, order).end)
    if missing:
        lost += missing * (1.0 + sum(m.weight * m.table[grid.horizon] for m in grid.milestones))
    return lost
