"""Simulated annealing over the order of applications, in pure Python; `kernel.py` does the same, compiled.

Source: Kirkpatrick, Gelatt, Vecchi 1983; moves as for permutation flow shops (Osman & Potts 1989).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from releve.restoration.planner.grid import Patience
from releve.restoration.planner.pulling import Pulled, changes_nothing

__all__ = ["Walk", "next_random", "propose"]

_WORD = (1 << 64) - 1


def next_random(state: int) -> int:
    """Return the word after `state` (never 0). Source: Marsaglia 2003, xorshift64."""
    state ^= (state << 13) & _WORD
    state ^= state >> 7
    return state ^ ((state << 17) & _WORD)


def _unit(state: int) -> float:
    return (state >> 11) * (1.0 / (1 << 53))


def propose(order: Sequence[int], state: int) -> tuple[list[int], int]:
    """Return a neighbour of the order and the next random state.

    One application put elsewhere (half of the moves), two exchanged, or up to six neighbours moved together; mostly
    not far, because a far move is rarely good.
    """
    count = len(order)
    state = next_random(state)
    kind = state % 10
    state = next_random(state)
    at = state % count
    state = next_random(state)
    unit = _unit(state)
    reach = max(1, int(count * (unit * unit * unit)))
    state = next_random(state)
    to = at + reach if state & 1024 else at - reach
    to = min(max(to, 0), count - 1)
    found = list(order)
    if kind < 5:
        found.insert(to, found.pop(at))
    elif kind < 8:
        found[at], found[to] = found[to], found[at]
    else:
        state = next_random(state)
        size = min(2 + state % 5, count - max(at, to)) if count > 2 else 1
        block = found[at : at + size]
        del found[at : at + size]
        found[to:to] = block
    return found, state


class Walk:
    """One walk: an order, its cost, the best seen; `step` goes on a number of moves at one temperature."""

    def __init__(
        self,
        order: Sequence[int],
        patience: Patience,
        cost: Callable[[Sequence[int], Patience], float],
        pulled: Pulled,
        seed: int,
    ) -> None:
        self._cost, self._pulled = cost, pulled
        self.order = list(order)
        self.cost = self.best_cost = math.inf
        self.best: list[int] = list(order)
        self.best_patience = patience
        self._state = (seed * 0x9E3779B97F4A7C15 + 0x1234567) & _WORD or 1
        self.be(patience)

    def be(self, patience: Patience) -> None:
        """Go on from the same order with this patience."""
        self.patience = patience
        self.cost = self._cost(self.order, patience)
        self._keep()

    def take(self, order: Sequence[int], patience: Patience) -> None:
        """Go on from another order, with its patience."""
        self.order = list(order)
        self.be(patience)

    def wait(self, number: int, person: int, hours: int, threshold: float) -> None:
        """Wait otherwise for one person in one list of teams, if that costs no more than `threshold`."""
        patience = self.patience.changed(number, person, hours)
        if patience != self.patience and self._cost(self.order, patience) <= threshold:
            self.be(patience)

    def _keep(self) -> None:
        if self.cost < self.best_cost * (1.0 - 1e-11):  # sums in another order differ in their last digits
            self.best, self.best_cost, self.best_patience = list(self.order), self.cost, self.patience

    def step(self, moves: int, hot: float, cold: float) -> None:
        """Go on, the temperature going from `hot` to `cold`.

        What costs more is accepted with the probability exp(-difference / temperature). A move that changes no date is
        counted, not made.
        """
        if len(self.order) < 2:
            return
        pulled = self._pulled.at(self.order)
        for move in range(moves):
            temperature = hot * (cold / hot) ** (move / moves)
            order, self._state = propose(self.order, self._state)
            if changes_nothing(self.order, order, pulled):
                continue
            self._state = next_random(self._state)
            threshold = self.cost - temperature * math.log(max(_unit(self._state), 1e-300))
            cost = self._cost(order, self.patience)
            if cost <= threshold:
                self.order, self.cost = order, cost
                pulled = self._pulled.at(order)
                self._keep()
