"""`annealing.py` written for `compiled.py` to compile: the same results, some hundred times faster.

Snapshots of the accepted order let a move decode only what follows its first change, and a candidate is given up as
soon as what it certainly loses is more than what would be accepted, or as `annealing.py` says, or taken when from one
snapshot on all is as it was. State k begins at place k x size of `states`.
"""

# mypy: allow-untyped-defs
# The types of these functions are what numba infers from the arrays it is handed.

from __future__ import annotations

import math

import numpy as np

from releve.restoration.planner.kernel import NEVER, SNAPSHOTS, TOGETHER, application, copy, same
from releve.restoration.planner.pointers import row_at


def _next(x):
    x ^= x << np.uint64(13)
    x ^= x >> np.uint64(7)
    x ^= x << np.uint64(17)
    return x


def _unit(x):
    return np.float64(x >> np.uint64(11)) * (1.0 / (1 << 53))


def _among(groups, begin, end, a):
    found = False
    for k in range(begin, end):
        found |= groups[k] == a
    return found


def _bring_together(order, found, count, groups, begin, end, to):
    """Write the order into `found` with a group together at a place among the others; return the first that differs."""
    to = min(to, count - (end - begin))
    own = to
    other = np.int64(0)
    for k in range(count):
        if _among(groups, begin, end, order[k]):
            found[own] = order[k]
            own += 1
        else:
            found[other if other < to else other + (end - begin)] = order[k]
            other += 1
    first = np.int64(0)
    while first < count - 1 and order[first] == found[first]:
        first += 1
    return first


def _propose(order, found, count, groups_at, groups, group_count, x):
    """Write a neighbour of `order` into `found`; return the random state and the first place that differs."""
    x = _next(x)
    kind = np.int64(x % np.uint64(10 + TOGETHER if group_count > 0 else 10))
    x = _next(x)
    begin = np.int64(0)
    end = np.int64(0)
    if kind >= 10:
        group = np.int64(x % np.uint64(group_count))
        begin = np.int64(groups_at[group])
        end = np.int64(groups_at[group + 1])
        x = _next(x)
        one = groups[begin + np.int64(x % np.uint64(end - begin))]
        at = np.int64(0)
        while order[at] != one:
            at += 1
    else:
        at = np.int64(x % np.uint64(count))
    x = _next(x)
    u = _unit(x)
    reach = max(np.int64(1), np.int64(count * (u * u * u)))
    x = _next(x)
    to = at + reach if x & np.uint64(1024) else at - reach
    to = min(max(to, np.int64(0)), count - np.int64(1))
    if kind >= 10:
        return x, _bring_together(order, found, count, groups, begin, end, at if kind == 10 else to)
    for k in range(count):
        found[k] = order[k]
    if 5 <= kind < 8:
        found[at] = order[to]
        found[to] = order[at]
        return x, min(at, to)
    size = np.int64(1)
    if kind >= 8:
        x = _next(x)
        if count > 2:
            size = min(np.int64(2) + np.int64(x % np.uint64(5)), count - max(at, to))
    if to > at:
        for k in range(at, to):
            found[k] = order[k + size]
        for k in range(size):
            found[to + k] = order[at + k]
    else:
        for k in range(size):
            found[to + k] = order[at + k]
        for k in range(to, at):
            found[k + size] = order[k]
    return x, min(at, to)


