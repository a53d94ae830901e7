"""Better orders from a given one, within a time or a number of moves.

Source: Kirkpatrick, Gelatt, Vecchi 1983, from a cool start: what is good about the order is to be kept.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from releve.restoration.planner.annealing import next_random, propose
from releve.restoration.planner.engine import Engine, PlannerWalk, engine_for, is_compiled
from releve.restoration.planner.placing import NOWHERE, Placed, application_ends, loss_of
from releve.restoration.replanning.promises import Priced

__all__ = ["better_order", "cost_of"]

# Temperatures as parts of the care lost: chosen on generated cases, seeds below 1000.
_HOT, _COLD = 2e-4, 5e-6
# Two walks, on two cores. In the second a moved date costs little at first, so that many worse arrangements can be
# passed on the way to a better one: the whole price from this share of the time on.
_FIRST_PARTS, _FULL_PRICE_AT = (1.0, 0.1), 0.6


def cost_of(priced: Priced, placed: Placed) -> float:
    """Return the care lost, the price of promises moved, and much more for each milestone that is never back."""
    lost, dates = _parts(priced, placed)
    return lost + priced.price * dates


def _parts(priced: Priced, placed: Placed) -> tuple[float, float]:
    grid = priced.grid
    lost, missing = loss_of(grid, placed.end)
    if missing:
        lost += missing * (1.0 + sum(m.weight * m.table[grid.horizon] for m in grid.milestones))
    if not priced.lines:
        return lost, 0.0
    back = application_ends(grid, placed.end)
    hours = []
    for line in priced.lines:
        ends = [back[a] for a in grid.milestones[line].applications]
        hours.append(grid.horizon if NOWHERE in ends else max(ends, default=0))
    return lost, priced.moved(hours)


def better_order(
    priced: Priced, order: Sequence[int], *, seed: int, iterations: int | None, deadline: float
) -> list[int]:
    """Return the best order found from this one, itself at worst.

    Until the clock (`time.monotonic`) says `deadline`; with `iterations` (moves of each walk) it is not asked.
    """
    if len(order) < 2:
        return list(order)
    engine = engine_for(priced.grid)
    walks = [_walk(engine, priced, order, seed * len(_FIRST_PARTS) + k) for k in range(len(_FIRST_PARTS))]
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
            for walk, first in zip(walks, _FIRST_PARTS, strict=True):
                walk.part = first ** max(1.0 - share / _FULL_PRICE_AT, 0.0)
            list(pool.map(lambda walk: walk.step(moves, temperature, temperature), walks))  # noqa: B023
            done += moves


class _Walk(PlannerWalk, Protocol):
    part: float  # of the price of a moved date, for the steps to come


def _walk(engine: Engine, priced: Priced, order: Sequence[int], seed: int) -> _Walk:
    if not is_compiled():
        return _PureWalk(engine, priced, order, seed)
    from releve.restoration.planner.fast import Fast
    from releve.restoration.replanning.promised import PromisedWalk

    return PromisedWalk(Fast(priced.grid), priced, order, seed)


class _PureWalk:
    """What `promised.PromisedWalk` is, in pure Python."""

    def __init__(self, engine: Engine, priced: Priced, order: Sequence[int], seed: int) -> None:
        self._engine, self._priced = engine, priced
        self.part = 1.0
        self.best, self.best_cost = list(order), cost_of(priced, engine.place(order))
        self._order = list(order)
        self._lost, self._dates = _parts(priced, engine.place(order))
        self._random = (seed * 0x9E3779B97F4A7C15 + 0x1234567) & ((1 << 64) - 1) or 1

    def step(self, moves: int, hot: float, cold: float) -> None:
        """Go on for so many moves, from one temperature to another."""
        price = self._priced.price
        for move in range(moves):
            temperature = hot * (cold / hot) ** (move / moves)
            order, self._random = propose(self._order, self._random)
            self._random = next_random(self._random)
            chance = max((self._random >> 11) * (1.0 / (1 << 53)), 1e-300)
            threshold = self._lost + price * self.part * self._dates - temperature * math.log(chance)
            lost, dates = _parts(self._priced, self._engine.place(order))
            if lost + price * self.part * dates <= threshold:
                self._order, self._lost, self._dates = order, lost, dates
                if lost + price * dates < self.best_cost * (1.0 - 1e-11):
                    self.best, self.best_cost = order, lost + price * dates
