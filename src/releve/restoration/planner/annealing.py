"""Simulated annealing over the order of applications, in pure Python; `kernel.py` does the same, compiled.

Source: Kirkpatrick, Gelatt, Vecchi 1983; moves as for permutation flow shops (Osman & Potts 1989).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from releve.restoration.planner.along import Along
from releve.restoration.planner.grid import Patience
from releve.restoration.planner.kernel import SNAPSHOTS, TOGETHER
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


def propose(order: Sequence[int], state: int, groups: Sequence[Sequence[int]] = ()) -> tuple[list[int], int]:
    """Return a neighbour of the order and the next random state.

    One application put elsewhere (half of these moves), two exchanged, or up to six neighbours moved together; mostly
    not far, because a far move is rarely good. With `groups`, of use to somebody only as a whole, a third of the moves
    brings all of one group to where one of them stands, or not far from there: one after the other, each of them would
    only cost, and be refused.
    """
    count = len(order)
    state = next_random(state)
    kind = state % (10 + TOGETHER) if groups else state % 10
    group: Sequence[int] = ()
    state = next_random(state)
    if kind >= 10:
        group = groups[state % len(groups)]
        state = next_random(state)
        at = order.index(group[state % len(group)])
    else:
        at = state % count
    state = next_random(state)
    unit = _unit(state)
    reach = max(1, int(count * (unit * unit * unit)))
    state = next_random(state)
    to = at + reach if state & 1024 else at - reach
    to = min(max(to, 0), count - 1)
    if kind >= 10:
        found = [a for a in order if a not in group]
        to = min(at if kind == 10 else to, len(found))
        found[to:to] = [a for a in order if a in group]
        return found, state
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
        along: Along,
        pulled: Pulled,
        seed: int,
        groups: Sequence[Sequence[int]] = (),
    ) -> None:
        self._along, self._pulled, self._groups = along, pulled, groups
        self._step = max(-(-len(order) // SNAPSHOTS), 1)
        self._known: list[float] = []
        self.order = list(order)
        self.cost = self.best_cost = math.inf
        self.best: list[int] = list(order)
        self.best_patience = patience
        self._state = (seed * 0x9E3779B97F4A7C15 + 0x1234567) & _WORD or 1
        self.be(patience)

    def be(self, patience: Patience) -> None:
        """Go on from the same order with this patience."""
        self.patience = patience
        self._known = self._along.costs(self.order, patience, self._step)
        self.cost = self._known[-1]
        self._keep()

    def take(self, order: Sequence[int], patience: Patience) -> None:
        """Go on from another order, with its patience."""
        self.order = list(order)
        self.be(patience)

    def wait(self, number: int, person: int, hours: int, threshold: float) -> None:
        """Wait otherwise for one person in one list of teams, if that costs no more than `threshold`."""
        patience = self.patience.changed(number, person, hours)
        if patience == self.patience:
            return
        if self._along.costs(self.order, patience, self._step)[-1] <= threshold:
            self.be(patience)

    def _keep(self) -> None:
        if self.cost < self.best_cost * (1.0 - 1e-11):  # sums in another order differ in their last digits
            self.best, self.best_cost, self.best_patience = list(self.order), self.cost, self.patience

    def step(self, moves: int, hot: float, cold: float) -> None:
        """Go on, the temperature going from `hot` to `cold`.

        What costs more is accepted with the probability exp(-difference / temperature). A move that changes no date is
        counted, not made. One that costs too much more already where all that it moved stands is not accepted: what
        comes after seldom makes up for it (once in some hundred moves, measured), and need not be decoded.
        """
        if len(self.order) < 2:
            return
        pulled = self._pulled.at(self.order)
        for move in range(moves):
            temperature = hot * (cold / hot) ** (move / moves)
            order, self._state = propose(self.order, self._state, self._groups)
            if changes_nothing(self.order, order, pulled):
                continue
            self._state = next_random(self._state)
            allowed = -temperature * math.log(max(_unit(self._state), 1e-300))
            known = self._along.costs(order, self.patience, self._step)
            last = max(place for place, a in enumerate(order) if a != self.order[place])
            if any(new - was > allowed for new, was in self._after(last, known)):
                continue
            self.order, self.cost, self._known = order, known[-1], known
            pulled = self._pulled.at(order)
            self._keep()

    def _after(self, last: int, known: Sequence[float]) -> list[tuple[float, float]]:
        """Return the costs known of another order and of this one, at the snapshots after a place and at the end."""
        first = last // self._step + 1
        return [*zip(known[first:-1], self._known[first:-1], strict=True), (known[-1], self.cost)]
