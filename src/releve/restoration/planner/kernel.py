"""`placing.py` and `annealing.py` compiled (numba): the same results, some hundred times faster.

Imported only by `fast.py`. A grid is one array of integers `p`, the state of a decoding another, `s`; `o` says where
each list begins in them (`Place`). Few and flat arguments: a compiled function pays for each array it is handed.
Snapshots of the accepted order let a move decode only what follows its first change, and a candidate is given up as
soon as what it certainly loses is more than what would be accepted.
"""

# mypy: allow-untyped-defs
# The types of these functions are what numba infers from the arrays it is handed.

from __future__ import annotations

import math
from enum import IntEnum

import numpy as np
from numba import njit

UNPLACED = -2
NEVER = 1 << 30
NOWHERE = -1
SNAPSHOTS = 24


class Place(IntEnum):
    """Where a list begins: in `p` up to CARRIED, in `s` from START on. The first three are counts."""

    TASKS = 0
    HORIZON = 1
    PEOPLE_COUNT = 2
    WORK = 3
    READY = 4
    UNDER_WAY = 5
    BEFORE_AT = 6
    BEFORE = 7
    OWN_AT = 8
    OWN = 9
    APP_OF = 10
    TEAMS_AT = 11
    TEAMS_END = 12
    PROFILE = 13
    PEOPLE_AT = 14
    PEOPLE = 15
    COUNTED = 16
    HOURS_AT = 17
    HOURS = 18
    PERSON_COUNTED = 19
    USES_AT = 20
    USES = 21
    CARRIED_AT = 22
    CARRIED = 23
    TABLE_OF = 24
    STAYS_AT = 25
    START = 26
    END = 27
    TEAM = 28
    APP_LEFT = 29
    APP_END = 30
    BACK = 31
    STAYS = 32
    FREE = 33
    BEGINS = 34
    FREES = 35


_HORIZON, _PEOPLE_COUNT = int(Place.HORIZON), int(Place.PEOPLE_COUNT)
_WORK, _READY, _UNDER_WAY = int(Place.WORK), int(Place.READY), int(Place.UNDER_WAY)
_BEFORE_AT, _BEFORE, _OWN_AT, _OWN = (
    int(Place.BEFORE_AT),
    int(Place.BEFORE),
    int(Place.OWN_AT),
    int(Place.OWN),
)
_APP_OF, _TEAMS_AT, _TEAMS_END = int(Place.APP_OF), int(Place.TEAMS_AT), int(Place.TEAMS_END)
_PROFILE, _PEOPLE_AT, _PEOPLE = int(Place.PROFILE), int(Place.PEOPLE_AT), int(Place.PEOPLE)
_COUNTED, _HOURS_AT, _HOURS = int(Place.COUNTED), int(Place.HOURS_AT), int(Place.HOURS)
_PERSON_COUNTED, _USES_AT, _USES = int(Place.PERSON_COUNTED), int(Place.USES_AT), int(Place.USES)
_CARRIED_AT, _CARRIED, _TABLE_OF = int(Place.CARRIED_AT), int(Place.CARRIED), int(Place.TABLE_OF)
_STAYS_AT, _START, _END, _TEAM = int(Place.STAYS_AT), int(Place.START), int(Place.END), int(Place.TEAM)
_APP_LEFT, _APP_END, _BACK = int(Place.APP_LEFT), int(Place.APP_END), int(Place.BACK)
_STAYS, _FREE, _BEGINS, _FREES = int(Place.STAYS), int(Place.FREE), int(Place.BEGINS), int(Place.FREES)


