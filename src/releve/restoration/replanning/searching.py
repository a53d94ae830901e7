"""Better orders from a given one, within a time or a number of moves; compiled when that is there."""

from __future__ import annotations

import time
from collections.abc import Sequence

from releve.restoration.planner.annealing import Walk
from releve.restoration.planner.grid import Grid
from releve.restoration.planner.placing import Placed, loss_of, place

__all__ = ["better_order", "cost_of", "place"]

_CHUNK = 25
# Temperatures as parts of the cost, cooler than a first plan's: what is good about the order is to be kept.
_HOT, _COLD = 2e-4, 5e-6


def cost_of(grid: Grid, placed: Placed) -> float:
    """Return the care lost, and much more for each milestone that is not back within the horizon."""
    lost, missing = loss_of(grid, placed.end)
    if missing:
        lost += missing * (1.0 + sum(m.weight * m.table[grid.horizon] for m in grid.milestones))
    return lost


def better_order(
    grid: Grid, order: Sequence[int], *, seed: int, iterations: int | None, seconds: float
) -> list[int]:
    """Return the best order found from this one, itself at worst."""
    began = time.monotonic()
    walk = Walk(order, lambda indices: cost_of(grid, place(grid, indices)), seed)
    scale, done = max(walk.cost, 1e-9), 0
    while True:
        if iterations is not None:
            share = done / max(iterations, 1) if done < iterations else 1.0
        else:
            share = (time.monotonic() - began) / max(seconds, 1e-3)
        if share >= 1.0:
            return walk.best
        moves = _CHUNK if iterations is None else min(_CHUNK, iterations - done)
        walk.step(moves, scale * _HOT * (_COLD / _HOT) ** share)
        done += moves
