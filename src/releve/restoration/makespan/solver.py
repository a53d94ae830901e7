"""The shortest schedule of a project in a given time: annealing soon, CP-SAT beside it for what it proves."""

from __future__ import annotations

import math
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
# Annealing before the first proof is tried: all of it for small projects, at least for others, of the time.
_SOON_SECONDS, _SOON_SHARE = 0.5, 0.04
# Makespan against bound: further apart, a proof seldom comes late, and is tried for a share of the time only.
_FAR, _TRY_SHARE = 1.04, 0.4
_SMALL_CHAINS = (
    4  # of annealing, one after the other: of small projects several short ones find more than a long one
)
_APART = 7_919  # between the seeds of chains
_ALONE_SHARE = 0.02  # of the time, before anything is loaded
_LEAST_SECONDS = 0.4  # of search, once all is loaded
_GRACE_SECONDS = 0.3  # for the searches to end after their time; then the caller has what there is
_PROOF_SECONDS_MIN = 1.2  # less is not worth the loading of OR-Tools


def solve_project(
    project: Project, *, seconds: float, seed: int = 1, workers: int = 2, iterations: int | None = None
) -> Schedule:
    """Return the shortest schedule found within `seconds`, and a bound; sooner when the two meet.

    Loading counts among the `seconds`, but leaves the search a part of a second, also where it has to compile.
    With `iterations` that many steps of annealing are taken instead and the clock is not read: the same seed and
    iterations give the same schedule.

    Raises:
        ProjectError: the project cannot be done.
    """
    deadline = time.monotonic() + seconds
    network = network_of(project)
    first = Annealing(network, seed=seed, compiled=False)
    incumbent = Incumbent(first.makespan, first.starts, energy_bound(network))
    if iterations is not None:
        incumbent.raise_bound(destructive_bound(network, first.makespan - 1))
        chain = Annealing(network, seed=seed)
        chain.cool_for(iterations, incumbent.bound)
        incumbent.offer(chain.makespan, lambda: chain.starts)
    elif not incumbent.settled:
        _try_alone(network, incumbent, first, seconds=seconds)
        if not incumbent.settled:
            _search(network, incumbent, seed=seed, workers=workers, deadline=deadline)
    makespan, starts = incumbent.best
    return Schedule(
        makespan=makespan,
        starts=dict(sorted(zip(network.numbers, starts, strict=True))),
        bound=incumbent.bound,
    )


def _try_alone(network: Network, incumbent: Incumbent, first: Annealing, *, seconds: float) -> None:
    """Bring bound and makespan together without loading anything: of easy projects that is all it takes."""
    begun = time.monotonic()

    def passed() -> float:
        return (time.monotonic() - begun) / (_ALONE_SHARE * seconds)

    incumbent.raise_bound(destructive_bound(network, first.makespan - 1, lambda: passed() >= 0.5))
    for makespan in first.cool(lambda: incumbent.bound, passed):
        incumbent.offer(makespan, lambda: first.starts)


def _search(network: Network, incumbent: Incumbent, *, seed: int, workers: int, deadline: float) -> None:
    """Anneal and prove in so many threads until the deadline, or until nothing is left to find."""
    if has_numba():
        least = min(_LEAST_SECONDS, deadline - time.monotonic())
        _walk(network, incumbent, seed, 0.0)  # loads; once after an installation it compiles
        deadline = max(deadline, time.monotonic() + least)
    left = deadline - time.monotonic()
    proves = has_ortools() and left > _PROOF_SECONDS_MIN
    if not has_numba():
        workers = 1 + proves  # threads of pure Python only wait for one another

    def hand(number: int) -> None:
        small = network.size <= _SMALL_JOBS
        if not proves or (not small and number % 2 == 1):
            _walk(network, incumbent, seed + _APART * number, deadline)
            return
        soon = _SOON_SECONDS if small else max(_SOON_SECONDS, _SOON_SHARE * left)
        for again in range(_SMALL_CHAINS if small and number % 2 == 1 else 1):
            _walk(network, incumbent, seed + _APART * (number + workers * again), deadline, seconds=soon)
        if incumbent.settled:
            return
        from releve.restoration.makespan.exact import prove
        from releve.restoration.makespan.together import with_joint_resource

        joint = with_joint_resource(network) if small else network
        incumbent.raise_bound(destructive_bound(joint, incumbent.makespan - 1, lambda: incumbent.settled))
        far = not small and incumbent.makespan > _FAR * incumbent.bound
        give_up = time.monotonic() + _TRY_SHARE * (deadline - time.monotonic()) if far else deadline
        prove(
            joint, incumbent, left=lambda: give_up - time.monotonic(), seed=seed + number,
            variant=number + 1 if small else number,
        )  # fmt: skip
        if far:
            _walk(network, incumbent, seed + _APART * (workers + number), deadline)

    # No daemons: a process that ends while CP-SAT is at work is killed by its own destructors, so it waits.
    threads = [
        threading.Thread(target=hand, args=(number,), name=f"search {number}") for number in range(workers)
    ]
    for thread in threads:
        thread.start()
    try:
        for thread in threads:
            thread.join(max(0.0, deadline + _GRACE_SECONDS - time.monotonic()))
    finally:
        incumbent.close()


def _walk(
    network: Network, incumbent: Incumbent, seed: int, deadline: float, *, seconds: float = math.inf
) -> None:
    """Anneal so many seconds, at most until the deadline, in one cooling, unless the incumbent is settled before."""
    chain = Annealing(network, seed=seed)
    chain.walk(1, 0, 0)  # loads or compiles, which is no part of the cooling
    incumbent.offer(chain.makespan, lambda: chain.starts)
    begun = time.monotonic()
    length = min(seconds, deadline - begun)

    def share() -> float:
        return 1.0 if incumbent.settled or length <= 0 else (time.monotonic() - begun) / length

    for makespan in chain.cool(lambda: incumbent.bound, share):
        incumbent.offer(makespan, lambda: chain.starts)