@njit(cache=True)
def _place(p, o, s, patience, i):
    """Put a task at its first place; its end is `NOWHERE` when there is none within the horizon."""
    horizon = o[_HORIZON]
    end_at = o[_END]
    ready = p[o[_READY] + i]
    under_way = p[o[_UNDER_WAY] + i]
    if under_way < 0:
        for k in range(p[o[_BEFORE_AT] + i], p[o[_BEFORE_AT] + i + 1]):
            e = s[end_at + p[o[_BEFORE] + k]]
            if e == NOWHERE:
                s[end_at + i] = NOWHERE
                return
            ready = max(ready, e)
    work = p[o[_WORK] + i]
    if work == 0:
        s[o[_START] + i] = under_way if under_way >= 0 else ready
        s[end_at + i] = ready
        return
    best_start = NOWHERE
    best_end = horizon + 1
    best_until = NEVER
    best = -1
    u0 = p[o[_USES_AT] + i]
    u1 = p[o[_USES_AT] + i + 1]
    uses, free = o[_USES], o[_FREE]
    people_at, people_of, hours_of = o[_PEOPLE_AT], o[_PEOPLE], o[_HOURS]
    stays, stays_at, begins, frees = o[_STAYS], o[_STAYS_AT], o[_BEGINS], o[_FREES]
    for option in range(p[o[_TEAMS_AT] + i], p[o[_TEAMS_END] + i]):
        profile = p[o[_PROFILE] + option]
        p0 = p[people_at + option]
        p1 = p[people_at + option + 1]
        counted = o[_COUNTED] + profile * (horizon + 1)
        hours_at = hours_of + p[o[_HOURS_AT] + profile]
        count = hours_of + p[o[_HOURS_AT] + profile + 1] - hours_at
        at = ready
        while at <= horizon:
            first = p[counted + at]
            last = first + work - 1
            if last >= count:
                break
            end = p[hours_at + last] + 1
            if end + patience[option] >= best_until:
                break
            start = p[hours_at + first]
            again = at
            for k in range(p0, p1):
                person = p[people_of + k]
                base = p[stays_at + person]
                low = 0
                high = s[stays + person]
                while low < high:
                    middle = (low + high) >> 1
                    if s[begins + base + middle] < end:
                        low = middle + 1
                    else:
                        high = middle
                if low > 0:
                    until = s[frees + base + low - 1]
                    if until > start:
                        again = max(again, until)
            if again == at:
                for k in range(u0, u1):
                    row = free + p[uses + 2 * k] * horizon
                    units = p[uses + 2 * k + 1]
                    hour = end - 1
                    while hour >= start:
                        if s[row + hour] < units:
                            again = max(again, hour + 1)
                            break
                        hour -= 1
            if again == at:
                best_start = start
                best_end = end
                best_until = end + patience[option]
                best = option
                break
            at = again
    if best < 0:
        s[end_at + i] = NOWHERE
        return
    s[o[_START] + i] = best_start if under_way < 0 else under_way
    s[end_at + i] = best_end
    s[o[_TEAM] + i] = best
    since = best_start if under_way < 0 else max(min(under_way, best_start), 0)
    for k in range(p[people_at + best], p[people_at + best + 1]):
        person = p[people_of + k]
        begin = since
        if under_way >= 0:  # it holds them already, also while the team as a whole does not work
            for place in range(s[stays + person]):
                until = s[frees + p[stays_at + person] + place]
                if until <= best_start:
                    begin = max(begin, until)
        _take(p, o, s, person, begin, best_end)
    for k in range(u0, u1):
        row = free + p[uses + 2 * k] * horizon
        units = p[uses + 2 * k + 1]
        for hour in range(since, best_end):
            s[row + hour] -= units


@njit(cache=True)
def _take(p, o, s, person, start, end):
    """Add a stay; stays between which the person works no hour become one, which changes no result."""
    n = s[o[_STAYS] + person]
    begins = o[_BEGINS] + p[o[_STAYS_AT] + person]
    frees = o[_FREES] + p[o[_STAYS_AT] + person]
    low = 0
    high = n
    while low < high:
        middle = (low + high) >> 1
        if s[begins + middle] < start:
            low = middle + 1
        else:
            high = middle
    counted = o[_PERSON_COUNTED] + person * (o[_HORIZON] + 1)
    left = low > 0 and p[counted + s[frees + low - 1]] == p[counted + start]
    right = low < n and p[counted + end] == p[counted + s[begins + low]]
    if left and right:
        s[frees + low - 1] = s[frees + low]
        for k in range(low, n - 1):
            s[begins + k] = s[begins + k + 1]
            s[frees + k] = s[frees + k + 1]
        s[o[_STAYS] + person] = n - 1
    elif left:
        s[frees + low - 1] = end
    elif right:
        s[begins + low] = start
    else:
        for k in range(n, low, -1):
            s[begins + k] = s[begins + k - 1]
            s[frees + k] = s[frees + k - 1]
        s[begins + low] = start
        s[frees + low] = end
        s[o[_STAYS] + person] = n + 1


