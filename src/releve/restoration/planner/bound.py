"""A bound on care lost that every plan keeps: no order, however clever, loses less. Calendars and skills count."""

from __future__ import annotations

import importlib.util
import os
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from releve.restoration.case import Case
from releve.restoration.planner.decode import grid_that_holds
from releve.restoration.planner.earliest import earliest_ends
from releve.restoration.planner.engine import is_compiled
from releve.restoration.planner.grid import Grid
from releve.restoration.planner.placing import NOWHERE, application_ends, place

if TYPE_CHECKING:
    from releve.restoration.planner.program import Program

__all__ = ["bound_of", "lower_bound", "proves_by_program"]


Array = Any


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
# Parts of time in which an hour has a price of its own, of projects of up to so many days.
_PRICED = ((7, ((400, _daily(*range(24))),)), (40, _FINEST), (4000, ((400, _daily(0, 13)),)))
# Tasks times hours up to the last end; of a plan that goes on for years, because
# hardly anybody is there, only the program proves: all its hours would fill the memory.
_TASK_HOURS_MAX = 40_000_000
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
    (`program.py`), when scipy is installed: over coarse parts of time, whose prices of people's hours go on to rise
    hour by hour (`prices.py`), or over ever finer parts where numba is not installed. `heard` is told each better
    bound, from the first on.
    """
    found = unhindered(grid)
    if heard is not None:
        heard(found)
    if not proves_by_program():
        return found
    if is_compiled() and grid.size * (last - grid.case.now) <= _TASK_HOURS_MAX:
        for proven in _by_prices(grid, last, deadline):
            if proven > found:
                found = proven
                if heard is not None:
                    heard(found)
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
    from releve.restoration.planner.buckets import boundaries
    from releve.restoration.planner.program import build

    began = time.monotonic()
    program = build(grid, boundaries(grid, last, plan), apart=apart)
    if not program.cost.size:
        return program.constant
    multipliers = _multipliers(program, seconds - (time.monotonic() - began))
    return None if multipliers is None else float(program.proven(multipliers))


def _by_prices(grid: Grid, last: int, deadline: float) -> Iterator[float]:
    """Yield what is proven by prices of hours that begin with those of the coarsest program."""
    from releve.restoration.planner.buckets import boundaries
    from releve.restoration.planner.program import Builder

    builder = Builder(grid, boundaries(grid, last, _WEEKLY))
    if not builder.program.cost.size:
        yield builder.program.constant
        return
    multipliers = _multipliers(builder.program, deadline - time.monotonic())
    if multipliers is None:
        return
    yield float(builder.program.proven(multipliers))
    from releve.restoration.planner.hourly import Hourly
    from releve.restoration.planner.prices import prices_of, proofs

    parts = next((parts for days, parts in _PRICED if last - grid.case.now <= 24 * days), _PRICED[-1][1])
    hourly = Hourly(grid, builder, boundaries(grid, last, parts))
    yield from proofs(hourly, prices_of(builder, multipliers, hourly), deadline)


def _multipliers(program: Program, seconds: float) -> Array | None:
    """Return the multipliers of the rows of a program; None when it is not solved in time."""
    from scipy.optimize import linprog

    if seconds <= 0.2:
        return None
    # Interior point: on these programs some ten times faster than the simplex; a basis is of no use here.
    result = linprog(
        program.cost, A_ub=program.rows, b_ub=program.limits,
        bounds=list(zip(program.low, program.high, strict=True)), method="highs-ipm",
        options={"time_limit": seconds},
    )  # fmt: skip
    found = getattr(result.get("ineqlin"), "marginals", None)
    return None if found is None else -found
