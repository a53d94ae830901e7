"""A good schedule soon: annealing over lists of jobs, each step one schedule, in numba or in pure Python."""

from __future__ import annotations

import ctypes
import heapq
from array import array
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from releve.restoration.makespan.engine import has_numba, kernels_as_written, kernels_compiled

if TYPE_CHECKING:
    from releve.restoration.makespan.network import Network

__all__ = ["Annealing"]

_WORD_BITS = 62
_HOT, _COLD = 6_400, 300  # of 65536: how often a schedule longer by one period is kept, first and last
_STAGES = 200  # of a cooling counted in steps
_STEPS_PER_CALL = 400_000  # divided by the jobs


class Annealing:
    """One chain of steps over the lists of a network; the same seed and steps give the same schedule.

    `compiled` False: in pure Python, with the same schedules.
    """

    def __init__(self, network: Network, *, seed: int, compiled: bool | None = None) -> None:
        self._network = network
        self.compiled = has_numba() if compiled is None else compiled
        self._kernels: SimpleNamespace = kernels_compiled() if self.compiled else kernels_as_written()
        size = network.size
        bits = max((capacity.bit_length() for capacity in network.capacities), default=0) + 1
        fields = max(1, _WORD_BITS // bits)
        words = max(1, -(-len(network.capacities) // fields))
        guard = sum(1 << (bits * (field + 1) - 1) for field in range(fields))
        capacity = [guard] * words
        demand = [0] * (size * words)
        for resource, units in enumerate(network.capacities):
            word, field = divmod(resource, fields)
            capacity[word] += units << (bits * field)
            for at in range(size):
                demand[at * words + word] += network.demands[at][resource] << (bits * field)
        length = network.horizon + 2
        first, before = _joined(network.before)
        first_after, after = _joined(network.after)
        order, finish, state = [0] * size, [0] * size, [0] * 5
        # A xorshift of 0 would stay 0 for ever.
        state[0] = (seed * 2_654_435_761 + 97) % (2**32 - 1) + 1
        problem = (size, words, list(network.durations), demand, guard, first, before)
        rest = (capacity, [word for word in capacity for _ in range(length)], length)
        order[:] = _most_pressing_first(network)
        state[1] = state[3] = kernels_as_written().serial(order, *problem, *rest, finish)
        row = self._array
        self._order, self._best, self._state = row(order), row(finish), row(state)
        self._problem: tuple[Any, ...] = tuple(
            row(each) if isinstance(each, list) else each for each in (*problem, first_after, after, *rest)
        )
        self._scratch = tuple(row([0] * size) for _ in range(3))
        self._count = row([0] * (length + 2))

    def _array(self, numbers: list[int]) -> Any:
        if not self.compiled:
            return numbers
        return (ctypes.c_int64 * len(numbers)).from_buffer(array("q", numbers))

    @property
    def makespan(self) -> int:
        """The end of the best schedule so far."""
        return int(self._state[3])

    @property
    def starts(self) -> tuple[int, ...]:
        """The starts of the best schedule so far, by places."""
        ends = [int(end) for end in self._best]
        if self._state[4]:  # of the reversed project
            return tuple(self.makespan - end for end in ends)
        return tuple(end - long for end, long in zip(ends, self._network.durations, strict=True))

    def walk(self, steps: int, worse: int, target: int) -> int:
        """Take so many steps and return the best end; `worse` of 65536 longer schedules are kept."""
        child, late, finish = self._scratch
        return int(
            self._kernels.anneal(
                steps, worse, target, *self._problem, self._order, child, late,
                finish, self._count, self._best, self._state,
            )
        )  # fmt: skip

    def cool(self, target: Callable[[], int], share: Callable[[], float]) -> Iterator[int]:
        """Walk, cooling, until `share` says 1 or `target` is reached; yield the best end now and then.

        Both are asked every few milliseconds; `share` is the part of the time that has passed.
        """
        steps = self.steps_per_call
        while (passed := share()) < 1 and self.makespan > target():
            self.walk(steps, _worse(passed), target())
            yield self.makespan

    def cool_for(self, steps: int, target: int) -> int:
        """Walk so many steps, cooling, or until `target` is reached; return the best end."""
        each = max(1, steps // _STAGES)
        for done in range(0, steps, each):
            self.walk(min(each, steps - done), _worse(done / steps), target)
        return self.makespan

    @property
    def steps_per_call(self) -> int:
        """Steps of some ten milliseconds."""
        return max(
            1, (_STEPS_PER_CALL if self.compiled else _STEPS_PER_CALL // 100) // max(1, self._network.size)
        )


def _most_pressing_first(network: Network) -> list[int]:
    """Return the list in which each job is the one that must end first of those that could come next.

    Source: latest finish time rule, Davis & Patterson 1975.
    """
    waits = [len(before) for before in network.before]
    ready = [(-network.tails[at], at) for at, count in enumerate(waits) if not count]
    heapq.heapify(ready)
    order = []
    while ready:
        _, at = heapq.heappop(ready)
        order.append(at)
        for follower in network.after[at]:
            waits[follower] -= 1
            if not waits[follower]:
                heapq.heappush(ready, (-network.tails[follower], follower))
    return order


def _worse(passed: float) -> int:
    """Return how often a longer schedule is kept (of 65536) when this part of the time has passed."""
    return int(_HOT * (_COLD / _HOT) ** passed)


def _joined(lists: tuple[tuple[int, ...], ...]) -> tuple[list[int], list[int]]:
    """Return where each list begins in all of them joined (and where the last ends), and these."""
    first, joined = [0], list[int]()
    for each in lists:
        joined.extend(each)
        first.append(len(joined))
    return first, joined