@njit(cache=True)
def _finish(p, o, s, weight, tables, missing_cost, i):
    """Count the task as placed; return the care lost more, when with it a milestone moves later."""
    a = p[o[_APP_OF] + i]
    if a < 0:
        return 0.0
    horizon = o[_HORIZON]
    left = o[_APP_LEFT] + a
    s[left] -= 1
    end = s[o[_END] + i]
    if end == NOWHERE:
        end = horizon + 1
    s[o[_APP_END] + a] = max(s[o[_APP_END] + a], end)
    if s[left] > 0:
        return 0.0
    end = s[o[_APP_END] + a]
    more = 0.0
    for k in range(p[o[_CARRIED_AT] + a], p[o[_CARRIED_AT] + a + 1]):
        m = p[o[_CARRIED] + k]
        old = s[o[_BACK] + m]
        if end > old:
            if end > horizon:
                more += missing_cost - weight[m] * tables[p[o[_TABLE_OF] + m], old]
            else:
                table = p[o[_TABLE_OF] + m]
                more += weight[m] * (tables[table, end] - tables[table, old])
            s[o[_BACK] + m] = end
    return more


@njit(cache=True)
def _application(p, o, s, patience, weight, tables, missing_cost, a, stack):
    """Place an application and all it waits for; return the care lost more."""
    more = 0.0
    before_at, before, end_at = o[_BEFORE_AT], o[_BEFORE], o[_END]
    for k in range(p[o[_OWN_AT] + a], p[o[_OWN_AT] + a + 1]):
        i = p[o[_OWN] + k]
        if s[end_at + i] != UNPLACED:
            continue
        depth = 0
        stack[0] = i
        while depth >= 0:
            j = stack[depth]
            missing = -1
            for b in range(p[before_at + j], p[before_at + j + 1]):
                if s[end_at + p[before + b]] == UNPLACED:
                    missing = p[before + b]
                    break
            if missing >= 0:
                depth += 1
                stack[depth] = missing
            else:
                depth -= 1
                _place(p, o, s, patience, j)
                more += _finish(p, o, s, weight, tables, missing_cost, j)
    return more


@njit(cache=True)
def _copy(p, o, a, b):
    """Make state `b` what `a` is; of stays only those there are."""
    for k in range(o[_BEGINS]):
        b[k] = a[k]
    for person in range(o[_PEOPLE_COUNT]):
        at = p[o[_STAYS_AT] + person]
        for k in range(at, at + a[o[_STAYS] + person]):
            b[o[_BEGINS] + k] = a[o[_BEGINS] + k]
            b[o[_FREES] + k] = a[o[_FREES] + k]


@njit(cache=True, nogil=True)
def decode(p, o, s, patience, weight, tables, missing_cost, order, stack):
    """Place everything in this order upon state `s`; return the care lost more than `s` already had."""
    more = 0.0
    for k in range(order.shape[0]):
        more += _application(p, o, s, patience, weight, tables, missing_cost, order[k], stack)
    return more


@njit(cache=True)
def place_first(p, o, s, patience, weight, tables, missing_cost, tasks):
    """Place tasks under way; return the care lost more."""
    more = 0.0
    for k in range(tasks.shape[0]):
        _place(p, o, s, patience, tasks[k])
        more += _finish(p, o, s, weight, tables, missing_cost, tasks[k])
    return more


@njit(cache=True)
def _next(x):
    x ^= x << np.uint64(13)
    x ^= x >> np.uint64(7)
    x ^= x << np.uint64(17)
    return x


@njit(cache=True)
def _unit(x):
    return np.float64(x >> np.uint64(11)) * (1.0 / (1 << 53))


