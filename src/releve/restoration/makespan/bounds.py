"""Periods before which no schedule can end, without any solver.

- *energy*: jobs that cannot start before `a` and leave at least `b` after them share the units in between;
- the same with demands through dual feasible functions (a job that leaves room for nothing counts for the whole);
- *destructive*: suppose the project ends by T, follow what that forces, and if it cannot be, it ends after T.

Source: Klein & Scholl, EJOR 112, 1999 (destructive bounds); Carlier, Clautiaux & Moukrim 2007 (dual feasible
functions for cumulative resources).
"""

from collections.abc import Callable, Iterator, Sequence

from releve.restoration.makespan.network import Network

__all__ = ["destructive_bound", "energy_bound", "pairs_apart"]

# Above these, bounds of a large project would take longer than its schedules.
_PAIRS_JOBS_MAX = 1_500
_HEADS_MAX, _LEVELS_MAX = 300, 24


def energy_bound(network: Network) -> int:
    """Return the best of the critical path and of the energy of every resource."""
    return max(
        network.critical_path, _energy(network, network.heads, network.tails, list(_profiles(network)))
    )


def destructive_bound(network: Network, longest: int, late: Callable[[], bool] = lambda: False) -> int:
    """Return a bound of at most `longest` + 1: ends that are shown to be impossible lie before it.

    `late` is asked now and then, and ends the search with what is known.
    """
    profiles = list(_profiles(network))
    apart = pairs_apart(network)
    bound = max(network.critical_path, _energy(network, network.heads, network.tails, profiles))
    while bound <= longest and not late():
        if _possible(network, bound, apart, profiles, late):
            break
        bound += 1
    return bound


def pairs_apart(network: Network) -> list[tuple[int, int]]:
    """Return the pairs of jobs that do not fit side by side, the earlier place first; none of very many jobs."""
    if network.size > _PAIRS_JOBS_MAX:
        return []
    users = [at for at in range(network.size) if any(network.demands[at])]
    capacities = network.capacities
    return [
        (one, two)
        for at, one in enumerate(users)
        for two in users[at + 1 :]
        if any(
            a + b > most
            for a, b, most in zip(network.demands[one], network.demands[two], capacities, strict=True)
        )
    ]


def _profiles(network: Network) -> Iterator[tuple[list[tuple[int, int]], int]]:
    """Yield for each resource, and each way to count its demands, the work of its users and the units there are."""
    for resource, capacity in enumerate(network.capacities):
        demands = [(at, network.demands[at][resource]) for at in range(network.size)]
        users = [(at, demand) for at, demand in demands if demand]
        if not capacity or not users:
            continue
        yield [(at, demand * network.durations[at]) for at, demand in users], capacity
        levels = sorted({demand for _, demand in users if 2 * demand <= capacity} | {capacity // 2 + 1})
        for least in levels[:: len(levels) // _LEVELS_MAX + 1]:
            # What leaves fewer than `least` units leaves none, once smaller demands are not counted.
            yield (
                [
                    (at, (capacity if demand > capacity - least else demand) * network.durations[at])
                    for at, demand in users
                    if demand >= least
                ],
                capacity,
            )
        for parts in range(2, min(capacity, 5)):
            # At most `parts` - 1 jobs of more than capacity / parts fit side by side; larger ones count for more.
            shares = [(at, (parts * demand - 1) // capacity) for at, demand in users]
            yield [(at, share * network.durations[at]) for at, share in shares if share], parts - 1


def _energy(
    network: Network,
    heads: Sequence[int],
    tails: Sequence[int],
    profiles: list[tuple[list[tuple[int, int]], int]],
) -> int:
    best = 0
    for works, units in profiles:
        by_tail = sorted(((tails[at], heads[at], work) for at, work in works), reverse=True)
        begins_at = sorted({heads[at] for at, _ in works})
        for head in begins_at[:: len(begins_at) // _HEADS_MAX + 1]:
            total = 0
            for tail, begins, work in by_tail:
                if begins >= head:
                    total += work
                    best = max(best, head - (-total // units) + tail)
    return best


def _possible(
    network: Network,
    end: int,
    apart: list[tuple[int, int]],
    profiles: list[tuple[list[tuple[int, int]], int]],
    late: Callable[[], bool],
) -> bool:
    """Return whether nothing was found against an end by `end`."""
    heads, tails = list(network.heads), list(network.tails)
    durations = network.durations
    moved = True
    while moved and not late():
        moved = False
        for one, two in apart:
            for first, then in ((one, two), (two, one)):
                if heads[first] + durations[first] + durations[then] + tails[then] > end:
                    # `first` cannot come before `then`, and not beside it: it comes after.
                    if heads[then] + durations[then] > heads[first]:
                        heads[first] = heads[then] + durations[then]
                        moved = True
                    if tails[first] + durations[first] > tails[then]:
                        tails[then] = tails[first] + durations[first]
                        moved = True
        for at in range(network.size):
            heads[at] = max([heads[at], *(heads[each] + durations[each] for each in network.before[at])])
        for at in reversed(range(network.size)):
            tails[at] = max([tails[at], *(tails[each] + durations[each] for each in network.after[at])])
        if any(heads[at] + durations[at] + tails[at] > end for at in range(network.size)):
            return False
    return _energy(network, heads, tails, profiles) <= end
