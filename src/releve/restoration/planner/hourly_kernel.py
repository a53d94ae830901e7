"""What `hourly.py` does with its arrays, compiled by numba: costs told from one node to the next, prices, the proof.

Every node has a cost for each hour it may end at, from its first (`lo`) to the last of all; that of node i and hour e
stands at `at[i] + e`. An edge says that its first node ends before its second starts, which for an end at e is at
`starts[row[i] + e]` at the latest. What the first has told the edge stands at `p_at[edge] + hour` of `given`, what the
edge has told the second at `q_at[edge] + hour` of `told`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

__all__ = ["backward", "forward", "proven", "reprice"]

_NEVER = 1e300


@njit(cache=True, nogil=True)
def reprice(
    last: int, lo: Any, at: Any, offers_at: Any, offer: Any, work: Any, least: Any,
    profile: Any, hours_at: Any, hours: Any, paid: Any, cost: Any, total: Any, room: Any,
) -> None:  # fmt: skip
    """Replace the cost of the hours of people in the costs of all nodes; `paid`: by team, prices before each hour."""
    for i in range(lo.shape[0]):
        if offers_at[i] == offers_at[i + 1]:
            continue
        for e in range(lo[i], last):
            room[e] = _NEVER
        for k in range(offers_at[i], offers_at[i + 1]):
            team = offer[k]
            first = hours_at[profile[team]]
            for n in range(first + least[k] + work[k] - 1, hours_at[profile[team] + 1]):
                e = hours[n] + 1
                if e >= last:
                    break
                room[e] = min(room[e], paid[team, e] - paid[team, hours[n - work[k] + 1]])
        best = _NEVER
        for e in range(lo[i], last):  # who has ended waits for nothing
            if room[e] < _NEVER:
                best = room[e]
            total[at[i] + e] += best - cost[at[i] + e]
            cost[at[i] + e] = best


@njit(cache=True, nogil=True)
def forward(
    last: int, order: Any, lo: Any, at: Any, row: Any, starts: Any, in_at: Any, ins: Any, out_at: Any, outs: Any,
    source: Any, p_at: Any, q_at: Any, given: Any, told: Any, total: Any, offers_at: Any, offer: Any, work: Any,
    least: Any, profile: Any, hours_at: Any, hours: Any, paid: Any, cost: Any, warmth: float, held: Any, room: Any,
) -> None:  # fmt: skip
    """Take in what comes before each node and tell what comes after; note in `held` which team holds which hours.

    `held` has by team +1 where it begins to be held and -1 where it is free again, in the parts in which each place of
    each task would be taken at this warmth.
    """
    for i in order:
        base = at[i]
        own = total[base + lo[i] : base + last + 1]
        latest = starts[row[i] + lo[i] : row[i] + last + 1]
        for x in range(in_at[i], in_at[i + 1]):
            edge = ins[x]
            first = lo[source[edge]]
            before_it = given[p_at[edge] + first : p_at[edge] + last + 1]
            best = _NEVER
            for t in range(before_it.shape[0]):
                if before_it[t] < best:
                    best = before_it[t]
                room[t] = best
            told_it = told[q_at[edge] + lo[i] : q_at[edge] + last + 1]
            for e in range(told_it.shape[0]):
                value = room[np.uint32(latest[e] - first)]
                own[e] += value - told_it[e]
                told_it[e] = value
        if offers_at[i] < offers_at[i + 1]:
            _hold(
                last, i, lo, base, total, offers_at, offer, work, least, profile, hours_at, hours, paid, cost,
                warmth, held,
            )  # fmt: skip
        after, before = out_at[i + 1] - out_at[i], in_at[i + 1] - in_at[i]
        if after:
            share = 1.0 / max(after, before)
            for x in range(out_at[i], out_at[i + 1]):
                it = given[p_at[outs[x]] + lo[i] : p_at[outs[x]] + last + 1]
                for e in range(own.shape[0]):
                    it[e] += share * own[e]
            for e in range(own.shape[0]):
                own[e] *= 1.0 - share * after


@njit(cache=True, nogil=True)
def _hold(
    last: int, i: int, lo: Any, base: int, total: Any, offers_at: Any, offer: Any, work: Any, least: Any,
    profile: Any, hours_at: Any, hours: Any, paid: Any, cost: Any, warmth: float, held: Any,
) -> None:  # fmt: skip
    best = total[base + lo[i] : base + last + 1].min()
    reach = best + 10.0 * warmth
    soon, late = last, lo[i]  # all within reach ends between these
    for e in range(lo[i], last):
        if total[base + e] <= reach:
            soon, late = min(soon, e), e
    whole = np.exp((best - total[base + last]) / warmth)
    for turn in range(2):  # first how much there is together, then the part of each
        for k in range(offers_at[i], offers_at[i + 1]):
            team = offer[k]
            low, high = hours_at[profile[team]] + least[k] + work[k] - 1, hours_at[profile[team] + 1]
            end = high
            while low < high:
                middle = (low + high) >> 1
                if hours[middle] + 1 < soon:
                    low = middle + 1
                else:
                    high = middle
            for n in range(low, end):
                e = hours[n] + 1
                if e > late:
                    break
                if total[base + e] > reach:
                    continue
                start = hours[n - work[k] + 1]
                value = total[base + e] - cost[base + e] + paid[team, e] - paid[team, start]
                if value <= reach:
                    part = np.exp((best - value) / warmth)
                    if turn:
                        held[team, start] += part / whole
                        held[team, e] -= part / whole
                    else:
                        whole += part


@njit(cache=True, nogil=True)
def backward(
    last: int, order: Any, lo: Any, at: Any, row: Any, starts: Any, in_at: Any, ins: Any, out_at: Any, outs: Any,
    target: Any, p_at: Any, q_at: Any, given: Any, told: Any, total: Any, room: Any,
) -> None:  # fmt: skip
    """Take in what comes after each node and tell what comes before."""
    for place in range(order.shape[0] - 1, -1, -1):
        i = order[place]
        own = total[at[i] + lo[i] : at[i] + last + 1]
        for x in range(out_at[i], out_at[i + 1]):
            edge = outs[x]
            j = target[edge]
            told_it = told[q_at[edge] + lo[j] : q_at[edge] + last + 1]
            latest = starts[row[j] + lo[j] : row[j] + last + 1]
            best, t = _NEVER, last - lo[i]  # hours are counted from the first of i
            for e in range(told_it.shape[0] - 1, -1, -1):
                start = latest[e] - lo[i]
                while t > start:
                    room[t] = best
                    t -= 1
                if -told_it[e] < best:
                    best = -told_it[e]
            while t >= 0:
                room[t] = best
                t -= 1
            it = given[p_at[edge] + lo[i] : p_at[edge] + last + 1]
            for e in range(it.shape[0]):
                own[e] += it[e] + room[e]
                it[e] = -room[e]
        after, before = out_at[i + 1] - out_at[i], in_at[i + 1] - in_at[i]
        if before:
            share = 1.0 / max(after, before)
            for x in range(in_at[i], in_at[i + 1]):
                it = told[q_at[ins[x]] + lo[i] : q_at[ins[x]] + last + 1]
                for e in range(own.shape[0]):
                    it[e] -= share * own[e]
            for e in range(own.shape[0]):
                own[e] *= 1.0 - share * before


@njit(cache=True, nogil=True)
def proven(
    last: int, lo: Any, at: Any, row: Any, starts: Any, in_at: Any, ins: Any, out_at: Any, outs: Any,
    source: Any, target: Any, p_at: Any, q_at: Any, given: Any, told: Any, lost: Any, cost: Any, room: Any,
) -> tuple[float, float]:  # fmt: skip
    """Return the least sum of the costs of all nodes and edges, added up anew, and the size of what was added."""
    sum_, size = 0.0, 0.0
    for i in range(lo.shape[0]):
        for e in range(lo[i], last + 1):
            room[e] = lost[at[i] + e] + cost[at[i] + e]
        for x in range(in_at[i], in_at[i + 1]):
            for e in range(lo[i], last + 1):
                room[e] += told[q_at[ins[x]] + e]
        for x in range(out_at[i], out_at[i + 1]):
            for e in range(lo[i], last + 1):
                room[e] -= given[p_at[outs[x]] + e]
        best = _NEVER
        for e in range(lo[i], last + 1):
            best = min(best, room[e])
        sum_ += best
        size += abs(best)
    for edge in range(source.shape[0]):
        i, j = source[edge], target[edge]
        best = _NEVER
        for t in range(lo[i], last + 1):
            best = min(best, given[p_at[edge] + t])
            room[t] = best
        best = _NEVER
        for e in range(lo[j], last + 1):
            best = min(best, room[starts[row[j] + e]] - told[q_at[edge] + e])
        sum_ += best
        size += abs(best)
    return sum_, size