@njit(cache=True)
def _propose(order, found, x):
    """Write a neighbour of `order` into `found`; return the random state and the first place that differs."""
    count = np.int64(order.shape[0])
    x = _next(x)
    kind = np.int64(x % np.uint64(10))
    x = _next(x)
    at = np.int64(x % np.uint64(count))
    x = _next(x)
    u = _unit(x)
    reach = max(np.int64(1), np.int64(count * (u * u * u)))
    x = _next(x)
    to = at + reach if x & np.uint64(1024) else at - reach
    to = min(max(to, np.int64(0)), count - np.int64(1))
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


@njit(cache=True, nogil=True)
def snapshots(p, o, states, costs, which, patience, weight, tables, missing_cost, order, stack):
    """Decode an order upon state 0 and keep the states an annealing goes on from; return its cost."""
    count = order.shape[0]
    step = (count + SNAPSHOTS - 1) // SNAPSHOTS
    work = states[1]
    _copy(p, o, states[0], work)
    cost = costs[0]
    for place in range(count):
        if place % step == 0:
            _copy(p, o, work, states[which[place // step]])
            costs[which[place // step]] = cost
        cost += _application(p, o, work, patience, weight, tables, missing_cost, order[place], stack)
    return cost


@njit(cache=True, nogil=True)
def cost_until(p, o, states, costs, patience, weight, tables, missing_cost, order, stack, threshold):
    """Return the cost of an order, or of as much of it as costs more than the threshold."""
    work = states[1]
    _copy(p, o, states[0], work)
    cost = costs[0]
    for place in range(order.shape[0]):
        cost += _application(p, o, work, patience, weight, tables, missing_cost, order[place], stack)
        if cost > threshold:
            break
    return cost


@njit(cache=True)
def _pull(order, pulls_at, pulls, pulled, first):
    """Say again at which place each application stands that does not stand before place `first`."""
    for a in range(pulled.shape[0]):
        if pulled[a] >= first:
            pulled[a] = NEVER
    for place in range(first, order.shape[0]):
        for k in range(pulls_at[order[place]], pulls_at[order[place] + 1]):
            if pulled[pulls[k]] > place:
                pulled[pulls[k]] = place


@njit(cache=True)
def _changes_nothing(order, found, pulled):
    """Return whether both orders are the same but for what stands before the first place where they differ."""
    count = order.shape[0]
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


@njit(cache=True, nogil=True)
def anneal(
    p,
    o,
    states,
    costs,
    which,
    spare,
    patience,
    weight,
    tables,
    missing_cost,
    order,
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
):
    """Go on for a number of moves, the temperature going from `hot` to `cold`; return the random state.

    `numbers`: cost of the order, cost of the best, moves accepted. State `which[k]` is the one before place k x step
    of the order, `spare[k]` room for that of a candidate; state 1 is where a candidate is decoded. `pulled`: by
    application the place at which it stands with all it has (`pulling.py`).
    """
    count = order.shape[0]
    step = (count + SNAPSHOTS - 1) // SNAPSHOTS
    found = np.empty_like(order)
    work = states[1]
    _pull(order, pulls_at, pulls, pulled, 0)
    for move in range(moves):
        temperature = hot * (cold / hot) ** (move / moves)
        x, first = _propose(order, found, x)
        if _changes_nothing(order, found, pulled):
            continue
        x = _next(x)
        threshold = numbers[0] - temperature * math.log(max(_unit(x), 1e-300))
        k0 = first // step
        _copy(p, o, states[which[k0]], work)
        cost = costs[which[k0]]
        given_up = False
        for place in range(k0 * step, count):
            if place % step == 0 and place > k0 * step:
                _copy(p, o, work, states[spare[place // step]])
                costs[spare[place // step]] = cost
            cost += _application(p, o, work, patience, weight, tables, missing_cost, found[place], stack)
            if cost > threshold:
                given_up = True
                break
        if given_up:
            continue
        numbers[2] += 1.0
        for k in range(first, count):
            order[k] = found[k]
        _pull(order, pulls_at, pulls, pulled, first)
        numbers[0] = cost
        for k in range(k0 + 1, (count + step - 1) // step):
            kept = which[k]
            which[k] = spare[k]
            spare[k] = kept
        if cost < numbers[1] * (1.0 - 1e-11):
            numbers[1] = cost
            for k in range(count):
                best[k] = found[k]
    return x
