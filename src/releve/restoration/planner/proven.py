"""A plan and its bound, sought at the same time: each needs the whole of it, and both let other threads run."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import msgspec

from releve.restoration.case import Case
from releve.restoration.plan import Plan
from releve.restoration.planner.bound import lower_bound
from releve.restoration.planner.decode import identified
from releve.restoration.planner.solve import solve

__all__ = ["solve_and_prove"]

_LATE = (
    0.05  # of the seconds: how long a proof may still be waited for, that does not look at the clock often
)


def solve_and_prove(
    case: Case,
    *,
    seed: int = 1,
    seconds: float = 10.0,
    progress: Callable[[float, float], None] | None = None,
) -> Plan:
    """Return the plan found in so many seconds, with the bound proven beside it; `progress` as in `solve`."""
    began = time.monotonic()
    heard: list[float] = []
    failed: list[Exception] = []

    def prove() -> None:
        try:
            lower_bound(case, seconds=seconds, heard=heard.append)
        except Exception as error:  # raised again where the plan was asked for
            failed.append(error)

    # A thread that nobody waits for at the end: a linear program on a busy machine may go on for long.
    prover = threading.Thread(target=prove, name="bound", daemon=True)
    prover.start()
    plan = solve(case, seed=seed, seconds=seconds, progress=progress)
    prover.join(max(began + seconds * (1 + _LATE) - time.monotonic(), 0.0))
    if failed:
        raise failed[0]
    return identified(msgspec.structs.replace(plan, bound=min(heard[-1], plan.loss) if heard else None))
