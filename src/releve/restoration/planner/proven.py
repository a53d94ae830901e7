"""A plan and its bound, sought at the same time: each needs the whole of it, and both let other threads run."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import msgspec

from releve.restoration.case import Case
from releve.restoration.plan import Plan
from releve.restoration.planner.bound import lower_bound
from releve.restoration.planner.decode import identified
from releve.restoration.planner.solve import solve

__all__ = ["solve_and_prove"]


def solve_and_prove(
    case: Case,
    *,
    seed: int = 1,
    seconds: float = 10.0,
    progress: Callable[[float, float], None] | None = None,
) -> Plan:
    """Return the plan found in so many seconds, with the bound proven beside it; `progress` as in `solve`."""
    with ThreadPoolExecutor(1) as pool:
        bound = pool.submit(lower_bound, case, seconds=seconds)
        plan = solve(case, seed=seed, seconds=seconds, progress=progress)
        return identified(msgspec.structs.replace(plan, bound=min(bound.result(), plan.loss)))