def snapshots(p, o, states, size, costs, which, patience, weight, tables, missing_cost, order, count, stack):
    """Decode an order upon state 0 and keep the states an annealing goes on from; return its cost."""
    step = (count + SNAPSHOTS - 1) // SNAPSHOTS
    work = row_at(states, size)
    copy(p, o, states, work)
    cost = costs[0]
    for place in range(count):
        if place % step == 0:
            copy(p, o, work, row_at(states, which[place // step] * size))
            costs[which[place // step]] = cost
        cost += application(p, o, work, patience, weight, tables, missing_cost, order[place], stack)
    return cost


def cost_until(
    p, o, states, size, costs, patience, weight, tables, missing_cost, order, count, stack, threshold
):
    """Return the cost of an order, or of as much of it as costs more than the threshold."""
    work = row_at(states, size)
    copy(p, o, states, work)
    cost = costs[0]
    for place in range(count):
        cost += application(p, o, work, patience, weight, tables, missing_cost, order[place], stack)
        if cost > threshold:
            break
    return cost


def _pull(order, count, pulls_at, pulls, pulled, first):
    """Say again at which place each application stands that does not stand before place `first`."""
    for a in range(count):
        if pulled[a] >= first:
            pulled[a] = NEVER
    for place in range(first, count):
        for k in range(pulls_at[order[place]], pulls_at[order[place] + 1]):
            if pulled[pulls[k]] > place:
                pulled[pulls[k]] = place


def _changes_nothing(order, found, count, pulled):
    """Return whether both orders are the same but for what stands before the first place where they differ."""
    first = 0
    while first < count and order[first] == found[first]:
        first += 1
    i = first
    j = first
    while True:
        while i < count and pulled[order[i]] < first:
            i += 1
        while j < count and pulled[found[j]] < first:
            j += 1
        if i == count or j == count:
            return i == count and j == count
        if order[i] != found[j]:
            return False
        i += 1
        j += 1


def anneal(
    p,
    o,
    states,
    size,
    costs,
    which,
    spare,
    patience,
    weight,
    tables,
    missing_cost,
    order,
    count,
    found,
    best,
    numbers,
    x,
    moves,
    hot,
    cold,
    stack,
    pulls_at,
    pulls,
    pulled,
    groups_at,
    groups,
    group_count,
):
    """Go on for a number of moves, the temperature going from `hot` to `cold`; return the random state.

    `numbers`: cost of the order, cost of the best, moves accepted. State `which[k]` is the one before place k x step
    of the order, `spare[k]` room for that of a candidate; state 1 is where a candidate is decoded. `pulled`: by
    application the place at which it stands with all it has (`pulling.py`). `groups`: see `annealing.propose`.
    """
    step = (count + SNAPSHOTS - 1) // SNAPSHOTS
    work = row_at(states, size)
    _pull(order, count, pulls_at, pulls, pulled, 0)
    for move in range(moves):
        temperature = hot * (cold / hot) ** (move / moves)
        x, first = _propose(order, found, count, groups_at, groups, group_count, x)
        if _changes_nothing(order, found, count, pulled):
            continue
        x = _next(x)
        allowed = -temperature * math.log(max(_unit(x), 1e-300))
        threshold = numbers[0] + allowed
        last = count - 1
        while order[last] == found[last]:
            last -= 1
        k0 = first // step
        copy(p, o, row_at(states, which[k0] * size), work)
        cost = costs[which[k0]]
        given_up = False
        until = (count + step - 1) // step
        for place in range(k0 * step, count):
            if place % step == 0 and place > k0 * step:
                k = place // step
                if place > last:
                    if cost - costs[which[k]] > allowed:
                        given_up = True
                        break
                    if same(p, o, work, row_at(states, which[k] * size)):
                        cost = numbers[0]
                        until = k
                        break
                copy(p, o, work, row_at(states, spare[k] * size))
                costs[spare[k]] = cost
            cost += application(p, o, work, patience, weight, tables, missing_cost, found[place], stack)
            if cost > threshold:
                given_up = True
                break
        if given_up:
            continue
        numbers[2] += 1.0
        for k in range(first, count):
            order[k] = found[k]
        _pull(order, count, pulls_at, pulls, pulled, first)
        numbers[0] = cost
        for k in range(k0 + 1, until):
            kept = which[k]
            which[k] = spare[k]
            spare[k] = kept
        if cost < numbers[1] * (1.0 - 1e-11):
            numbers[1] = cost
            for k in range(count):
                best[k] = found[k]
    return x
