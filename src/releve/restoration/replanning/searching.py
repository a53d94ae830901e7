"""Better orders from a given one, within a time or a number of moves.

Source: Kirkpatrick, Gelatt, Vecchi 1983, from a cool start: what is good about the order is to be kept.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from releve.restoration.planner.annealing import Walk
from releve.restoration.planner.engine import Engine, PlannerWalk, engine_for, is_compiled
from releve.restoration.planner.placing import NOWHERE, Placed, application_ends, loss_of
from releve.restoration.replanning.promises import Priced

__all__ = ["better_order", "cost_of"]

# Temperatures as parts of the care lost: chosen on generated cases, seeds below 1000.
_HOT, _COLD = 2e-4, 5e-6
_WALKS = 2  # side by side, on two cores


def cost_of(priced: Priced, placed: Placed) -> float:
    """Return the care lost, the price of promises moved, and much more for each milestone that is never back."""
    grid = priced.grid
    lost, missing = loss_of(grid, placed.end)
    if missing:
        lost += missing * (1.0 + sum(m.weight * m.table[grid.horizon] for m in grid.milestones))
    if priced.lines:
        back = application_ends(grid, placed.end)
        hours = []
        for line in priced.lines:
            ends = [back[a] for a in grid.milestones[line].applications]
            hours.append(grid.horizon if NOWHERE in ends else max(ends, default=0))
        lost += priced.cost(hours)
    return lost


def better_order(
    priced: Priced, order: Sequence[int], *, seed: int, iterations: int | None, deadline: float
) -> list[int]:
    """Return the best order found from this one, itself at worst.

    Until the clock (`time.monotonic`) says `deadline`; with `iterations` (moves of each walk) it is not asked.
    """
    if len(order) < 2:
        return list(order)
    engine = engine_for(priced.grid)
    walks = [_walk(engine, priced, order, seed * _WALKS + k) for k in range(_WALKS)]
    scale, began, done = max(walks[0].best_cost, 1e-9), time.monotonic(), 0
    with ThreadPoolExecutor(len(walks)) as pool:
        while True:
            if iterations is not None:
                share = done / iterations if iterations else 1.0
            else:
                share = (time.monotonic() - began) / max(deadline - began, 1e-3)
            if share >= 1.0:
                return min(walks, key=lambda walk: walk.best_cost).best
            moves = engine.chunk if iterations is None else min(engine.chunk, iterations - done)
            temperature = scale * _HOT * (_COLD / _HOT) ** share
            list(pool.map(lambda walk: walk.step(moves, temperature, temperature), walks))  # noqa: B023
            done += moves


def _walk(engine: Engine, priced: Priced, order: Sequence[int], seed: int) -> PlannerWalk:
    if not priced.lines:
        return engine.walk(order, seed)
    if not is_compiled():
        return Walk(order, lambda indices: cost_of(priced, engine.place(indices)), seed)
    from releve.restoration.planner.fast import Fast
    from releve.restoration.replanning.promised import PromisedWalk

    return PromisedWalk(Fast(priced.grid), priced, order, seed)
