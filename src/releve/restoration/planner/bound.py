"""A bound on care lost that every plan keeps: no order, however clever, loses less. Calendars and skills count."""

from __future__ import annotations

import importlib.util
import os
import time
from collections.abc import Callable

from releve.restoration.case import Case
from releve.restoration.planner.decode import grid_that_holds
from releve.restoration.planner.earliest import earliest_ends
from releve.restoration.planner.grid import Grid
from releve.restoration.planner.placing import NOWHERE, application_ends, place

__all__ = ["bound_of", "lower_bound", "proves_by_program"]


def _daily(*hours: int) -> tuple[int, ...]:
    """Return these hours of the day as hours of the week, Monday from 0."""
    return tuple(24 * day + hour for day in range(7) for hour in hours)


# Up to which day at which local hours of the week a part of time ends: finer parts prove more and
# cost more. The first, of some days each, is soon solved even where little of the machine is left.
_WEEKLY = ((14, _daily(0)), (400, (0, 72)))
_TWO_DAYS = (
    (14, _daily(0)),
    (60, (0, 48, 96, 144)),
    (400, (0, 72)),
)  # 5,000 tasks: a sixth longer, 0.5 % more
_DAILY = ((400, _daily(0)),)
_FINE = ((14, _daily(0, 12, 16)), (35, _daily(0, 14)), (400, _daily(0)))
_FINER = ((21, _daily(0, 10, 12, 14, 17)), (42, _daily(0, 12, 16)), (400, _daily(0)))
_FINEST = ((28, _daily(0, 10, 12, 14, 16, 18)), (56, _daily(0, 12, 15, 18)), (400, _daily(0, 14)))
# What is tried one after the other, and whether the work of the scarcest skill is told apart: over whole days that
# raises a bound by about half a percent, finer parts by a tenth of it (measured on generated cases, seeds below 1000).
_PLANS = (
    (_WEEKLY, False),
    (_TWO_DAYS, False),
    (_DAILY, False),
    (_DAILY, True),
    (_FINE, True),
    (_FINER, True),
    (_FINEST, True),
)
_GROWTH = 5.0  # how much longer a finer plan of the list takes than the one before it, measured
# Finer parts that raised a bound by less than this share are the last ones: the next would take processor time from the
# search beside them for as little (measured on generated cases, seeds below 1000).
_LITTLE = 2e-4
_LONG = 40 * 24  # hours; of shorter ones the first parts are so few that they prove nothing
_SECONDS_A_TASK = 0.002  # the first is not solved in less, measured


def lower_bound(case: Case, *, seconds: float = 30.0, heard: Callable[[float], None] | None = None) -> float:
    """Return care that every plan loses that leaves out no more tasks than `decode` does; `heard` as in `bound_of`."""
    deadline = time.monotonic() + seconds
    grid, order, _ = grid_that_holds(case)
    ends = place(grid, order).end
    return bound_of(grid, max(ends, default=0), deadline=deadline, heard=heard)


def bound_of(
    grid: Grid, last: int, *, deadline: float, heard: Callable[[float], None] | None = None
) -> float:
    """Return the best bound proven until the clock (`time.monotonic`) says `deadline`.

    `last` is about the hour at which plans end. First everybody is taken to be free at once; then the linear program
    (`program.py`) over ever finer parts of time, when scipy is installed. `heard` is told each better bound, from the
    first on.
    """
    found = unhindered(grid)
    if heard is not None:
        heard(found)
    if not proves_by_program():
        return found
    least = max(grid.size * _SECONDS_A_TASK, 0.5)
    for plan, apart in _PLANS:
        left = deadline - time.monotonic()
        if left <= least:
            break
        began = time.monotonic()
        better = _by_program(grid, last, plan, left, apart=apart)
        raised = better is not None and better > found * (1.0 + _LITTLE)
        if better is not None and better > found:
            found = better
            if heard is not None:
                heard(found)
        if not raised and last - grid.case.now > _LONG:
            break
        least = max((time.monotonic() - began) * _GROWTH * 0.6, 0.5)
    return found


def proves_by_program() -> bool:
    """Return whether linear programs are solved here; without scipy a bound is that of nobody ever waiting."""
    return os.environ.get("RELEVE_PLANNER", "") != "python" and importlib.util.find_spec("scipy") is not None


def unhindered(grid: Grid) -> float:
    """Return the care lost if nobody ever waited for anybody: the longest chain of each service, calendars counted."""
    earliest = earliest_ends(grid)
    ends = [NOWHERE if grid.left[i] else earliest[i] for i in range(grid.size)]
    back = application_ends(grid, ends)
    lost = 0.0
    for milestone in grid.milestones:
        hour = max((back[a] for a in milestone.applications), default=0)
        lost += milestone.weight * milestone.table[min(hour, grid.horizon)]
    return lost


def _by_program(
    grid: Grid, last: int, plan: tuple[tuple[int, tuple[int, ...]], ...], seconds: float, *, apart: bool
) -> float | None:
    """Return what the program over these parts of time proves; None when it is not solved in time."""
    from scipy.optimize import linprog

    from releve.restoration.planner.buckets import boundaries
    from releve.restoration.planner.program import build

    began = time.monotonic()
    program = build(grid, boundaries(grid, last, plan), apart=apart)
    left = seconds - (time.monotonic() - began)
    if left <= 0.2 or not program.cost.size:
        return program.constant if not program.cost.size else None
    # Interior point: on these programs some ten times faster than the simplex; a basis is of no use here.
    result = linprog(
        program.cost, A_ub=program.rows, b_ub=program.limits,
        bounds=list(zip(program.low, program.high, strict=True)), method="highs-ipm",
        options={"time_limit": left},
    )  # fmt: skip
    multipliers = getattr(result.get("ineqlin"), "marginals", None)
    if multipliers is None:
        return None
    return float(program.proven(-multipliers))
