"""One more resource, which follows from all others together: what their demands say only side by side.

Which jobs could ever run at the same time is enumerated; weights are sought under which none of these sets weighs
more than a whole, and the work of all jobs as much as can be. The weights are demands of a resource nobody can lack
more of, so that bounds and proofs read it like any other. Weights are rounded down and checked in whole numbers.

Source: Mingozzi, Maniezzo, Ricciardelli & Bianco, Management Science 44, 1998 (feasible subsets, LB1 and its dual).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from releve.restoration.makespan.network import Network

__all__ = ["with_joint_resource"]

WHOLE = 2_520  # of which halves to tenths are whole numbers
_SETS_MAX = 20_000  # more, and resources are so ample that their joint use says little


def with_joint_resource(network: Network) -> Network:
    """Return the network with one more resource, or as it is where that says nothing new or scipy is missing."""
    sets: list[tuple[int, ...]] = []
    for jobs in _sets_together(network):
        sets.append(jobs)
        if len(sets) > _SETS_MAX:
            return network
    weights = _weights(network, sets)
    if weights is None or any(sum(weights[at] for at in jobs) > WHOLE for jobs in sets):
        return network
    return network._replace(
        capacities=(*network.capacities, WHOLE),
        demands=tuple((*demands, weight) for demands, weight in zip(network.demands, weights, strict=True)),
    )


def _sets_together(network: Network) -> Iterator[tuple[int, ...]]:
    """Yield every set of jobs that could run at the same time, as far as precedence and resources say."""
    later: list[set[int]] = [set() for _ in range(network.size)]
    for at in reversed(range(network.size)):
        for follower in network.after[at]:
            later[at] |= {follower} | later[follower]
    jobs = [at for at in range(network.size) if network.durations[at]]
    pending: list[tuple[tuple[int, ...], int, tuple[int, ...]]] = [((), 0, network.capacities)]
    while pending:
        together, begin, free = pending.pop()
        for place in range(begin, len(jobs)):
            at = jobs[place]
            if any(at in later[each] for each in together):
                continue
            rest = tuple(units - demand for units, demand in zip(free, network.demands[at], strict=True))
            if min(rest, default=0) >= 0:
                yield (*together, at)
                pending.append(((*together, at), place + 1, rest))


def _weights(network: Network, sets: list[tuple[int, ...]]) -> list[int] | None:
    """Return the weights of the jobs, rounded down; None without scipy, or when it finds none."""
    try:
        from scipy.optimize import linprog
        from scipy.sparse import csr_matrix
    except ImportError:
        return None
    rows = [row for row, jobs in enumerate(sets) for _ in jobs]
    columns = [at for jobs in sets for at in jobs]
    matrix = csr_matrix(([1.0] * len(rows), (rows, columns)), shape=(len(sets), network.size))
    found = linprog(
        [-float(long) for long in network.durations],
        A_ub=matrix,
        b_ub=[1.0] * len(sets),
        bounds=(0, 1),
        method="highs",
    )
    if not found.success:
        return None
    return [
        int(weight * WHOLE + 1e-6) if long else 0
        for weight, long in zip(found.x, network.durations, strict=True)
    ]
