"""The planner's compiled walk, with a price on promised dates that move. Loads numba."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from releve.restoration.planner.fast import Fast, FastWalk
from releve.restoration.planner.kernel import Place
from releve.restoration.replanning import kernel
from releve.restoration.replanning.promises import FAR_HOURS, SLOPE, Priced

__all__ = ["PromisedWalk"]


class PromisedWalk(FastWalk):
    """One walk over the orders of a priced grid."""

    def __init__(self, fast: Fast, priced: Priced, order: Sequence[int], seed: int) -> None:
        super().__init__(fast, order, seed)
        self._priced = priced
        self._promises = (
            np.array(priced.lines, np.int64), np.array(priced.high, np.float64),
            np.array(priced.each, np.float64), float(priced.free), SLOPE, FAR_HOURS,
        )  # fmt: skip
        dates = kernel.moved(self._states[1][fast.offsets[Place.BACK] :], *self._promises)
        cost = self._numbers[0]
        self._numbers = np.array([cost, cost + priced.price * dates, 0.0, dates])
        self.part = 1.0  # of the price, for the steps to come

    def step(self, moves: int, hot: float, cold: float) -> None:
        """Go on for so many moves, from one temperature to another."""
        fast, price = self._fast, float(self._priced.price)
        self._random = np.uint64(
            kernel.anneal_promised(
                fast.lists, fast.offsets, self._states, self._costs, self._which, self._spare, fast.weight,
                fast.tables, fast.missing_cost, self._order, self._best, self._numbers, self._random, moves, hot,
                cold, self._stack, price * self.part, price, *self._promises,
            )
        )  # fmt: skip
