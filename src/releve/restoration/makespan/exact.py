"""Proofs: the project as a model of OR-Tools' CP-SAT, which looks for a schedule shorter than the best one known.

Source: OR-Tools 9.15, cumulative constraint with explanations (Schutt, Feydy, Stuckey & Wallace 2011).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from releve.restoration.makespan.bounds import pairs_apart

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

    from releve.restoration.makespan.incumbent import Incumbent
    from releve.restoration.makespan.network import Network

__all__ = ["cliques_apart", "prove"]

_CLIQUE_JOBS_MAX = 100  # above, the pairs are too many to join for what they bring


def prove(
    network: Network, incumbent: Incumbent, *, left: Callable[[], float], seed: int, variant: int = 0
) -> None:
    """Look for shorter schedules until nothing is left to find, or no seconds are `left`; tell the incumbent.

    One thread. Each `variant` searches in another way (0 raises the bound step by step, the others refute everything
    shorter at once, 1 without asking how much shorter); several may run side by side.
    """
    while not incumbent.settled and left() > 0:
        if _once(network, incumbent, seconds=left(), seed=seed, variant=variant):
            break


def _once(network: Network, incumbent: Incumbent, *, seconds: float, seed: int, variant: int) -> bool:
    """Return whether the search came to an end of its own; else somebody else found something shorter."""
    from ortools.sat.python import cp_model

    known = incumbent.makespan
    model, starts, end = model_of(network, incumbent.bound, known - 1)
    if asks := variant != 1:
        model.minimize(end)
    solver = cp_model.CpSolver()
    parameters = solver.parameters
    parameters.max_time_in_seconds = max(0.0, seconds)
    # One worker without the linear relaxation: on the hard class of j30 ten times sooner than any mix of two
    # (docs/reference/makespan.md). Searches side by side differ in where they start from.
    parameters.num_workers = 1
    parameters.linearization_level = 0
    parameters.random_seed = seed
    parameters.use_hard_precedences_in_cumulative = True
    if variant == 0:  # from below: each bound that is refuted is known at once
        parameters.optimize_with_core = True
    else:  # from above: is there anything shorter?
        parameters.use_disjunctive_constraint_in_cumulative = variant % 2 == 0  # the cliques say it
        parameters.use_strong_propagation_in_disjunctive = True

    class Report(cp_model.CpSolverSolutionCallback):
        def on_solution_callback(self) -> None:
            nonlocal known
            known = self.value(end)
            incumbent.offer(known, lambda: tuple(self.value(start) for start in starts))

    def stop_when_outdone() -> None:
        if incumbent.settled or incumbent.makespan < known:
            solver.stop_search()

    if asks:
        solver.best_bound_callback = lambda bound: incumbent.raise_bound(math.ceil(bound - 1e-6))
    with incumbent.watched(stop_when_outdone):
        status = solver.solve(model, Report())
    if status == cp_model.INFEASIBLE or (asks and status == cp_model.OPTIMAL):
        incumbent.raise_bound(known)  # nothing is shorter than what was known, or now is
    elif status == cp_model.OPTIMAL:
        return False  # shorter than what was known: is there anything shorter still?
    return incumbent.makespan >= known


def model_of(network: Network, shortest: int, longest: int) -> tuple[cp_model.CpModel, list[Any], Any]:
    """Return the model of all schedules that end from `shortest` to `longest`, its start variables and its end.

    What is to be looked for among them is the caller's to say.
    """
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    end = model.new_int_var(shortest, longest, "end")
    starts = [
        model.new_int_var(network.heads[at], longest - network.tails[at] - long, f"s{at}")
        for at, long in enumerate(network.durations)
    ]
    intervals = [
        model.new_fixed_size_interval_var(start, long, f"i{at}")
        for at, (start, long) in enumerate(zip(starts, network.durations, strict=True))
    ]
    for at, start in enumerate(starts):
        for follower in network.after[at]:
            model.add(starts[follower] >= start + network.durations[at])
        if not network.after[at]:
            model.add(end >= start + network.durations[at])
    for resource, capacity in enumerate(network.capacities):
        users = [at for at in range(network.size) if network.demands[at][resource]]
        model.add_cumulative(
            [intervals[at] for at in users], [network.demands[at][resource] for at in users], capacity
        )
    if network.size <= _CLIQUE_JOBS_MAX:
        for clique in cliques_apart(network):
            model.add_no_overlap([intervals[at] for at in clique])
    return model, starts, end


def cliques_apart(network: Network) -> list[list[int]]:
    """Return sets of jobs of which no two fit side by side, whatever resource keeps them apart.

    CP-SAT sees such pairs within one resource; two jobs apart by one resource and two by another it does not join.
    """
    apart: dict[int, set[int]] = {}
    for one, two in pairs_apart(network):
        apart.setdefault(one, set()).add(two)
        apart.setdefault(two, set()).add(one)
    uncovered = {(one, two) for one in apart for two in apart[one] if one < two}
    found = []
    for one, two in sorted(uncovered, key=lambda pair: (-len(apart[pair[0]] & apart[pair[1]]), pair)):
        if (one, two) not in uncovered:
            continue
        clique, rest = [one, two], apart[one] & apart[two]
        while rest:
            best = max(rest, key=lambda each: (len(apart[each] & rest), -each))
            clique.append(best)
            rest = rest & apart[best]
        uncovered.difference_update((a, b) for a in clique for b in clique)
        if len(clique) > 2:
            found.append(sorted(clique))
    return found
