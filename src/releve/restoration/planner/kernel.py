"""`placing.py` written for `compiled.py` to compile: the same results, some hundred times faster.

A grid is one row of integers `p`, the state of a decoding another, `s`; `o` says where each list begins in them
(`Place`). All are bare pointers (`pointers.py`): no place may count from the end.
"""

# mypy: allow-untyped-defs
# The types of these functions are what numba infers from the arrays it is handed.

from __future__ import annotations

from enum import IntEnum

UNPLACED = -2
NEVER = 1 << 30
NOWHERE = -1
TOGETHER = 5  # moves of a whole group of applications for ten of the others, where groups are given
SNAPSHOTS = 48  # places of an order at which a search keeps how far it came, and compares


class Place(IntEnum):
    """Where a list begins: in `p` up to CARRIED, in `s` from START on. The first four are counts."""

    TASKS = 0
    HORIZON = 1
    PEOPLE_COUNT = 2
    PROFILES = 3
    WORK = 4
    READY = 5
    UNDER_WAY = 6
    BEFORE_AT = 7
    BEFORE = 8
    OWN_AT = 9
    OWN = 10
    APP_OF = 11
    TEAMS_AT = 12
    TEAMS_END = 13
    PROFILE = 14
    PEOPLE_AT = 15
    PEOPLE = 16
    COUNTED = 17
    HOURS_AT = 18
    HOURS = 19
    PERSON_COUNTED = 20
    USES_AT = 21
    USES = 22
    CARRIED_AT = 23
    CARRIED = 24
    TABLE_OF = 25
    STAYS_AT = 26
    START = 27
    END = 28
    TEAM = 29
    APP_LEFT = 30
    APP_END = 31
    BACK = 32
    STAYS = 33
    FREE = 34
    BEGINS = 35
    FREES = 36


_HORIZON, _PEOPLE_COUNT, _PROFILES = int(Place.HORIZON), int(Place.PEOPLE_COUNT), int(Place.PROFILES)
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
    to_frees, profiles = frees - begins, o[_PROFILES]
    for option in range(p[o[_TEAMS_AT] + i], p[o[_TEAMS_END] + i]):
        profile = p[o[_PROFILE] + option]
        p0 = p[people_at + option]
        p1 = p[people_at + option + 1]
        hours_at = hours_of + p[o[_HOURS_AT] + profile]
        count = hours_of + p[o[_HOURS_AT] + profile + 1] - hours_at
        counted = o[_COUNTED] + profile
        at = ready
        low = -1
        while at <= horizon:
            first = p[counted + at * profiles]
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
                base = begins + p[stays_at + person]
                high = s[stays + person]
                if low < 0 or p1 > p0 + 1:
                    low = 0
                    while low < high:
                        middle = (low + high) >> 1
                        if s[base + middle] < end:
                            low = middle + 1
                        else:
                            high = middle
                else:  # later than before, and the same person: from where the last look ended
                    while low < high and s[base + low] < end:
                        low += 1
                if low > 0:
                    until = s[base + to_frees + low - 1]
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
                more += missing_cost - weight[m] * tables[p[o[_TABLE_OF] + m] * (horizon + 1) + old]
            else:
                table = p[o[_TABLE_OF] + m] * (horizon + 1)
                more += weight[m] * (tables[table + end] - tables[table + old])
            s[o[_BACK] + m] = end
    return more


def application(p, o, s, patience, weight, tables, missing_cost, a, stack):
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


def copy(p, o, a, b):
    """Make state `b` what `a` is; of stays only those there are."""
    for k in range(o[_BEGINS]):
        b[k] = a[k]
    for person in range(o[_PEOPLE_COUNT]):
        at = p[o[_STAYS_AT] + person]
        for k in range(at, at + a[o[_STAYS] + person]):
            b[o[_BEGINS] + k] = a[o[_BEGINS] + k]
            b[o[_FREES] + k] = a[o[_FREES] + k]


def same(p, o, a, b):
    """Return whether two states are: then all that follows is the same, too."""
    for k in range(o[_BEGINS]):
        if a[k] != b[k]:
            return False
    for person in range(o[_PEOPLE_COUNT]):
        at = p[o[_STAYS_AT] + person]
        for k in range(at, at + a[o[_STAYS] + person]):
            if b[o[_BEGINS] + k] != a[o[_BEGINS] + k] or b[o[_FREES] + k] != a[o[_FREES] + k]:
                return False
    return True


def decode(p, o, s, patience, weight, tables, missing_cost, order, count, stack):
    """Place everything in this order upon state `s`; return the care lost more than `s` already had."""
    more = 0.0
    for k in range(count):
        more += application(p, o, s, patience, weight, tables, missing_cost, order[k], stack)
    return more


def place_first(p, o, s, patience, weight, tables, missing_cost, tasks, count):
    """Place tasks under way; return the care lost more."""
    more = 0.0
    for k in range(count):
        _place(p, o, s, patience, tasks[k])
        more += _finish(p, o, s, weight, tables, missing_cost, tasks[k])
    return more
