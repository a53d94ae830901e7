"""The loops of the search, in the Python that numba compiles too: flat arrays of whole numbers, nothing else.

`engine.py` hands out these functions as they stand (lists, pure Python) or compiled (bare rows): one source, so
that both find the same schedules. Not imported by anything else.

A *word* packs the free units of several resources in one period, a field each, the top bit of each field a guard
that is always set: a demand fits when no guard was borrowed from. `first` and `before` are the jobs a job waits for
(`before[first[job]:first[job + 1]]`); handed the jobs that wait for it instead, the same functions work on the
project in reversed time.
"""

__all__ = ["KERNELS"]

Numbers = list[int]  # or, compiled, where 64-bit numbers begin


def next_random(
    state: Numbers,
) -> int:
    """Return 32 random bits and step the state (xorshift; Source: Marsaglia, J. Stat. Soft. 8, 2003)."""
    x = state[0]
    x ^= (x << 13) & 0xFFFFFFFF
    x ^= x >> 17
    x ^= (x << 5) & 0xFFFFFFFF
    state[0] = x
    return x


def serial(
    order: Numbers,
    n: int,
    words: int,
    duration: Numbers,
    demand: Numbers,
    guard: int,
    first: Numbers,
    before: Numbers,
    capacity: Numbers,
    free: Numbers,
    length: int,
    finish: Numbers,
) -> int:
    """Place the n jobs of `order`, each as early as it fits after those before it; return the last end.

    `free` holds `words` profiles of `length` periods one after the other, all equal to `capacity`; it is left so.
    Source: serial schedule generation, Kolisch 1996.
    """
    last = 0
    for k in range(n):
        job = order[k]
        start = 0
        for p in range(first[job], first[job + 1]):
            if finish[before[p]] > start:
                start = finish[before[p]]
        long = duration[job]
        if long > 0:
            known = start  # periods from start to here are known to fit
            while True:
                end = start + long
                u = end - 1
                if words == 1:
                    need = demand[job]
                    while u >= known and (free[u] - need) & guard == guard:
                        u -= 1
                else:
                    while u >= known:
                        fits = True
                        for w in range(words):
                            if (free[w * length + u] - demand[job * words + w]) & guard != guard:
                                fits = False
                                break
                        if not fits:
                            break
                        u -= 1
                if u < known:
                    break
                known = end
                start = u + 1
            for w in range(words):
                need = demand[job * words + w]
                if need:
                    base = w * length
                    for u in range(start, start + long):
                        free[base + u] -= need
        finish[job] = start + long
        if start + long > last:
            last = start + long
    for w in range(words):
        base = w * length
        for u in range(last):
            free[base + u] = capacity[w]
    return last


def by_late_end(
    order: Numbers,
    n: int,
    finish: Numbers,
    last: int,
    count: Numbers,
    out: Numbers,
) -> int:
    """Write to `out` the jobs of `order`, latest end first; of two equal ones the later in the list first."""
    for t in range(last + 2):
        count[t] = 0
    for k in range(n):
        count[last - finish[order[k]] + 1] += 1
    for t in range(last + 1):
        count[t + 1] += count[t]
    for k in range(n - 1, -1, -1):
        job = order[k]
        slot = last - finish[job]
        out[count[slot]] = job
        count[slot] += 1
    return 0


def shift(
    order: Numbers,
    n: int,
    first: Numbers,
    before: Numbers,
    first_after: Numbers,
    after: Numbers,
    state: Numbers,
) -> int:
    """Move a job drawn at random to another place, drawn among those that keep every job after what it waits for."""
    k = next_random(state) % n
    job = order[k]
    low = k
    while low > 0 and not _among(order[low - 1], before, first[job], first[job + 1]):
        low -= 1
    high = k
    while high < n - 1 and not _among(order[high + 1], after, first_after[job], first_after[job + 1]):
        high += 1
    if low == high:
        return 0
    to = low + next_random(state) % (high - low)
    if to >= k:
        to += 1
        for p in range(k, to):
            order[p] = order[p + 1]
    else:
        for p in range(k, to, -1):
            order[p] = order[p - 1]
    order[to] = job
    return 1


def _among(
    job: int,
    jobs: Numbers,
    start: int,
    end: int,
) -> bool:
    p = start
    while p < end and jobs[p] != job:
        p += 1
    return p < end


def anneal(
    steps: int,
    worse: int,
    target: int,
    n: int,
    words: int,
    duration: Numbers,
    demand: Numbers,
    guard: int,
    first: Numbers,
    before: Numbers,
    first_after: Numbers,
    after: Numbers,
    capacity: Numbers,
    free: Numbers,
    length: int,
    order: Numbers,
    child: Numbers,
    late: Numbers,
    finish: Numbers,
    count: Numbers,
    best: Numbers,
    state: Numbers,
) -> int:
    """Take so many steps from the list `order`, until the best end is `target`; return the best end.

    A step moves a job or a few, and makes the schedule. Every fourth one that is kept is read backwards: the jobs by
    latest end are a list of the reversed project whose schedule is no longer, so that the chain justifies itself to
    either side in turn (Valls, Ballestin & Quintanilla 2005) for one schedule a step. A longer one is kept with
    `worse` / 65536 for each period it is longer (Bouleimen & Lecocq 2003). `best` holds the ends of the best schedule
    in its direction.

    `state`: random state, end of `order`'s schedule, its direction (1: reversed), best end, its direction.
    """
    for _ in range(steps):
        if state[3] <= target:
            break
        for p in range(n):
            child[p] = order[p]
        # One move every second time, one to four else: a single one leaves some plateaus never.
        moves = 1 + (next_random(state) & 3) * (next_random(state) & 1)
        if state[2] == 0:
            for _ in range(moves):
                shift(child, n, first, before, first_after, after, state)
            last = serial(
                child, n, words, duration, demand, guard, first, before, capacity, free, length, finish
            )
        else:
            for _ in range(moves):
                shift(child, n, first_after, after, first, before, state)
            last = serial(
                child, n, words, duration, demand, guard, first_after, after, capacity, free, length, finish
            )
        kept = True
        for _ in range(last - state[1]):
            if next_random(state) % 65536 >= worse:
                kept = False
                break
        if not kept:
            continue
        if last < state[3]:
            state[3] = last
            state[4] = state[2]
            for job in range(n):
                best[job] = finish[job]
        state[1] = last
        if next_random(state) & 3 == 0:
            by_late_end(child, n, finish, last, count, late)
            for p in range(n):
                order[p] = late[p]
            state[2] = 1 - state[2]
        else:
            for p in range(n):
                order[p] = child[p]
    return state[3]


KERNELS = (next_random, serial, by_late_end, _among, shift, anneal)
