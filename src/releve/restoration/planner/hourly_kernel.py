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
        for x in range(in_at[i], in_at[i + 1]):
            edge = ins[x]
            best = _NEVER
            for t in range(lo[source[edge]], last + 1):
                best = min(best, given[p_at[edge] + t])
                room[t] = best
            for e in range(lo[i], last + 1):
                value = room[starts[row[i] + e]]
                total[base + e] += value - told[q_at[edge] + e]
                told[q_at[edge] + e] = value
        if offers_at[i] < offers_at[i + 1]:
            _hold(
                last, i, lo, base, total, offers_at, offer, work, least, profile, hours_at, hours, paid, cost,
                warmth, held,
            )  # fmt: skip
        after, before = out_at[i + 1] - out_at[i], in_at[i + 1] - in_at[i]
        if after:
            share = 1.0 / max(after, before)
            for x in range(out_at[i], out_at[i + 1]):
                place = p_at[outs[x]]
                for e in range(lo[i], last + 1):
                    given[place + e] += share * total[base + e]
            for e in range(lo[i], last + 1):
                total[base + e] *= 1.0 - share * after


@njit(cache=True, nogil=True)
def _hold(
    last: int, i: int, lo: Any, base: int, total: Any, offers_at: Any, offer: Any, work: Any, least: Any,
    profile: Any, hours_at: Any, hours: Any, paid: Any, cost: Any, warmth: float, held: Any,
) -> None:  # fmt: skip
    best = _NEVER
    for e in range(lo[i], last + 1):
        best = min(best, total[base + e])
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
        base = at[i]
        for x in range(out_at[i], out_at[i + 1]):
            edge = outs[x]
            j = target[edge]
            best, t = _NEVER, last
            for e in range(last, lo[j] - 1, -1):
                start = starts[row[j] + e]
                while t > start:
                    room[t] = best
                    t -= 1
                best = min(best, -told[q_at[edge] + e])
            while t >= lo[i]:
                room[t] = best
                t -= 1
            for e in range(lo[i], last + 1):
                total[base + e] += given[p_at[edge] + e] + room[e]
                given[p_at[edge] + e] = -room[e]
        after, before = out_at[i + 1] - out_at[i], in_at[i + 1] - in_at[i]
        if before:
            share = 1.0 / max(after, before)
            for x in range(in_at[i], in_at[i + 1]):
                edge_at = q_at[ins[x]]
                for e in range(lo[i], last + 1):
                    told[edge_at + e] -= share * total[base + e]
            for e in range(lo[i], last + 1):
                total[base + e] *= 1.0 - share * before


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
