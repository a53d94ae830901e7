"""The decoder and the annealing as compiled by numba (`kernel.py`, `kernel_walk.py`). Imported only by `fast.py`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba import njit

from releve.restoration.planner import kernel, kernel_walk
from releve.restoration.planner.pointers import bare, make_compilable, stamp_of

__all__ = ["MODULES", "anneal", "cost_until", "decode", "place_first", "snapshots"]

MODULES = kernel, kernel_walk
make_compilable(MODULES)


def _entries(stamp: int) -> tuple[Callable[..., Any], ...]:
    """Return what is called from outside. What is compiled is kept beside this file, under the stamp of the others.

    The lists of the grid come first, each time: `p`, `o`, patience, weights, tables, the cost of what is missing.
    """

    @njit(cache=True, nogil=True)
    def decode(
        p: Any, o: Any, n: Any, w: Any, t: Any, missing: float, s: Any, order: Any, stack: Any
    ) -> float:
        if stamp:
            rows = bare(p), bare(o), bare(s), bare(n), bare(w), bare(t)
            return kernel.decode(*rows, missing, bare(order), order.shape[0], bare(stack))
        return 0.0

    @njit(cache=True, nogil=True)
    def place_first(p: Any, o: Any, n: Any, w: Any, t: Any, missing: float, s: Any, tasks: Any) -> float:
        if stamp:
            rows = bare(p), bare(o), bare(s), bare(n), bare(w), bare(t)
            return kernel.place_first(*rows, missing, bare(tasks), tasks.shape[0])
        return 0.0

    @njit(cache=True, nogil=True)
    def snapshots(
        p: Any, o: Any, n: Any, w: Any, t: Any, missing: float,
        states: Any, costs: Any, which: Any, order: Any, stack: Any,
    ) -> float:  # fmt: skip
        if stamp:
            rows = bare(p), bare(o), bare(states), states.shape[1], bare(costs), bare(which)
            values = bare(n), bare(w), bare(t), missing
            return kernel_walk.snapshots(*rows, *values, bare(order), order.shape[0], bare(stack))
        return 0.0

    @njit(cache=True, nogil=True)
    def cost_until(
        p: Any, o: Any, n: Any, w: Any, t: Any, missing: float,
        states: Any, costs: Any, order: Any, stack: Any, threshold: float,
    ) -> float:  # fmt: skip
        if stamp:
            rows = bare(p), bare(o), bare(states), states.shape[1], bare(costs)
            values = bare(n), bare(w), bare(t), missing
            return kernel_walk.cost_until(*rows, *values, bare(order), order.shape[0], bare(stack), threshold)
        return 0.0

    @njit(cache=True, nogil=True)
    def anneal(
        p: Any, o: Any, n: Any, w: Any, t: Any, missing: float,
        states: Any, costs: Any, which: Any, spare: Any, order: Any, found: Any, best: Any, numbers: Any,
        x: int, moves: int, hot: float, cold: float, stack: Any, pulls_at: Any, pulls: Any, pulled: Any,
        groups_at: Any, groups: Any,
    ) -> int:  # fmt: skip
        if stamp:
            rows = bare(p), bare(o), bare(states), states.shape[1], bare(costs), bare(which), bare(spare)
            values = bare(n), bare(w), bare(t), missing
            orders = bare(order), order.shape[0], bare(found), bare(best), bare(numbers)
            given = x, moves, hot, cold, bare(stack), bare(pulls_at), bare(pulls), bare(pulled)
            together = bare(groups_at), bare(groups), groups_at.shape[0] - 1
            return kernel_walk.anneal(*rows, *values, *orders, *given, *together)
        return x

    return decode, place_first, snapshots, cost_until, anneal


decode, place_first, snapshots, cost_until, anneal = _entries(stamp_of(MODULES))
