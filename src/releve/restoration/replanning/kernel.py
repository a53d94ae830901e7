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

__all__ = ["anneal_promised", "moved"]

_copy, _application = planner._copy, planner._application
_propose, _next, _unit = planner._propose, planner._next, planner._unit
_SNAPSHOTS = planner.SNAPSHOTS
_BACK = int(planner.Place.BACK)

Array = Any  # arrays of numpy; their types are checked where they are compiled


@njit(cache=True)
def moved(back: Array, line: Array, high: Array, each: Array, free: float, slope: float, far: float) -> float:
    """Return what `Priced.moved` does of the hours `back` of all milestones."""
    count = 0.0
    outside = 0.0
    for k in range(line.shape[0]):
        away = back[line[k]] - high[k]
        if away > 0.0:
            count += each[k]
            outside += min(away, far)
    return max(count - free, 0.0) + slope * outside


@njit(cache=True, nogil=True)
def anneal_promised(
    p: Array,
    o: Array,
    states: Array,
    costs: Array,
    which: Array,
    spare: Array,
    weight: Array,
    tables: Array,
    missing_cost: float,
    order: Array,
    best: Array,
    numbers: Array,
    x: Any,
    moves: int,
    hot: float,
    cold: float,
    stack: Array,
    price: float,
    last_price: float,
    line: Array,
    high: Array,
    each: Array,
    free: float,
    slope: float,
    far: float,
) -> Any:
    """Go on for a number of moves as `planner.kernel.anneal` does; return the random state.

    `numbers`: care lost by the order, cost of the best at the last price, moves accepted, `moved` of the order.
    """
    count = order.shape[0]
    step = (count + _SNAPSHOTS - 1) // _SNAPSHOTS
    found = np.empty_like(order)
    work = states[1]
    for move in range(moves):
        temperature = hot * (cold / hot) ** (move / moves)
        x, first = _propose(order, found, x)
        x = _next(x)
        threshold = numbers[0] + price * numbers[3] - temperature * math.log(max(_unit(x), 1e-300))
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
        if cost > threshold:
            continue
        dates = moved(work[o[_BACK] :], line, high, each, free, slope, far)
        if cost + price * dates > threshold:
            continue
        numbers[2] += 1.0
        order[:] = found
        numbers[0] = cost
        numbers[3] = dates
        for k in range(k0 + 1, (count + step - 1) // step):
            which[k], spare[k] = spare[k], which[k]
        if cost + last_price * dates < numbers[1] * (1.0 - 1e-11):
            numbers[1] = cost + last_price * dates
            best[:] = found
    return x
