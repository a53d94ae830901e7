"""Prices of people's hours, raised where more is asked than there is: a bound that grows as long as there is time.

It begins with the prices a linear program found (`program.py`) and goes on with what each plan without limits would
hold at those prices (`hourly.py`). Subgradients, with some inertia; the steps and the warmth of choice become smaller
as the time passes.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import numpy as np

from releve.restoration.planner.hourly import Hourly
from releve.restoration.planner.program import Builder

__all__ = ["prices_of", "proofs"]

Array = Any
# Chosen on generated cases, seeds below 1000. Steps are parts of a price, the warmth of what is proven by node.
_FIRST = 15  # times costs are told before the first step
_STEPS = 0.04, 0.005
_WARMTH = 0.04, 0.006
_INERTIA = 0.7
_LEAST = 0.1  # of the usual price: below that a step is a part of this, so that what costs nothing can cost something
_AT_LEAST = 0.1  # of the care lost by hour held: no usual price is below that
_TOLD_MAX = 1000  # steps after which a small case has gained what it can
_BETWEEN = 12  # steps between two proofs


def prices_of(builder: Builder, multipliers: Array, hourly: Hourly) -> Array:
    """Return the price of each group of people and resource that the multipliers of a program come to."""
    loads, edges = builder.loads, builder.edges
    spans = len(edges) - 1
    at = np.clip(np.searchsorted(edges, hourly.edges[:-1], side="right") - 1, 0, spans - 1)
    found = np.zeros_like(hourly.offered)
    for k, first in builder.hours_at.items():
        price = np.maximum(multipliers[first : first + spans], 0.0)[at]
        if k >= len(loads.kinds):
            rows = [len(hourly.people) + k - len(loads.kinds)]
        else:
            skill, hours = loads.kinds[k]
            rows = [g for g, mask in enumerate(hourly.masks) if skill in hourly.skills[g] and mask & hours]
        for row in rows:
            found[row] = np.maximum(found[row], price)
    return found


def proofs(hourly: Hourly, prices: Array, deadline: float) -> Iterator[float]:
    """Yield what is proven now and then until the clock (`time.monotonic`) says `deadline`."""
    began, steps, pace = time.monotonic(), 0, np.zeros_like(prices)
    hourly.price(prices)
    for _ in range(_FIRST):
        held = hourly.tell(1.0)
        if time.monotonic() > deadline:
            return
    first = hourly.proven()
    yield first
    if not hourly.profile.size:  # nobody is held by anything
        return
    a_node = max(first / max(len(hourly.before), 1), 1e-9)
    # A coarse program often sees nobody wait where somebody does: its prices are no measure then, care is.
    paid = prices[prices > 0.0]
    usual = max(float(paid.mean()) if paid.size else 0.0, _AT_LEAST * first / max(float(held.sum()), 1.0))
    while True:
        share = max((time.monotonic() - began) / max(deadline - began, 1e-3), steps / _TOLD_MAX)
        if share >= 1.0:
            break
        step, warmth = (begin * (end / begin) ** share for begin, end in (_STEPS, _WARMTH))
        held = hourly.tell(warmth * a_node)
        lacking = (held - hourly.offered) / np.maximum(np.maximum(held, hourly.offered), 1e-9)
        pace = _INERTIA * pace + (1.0 - _INERTIA) * lacking
        prices = np.maximum(prices + step * np.maximum(prices, _LEAST * usual) * pace, 0.0)
        hourly.price(prices)
        steps += 1
        if not steps % _BETWEEN:
            yield hourly.proven()
    yield hourly.proven()
