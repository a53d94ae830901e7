"""Better orders from a given one, and the few steps that bring most of the way there.

Source: Kirkpatrick, Gelatt, Vecchi 1983, from a cool start, because what is good about the order is to be kept; path
relinking after Glover 1997, the step that saves most first.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from releve.restoration.planner.engine import PlannerWalk, engine_for
from releve.restoration.planner.grid import Grid
from releve.restoration.planner.placing import Placed

__all__ = ["Engine", "Step", "better_order", "steps_towards"]

# Temperatures as parts of the care lost: chosen on generated cases, seeds below 1000.
_HOT, _COLD = 2e-4, 5e-6
_WALKS = 2  # side by side, on two cores
_CHUNK = 25  # moves at one temperature when moves are counted: the same compiled or not
# Between two steps the savings of all others hardly change: only those that saved most are tried again.
_TRIED_AGAIN = 20


class Step(NamedTuple):
    """An order on the way, and what it loses."""

    cost: float
    order: list[int]


class Engine:
    """The planner's engine, with the patience that stands in the grid."""

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self._engine, self._patience = engine_for(grid), grid.patience
        self.chunk = self._engine.chunk

    def cost(self, order: Sequence[int]) -> float:
        """Return the care lost in this order."""
        return self._engine.cost(order, self._patience)

    def place(self, order: Sequence[int]) -> Placed:
        """Return where tasks stand in this order."""
        return self._engine.place(order, self._patience)

    def walk(self, order: Sequence[int], seed: int) -> PlannerWalk:
        """Return a walk from this order."""
        return self._engine.walk(order, self._patience, seed)


def better_order(
    engine: Engine, order: Sequence[int], *, seed: int, iterations: int | None, deadline: float
) -> list[int]:
    """Return the best order found from this one, itself at worst.

    Until the clock (`time.monotonic`) says `deadline`; with `iterations` (moves of each walk) it is not asked.
    """
    if len(order) < 2:
        return list(order)
    walks = [engine.walk(order, seed * _WALKS + k) for k in range(_WALKS)]
    scale, began, done = max(walks[0].best_cost, 1e-9), time.monotonic(), 0
    with ThreadPoolExecutor(len(walks)) as pool:
        while True:
            if iterations is not None:
                share = done / iterations if iterations else 1.0
            else:
                share = (time.monotonic() - began) / max(deadline - began, 1e-3)
            if share >= 1.0:
                return min(walks, key=lambda walk: walk.best_cost).best
            moves = engine.chunk if iterations is None else min(_CHUNK, iterations - done)
            temperature = scale * _HOT * (_COLD / _HOT) ** share
            list(pool.map(lambda walk: walk.step(moves, temperature, temperature), walks))  # noqa: B023
            done += moves


def steps_towards(
    engine: Engine, order: Sequence[int], target: Sequence[int], *, most: int, deadline: float | None
) -> list[Step]:
    """Return orders from one to another, each with one application put where the other has it, the dearest first.

    Each loses less than the one before; the first is `order`. No more than `most` steps, or until the clock says
    `deadline`.
    """
    grid = engine.grid
    live = {a for a in order if any(grid.fixed[i] < 0 for i in grid.own[a])}
    rest = [
        a for a in order if a not in live
    ]  # they have nothing left to place: where they stand changes nothing
    now = [a for a in order if a in live]
    rank = {a: place for place, a in enumerate(a for a in target if a in live)}
    steps = [Step(engine.cost(now), [*now, *rest])]
    saving = dict.fromkeys(now, float("inf"))
    late = False
    while len(steps) <= most and saving and not late:
        best: tuple[float, int, list[int]] | None = None
        for a in sorted(saving, key=lambda a: (-saving[a], rank[a]))[
            : _TRIED_AGAIN if len(steps) > 1 else None
        ]:
            if deadline is not None and best is not None and time.monotonic() > deadline:
                late = True  # the best of those tried is a step all the same: without any, all or nothing is left
                break
            moved = _put(now, a, rank)
            if moved == now:
                del saving[a]
                continue
            cost = engine.cost(moved)
            saving[a] = steps[-1].cost - cost
            if best is None or cost < best[0]:
                best = cost, a, moved
        if best is None or best[0] >= steps[-1].cost * (1.0 - 1e-11):
            return steps
        now = best[2]
        del saving[best[1]]
        steps.append(Step(best[0], [*now, *rest]))
    return steps


def _put(order: Sequence[int], a: int, rank: dict[int, int]) -> list[int]:
    """Return the order with one application where most others stand before or after it as their ranks say."""
    others = [b for b in order if b != a]
    wrong = best = sum(rank[b] < rank[a] for b in others)
    at = 0
    for place, b in enumerate(others):
        wrong += -1 if rank[b] < rank[a] else 1
        if wrong < best:
            best, at = wrong, place + 1
    return [*others[:at], a, *others[at:]]
