"""The planner's compiled annealing, with a price on promised dates that move (numba).

Care lost only grows as tasks are placed, so that a candidate is given up early; how many dates are moved is known at
the end. Imported only by `promised.py`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from releve.restoration.planner import kernel as planner

__all__ = ["anneal_promised", "moved_cost"]

_copy, _application = planner._copy, planner._application
_propose, _next, _unit = planner._propose, planner._next, planner._unit
_SNAPSHOTS = planner.SNAPSHOTS
_BACK = int(planner.Place.BACK)


@njit(cache=True)
def moved_cost(
    back: Any, milestone: Any, low: Any, high: Any, price: Any, free: Any, slope: Any, far: Any
) -> Any:
    """Return what `Priced.cost` does of the hours `back` of all milestones."""
    moved = 0
    outside = 0.0
    for k in range(milestone.shape[0]):
        hour = back[milestone[k]]
        away = max(low[k] - hour, hour - high[k])
        if away > 0.0:
            moved += 1
            outside += min(away, far)
    return price * (max(moved - free, 0) + slope * outside)


@njit(cache=True, nogil=True)
def anneal_promised(
    p: Any, o: Any, states: Any, costs: Any, which: Any, spare: Any, weight: Any, tables: Any, missing_cost: Any,
    order: Any, best: Any, numbers: Any, x: Any, moves: Any, hot: Any, cold: Any, stack: Any,
    milestone: Any, low: Any, high: Any, price: Any, free: Any, slope: Any, far: Any,
) -> Any:  # fmt: skip
    """Go on for a number of moves as `planner.kernel.anneal` does; return the random state."""
    count = order.shape[0]
    step = (count + _SNAPSHOTS - 1) // _SNAPSHOTS
    found = np.empty_like(order)
    work = states[1]
    for move in range(moves):
        temperature = hot * (cold / hot) ** (move / moves)
        x, first = _propose(order, found, x)
        x = _next(x)
        threshold = numbers[0] - temperature * math.log(max(_unit(x), 1e-300))
        k0 = first // step
        _copy(p, o, states[which[k0]], work)
        cost = costs[which[k0]]
        for place in range(k0 * step, count):
            if place % step == 0 and place > k0 * step:
                _copy(p, o, work, states[spare[place // step]])
                costs[spare[place // step]] = cost
            cost += _application(p, o, work, weight, tables, missing_cost, found[place], stack)
            if cost > threshold:
                break
        if cost <= threshold:
            cost += moved_cost(work[o[_BACK] :], milestone, low, high, price, free, slope, far)
        if cost > threshold:
            continue
        numbers[2] += 1.0
        order[:] = found
        numbers[0] = cost
        for k in range(k0 + 1, (count + step - 1) // step):
            which[k], spare[k] = spare[k], which[k]
        if cost < numbers[1]:
            numbers[1] = cost
            best[:] = found
    return x
