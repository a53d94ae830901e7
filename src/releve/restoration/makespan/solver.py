"""The shortest schedule of a project in a given time: annealing soon, CP-SAT beside it for what it proves."""

from __future__ import annotations

import threading
import time

from releve.restoration.makespan.bounds import destructive_bound, energy_bound
from releve.restoration.makespan.engine import has_numba, has_ortools
from releve.restoration.makespan.incumbent import Incumbent
from releve.restoration.makespan.network import Network, network_of
from releve.restoration.makespan.project import Project, Schedule
from releve.restoration.makespan.search import Annealing

__all__ = ["solve_project"]

# Up to here annealing soon finds what it will ever find: the rest of the time is for proofs.
_SMALL_JOBS = 45
_SOON_SECONDS, _SOON_SHARE = 0.5, 0.04  # at least, of the time: annealing before the first proof is tried
# Makespan against bound: further apart, a proof seldom comes late, and is tried for a share of the time only.
_FAR, _TRY_SHARE = 1.04, 0.4
_BOUND_SHARE = 0.1  # of the time, at most, for bounds without a solver
_PROOF_SECONDS_MIN = 1.2  # less is not worth the loading of OR-Tools


def solve_project(
    project: Project, *, seconds: float, seed: int = 1, workers: int = 2, iterations: int | None = None
) -> Schedule:
    """Return the shortest schedule found within `seconds`, and a bound; sooner when the two meet.

    With `iterations` that many steps of annealing are taken instead and the clock is not read: the same seed and
    iterations give the same schedule.

    Raises:
        ProjectError: the project cannot be done.
    """
    begun = time.monotonic()
    deadline = begun + seconds
    network = network_of(project)
    first = Annealing(network, seed=seed, compiled=False)
    incumbent = Incumbent(first.makespan, first.starts, energy_bound(network))
    if iterations is not None:
        incumbent.raise_bound(destructive_bound(network, first.makespan - 1))
        chain = Annealing(network, seed=seed)
        chain.cool_for(iterations, incumbent.bound)
        incumbent.offer(chain.makespan, lambda: chain.starts)
    elif not incumbent.settled:
        soon = begun + _BOUND_SHARE * seconds
        incumbent.raise_bound(destructive_bound(network, first.makespan - 1, lambda: time.monotonic() > soon))
        _search(network, incumbent, seed=seed, workers=workers, deadline=deadline)
    makespan, starts = incumbent.best
    return Schedule(
        makespan=makespan,
        starts=dict(sorted(zip(network.numbers, starts, strict=True))),
        bound=incumbent.bound,
    )


def _search(network: Network, incumbent: Incumbent, *, seed: int, workers: int, deadline: float) -> None:
    """Anneal and prove in so many threads until the deadline, or until nothing is left to find."""
    begun = time.monotonic()
    proves = has_ortools() and deadline - begun > _PROOF_SECONDS_MIN
    soon = begun + max(_SOON_SECONDS, _SOON_SHARE * (deadline - begun)) if proves else deadline
    if not has_numba():
        workers = 1 + proves  # threads of pure Python only wait for one another

    def hand(number: int) -> None:
        walks = network.size > _SMALL_JOBS and number % 2 == 1  # from beginning to end, in one cooling
        _walk(network, incumbent, seed + 7919 * number, begun, deadline if walks else min(soon, deadline))
        if walks or not proves or incumbent.settled:
            return
        from releve.restoration.makespan.exact import prove

        far = network.size > _SMALL_JOBS and incumbent.makespan > _FAR * incumbent.bound
        give_up = time.monotonic() + _TRY_SHARE * (deadline - time.monotonic()) if far else deadline
        prove(network, incumbent, left=lambda: give_up - time.monotonic(), seed=seed + number, variant=number)
        if far:
            _walk(network, incumbent, seed + 7919 * (workers + number), time.monotonic(), deadline)

    # Daemons: what still compiles or walks when the time is over is left behind.
    threads = [threading.Thread(target=hand, args=(number,), daemon=True) for number in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))


def _walk(network: Network, incumbent: Incumbent, seed: int, begun: float, end: float) -> None:
    """Anneal from `begun` to `end`, in one cooling, unless the incumbent is settled before."""
    chain = Annealing(network, seed=seed)
    incumbent.offer(chain.makespan, lambda: chain.starts)

    def share() -> float:
        return 1.0 if incumbent.settled or end <= begun else (time.monotonic() - begun) / (end - begun)

    for makespan in chain.cool(lambda: incumbent.bound, share):
        incumbent.offer(makespan, lambda: chain.starts)
