"""The shortest schedule of a project in a given time: annealing soon, CP-SAT beside it for what it proves."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from releve.restoration.makespan.bounds import destructive_bound, energy_bound
from releve.restoration.makespan.engine import has_numba, has_ortools
from releve.restoration.makespan.incumbent import Incumbent
from releve.restoration.makespan.network import Network, network_of
from releve.restoration.makespan.project import Project, Schedule
from releve.restoration.makespan.search import Annealing

__all__ = ["solve_project"]

_ALONE_SECONDS = 0.4  # of annealing before a proof is tried
_SMALL_JOBS = (
    75  # up to here annealing finds in a short while what it will ever find, and proofs come within reach
)
_SMALL_SHARE = 0.05  # of the time, for annealing of small projects
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
    deadline = time.monotonic() + seconds
    network = network_of(project)
    first = Annealing(network, seed=seed, compiled=False)
    incumbent = Incumbent(first.makespan, first.starts, energy_bound(network))
    if iterations is not None:
        chain = Annealing(network, seed=seed)
        chain.cool_for(iterations, incumbent.bound)
        incumbent.offer(chain.makespan, lambda: chain.starts)
        incumbent.raise_bound(destructive_bound(network, incumbent.best[0] - 1))
    elif not incumbent.settled:
        _search(network, incumbent, seed=seed, workers=workers, deadline=deadline)
    makespan, starts = incumbent.best
    return Schedule(
        makespan=makespan,
        starts=dict(sorted(zip(network.numbers, starts, strict=True))),
        bound=incumbent.bound,
    )


def _search(network: Network, incumbent: Incumbent, *, seed: int, workers: int, deadline: float) -> None:
    """Anneal and prove side by side until the deadline, or until nothing is left to find."""
    begun = time.monotonic()
    whole = max(0.01, deadline - begun)
    proves = has_ortools() and whole > _PROOF_SECONDS_MIN
    small = network.size <= _SMALL_JOBS
    until = begun + max(_ALONE_SECONDS, _SMALL_SHARE * whole) if proves and small else deadline
    chains = 1 if proves and not small else workers
    if not has_numba():  # threads of pure Python would only wait for one another
        chains = 1
    threads = [
        threading.Thread(
            target=_walk,
            args=(network, incumbent, seed + 7919 * chain),
            kwargs={"share": _time_passed(begun, min(until, deadline), incumbent)},
            daemon=True,  # what compiles or walks when the time is over is left behind
        )
        for chain in range(chains)
    ]
    for thread in threads:
        thread.start()
    if small or not proves:
        _join(threads, deadline)
    else:
        _join(threads, begun + _ALONE_SECONDS)
    if not incumbent.settled:
        bound = destructive_bound(
            network, incumbent.best[0] - 1, lambda: time.monotonic() > min(deadline, begun + whole / 4)
        )
        incumbent.raise_bound(bound)
    if proves and not incumbent.settled:
        from releve.restoration.makespan.exact import prove

        prove(
            network,
            incumbent,
            seconds=deadline - time.monotonic(),
            workers=workers if small else max(1, workers - 1),
            seed=seed,
        )
    _join(threads, deadline)


def _join(threads: list[threading.Thread], deadline: float) -> None:
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))


def _walk(network: Network, incumbent: Incumbent, seed: int, share: Callable[[], float]) -> None:
    chain = Annealing(network, seed=seed)
    incumbent.offer(chain.makespan, lambda: chain.starts)
    for makespan in chain.cool(lambda: incumbent.bound, share=share):
        incumbent.offer(makespan, lambda: chain.starts)


def _time_passed(begun: float, end: float, incumbent: Incumbent) -> Callable[[], float]:
    def share() -> float:
        return 1.0 if incumbent.settled else (time.monotonic() - begun) / (end - begun)

    return share
