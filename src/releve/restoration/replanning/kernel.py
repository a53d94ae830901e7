"""The planner's compiled annealing, with dates that may not come too early either (numba).

What is lost by a date that comes late grows as tasks are placed, so that a candidate is given up early; what is lost
by one that comes early is known at the end. Imported only by `promised.py`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from releve.restoration.planner import kernel as planner

__all__ = ["anneal_promised", "early_cost"]

_copy, _application = planner._copy, planner._application
_propose, _next, _unit = planner._propose, planner._next, planner._unit
_SNAPSHOTS = planner.SNAPSHOTS
_BACK = int(planner.Place.BACK)


@njit(cache=True)
def early_cost(back: Any, milestone: Any, low: Any, width: Any, price: Any) -> Any:
    """Return the price of the promises whose milestones are back before the hour `low`."""
    cost = 0.0
    for k in range(milestone.shape[0]):
        outside = low[k] - back[milestone[k]]
        if outside > 0.0:
            cost += price * (1.0 + min(outside / width[k], 10.0) * 0.05)
    return cost


@njit(cache=True, nogil=True)
def anneal_promised(
    p: Any, o: Any, states: Any, costs: Any, which: Any, spare: Any, weight: Any, tables: Any, missing_cost: Any,
    order: Any, best: Any, numbers: Any, x: Any, moves: Any, hot: Any, cold: Any, stack: Any,
    milestone: Any, low: Any, width: Any, price: Any,
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
            cost += early_cost(work[o[_BACK] :], milestone, low, width, price)
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
