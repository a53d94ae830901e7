"""A plan after something happened: kept as far as it can be, then made better where nobody is disturbed by it."""

from __future__ import annotations

import time
from collections.abc import Sequence

import msgspec

from releve.restoration.case import Case
from releve.restoration.plan import Plan
from releve.restoration.planner.decode import grid_that_holds, identified, plan_of
from releve.restoration.planner.engine import engine_for
from releve.restoration.planner.grid import Grid
from releve.restoration.planner.placing import Placed
from releve.restoration.replanning.applied import apply
from releve.restoration.replanning.events import Event
from releve.restoration.replanning.moves import (
    DateMoved,
    Move,
    chosen_moves,
    forced_moves,
    moved_in_window,
)  # fmt: skip
from releve.restoration.replanning.promises import (
    Priced,
    Promise,
    moved_dates,
    priced,
    promises_of,
    simulated,
)  # fmt: skip
from releve.restoration.replanning.searching import better_order, cost_of
from releve.restoration.replanning.shifting import (
    freeze,
    merged,
    planned_before,
    shifted,
    with_planned_people,
)  # fmt: skip

__all__ = ["FREEZE_HOURS", "MADE_BY", "Replan", "replan"]

FREEZE_HOURS = 72  # planning.md, section 1: what people are to do within three days is left to them
MADE_BY = "releve replanning 1"
RUNS = 300  # simulations of each of two plans: the P80s of 300 and of 2,000 differ by hours, not days
# Of the seconds given: what making the plan and telling its moves takes, and what is searched at least.
_TELLING_SECONDS, _SEARCH_SECONDS_MIN = 0.15, 0.2
# So many published dates may move for the better of all (planning.md, section 8: at most ten; some move more than
# they seem to in the search). Each one more must save this part of all care lost.
_FREE, _PRICE = 6.0, 2e-3


class Replan(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A new plan, and everything that moved. `case` is the case after the events, of which both plans are.

    `repaired` is the old plan moved by the events alone. `in_window` names tasks that begin within the freeze window
    and moved without need: always none, as counted from the two plans.
    """

    case: Case
    plan: Plan
    repaired: Plan
    loss_before: float  # of the old plan, as it was
    gained: float  # care that the new plan saves against the repaired one
    forced: tuple[Move, ...] = ()
    chosen: tuple[Move, ...] = ()
    dates: tuple[DateMoved, ...] = ()
    in_window: tuple[str, ...] = ()


def replan(
    case: Case,
    plan: Plan,
    events: Sequence[Event],
    *,
    now: int,
    before: Sequence[Event] = (),
    freeze_hours: int = FREEZE_HOURS,
    seconds: float = 1.5,
    seed: int = 1,
    iterations: int | None = None,
    runs: int = RUNS,
) -> Replan:
    """Return the plan after these events, and what moved and why.

    Nothing that has ended or runs is moved, and nothing that would begin within `freeze_hours` from now but what
    the events move. `before` is told first, and is no reason for a move (`progress.as_planned`). `seconds` is for
    all of it; with `iterations` (moves of the search) the clock is not asked. `runs`: simulations for the P80s.

    Raises:
        EventError: an event cannot be; the message names the place and what was expected there.
    """
    began = time.monotonic()
    after = apply(case, events, now, plan=plan, before=before)
    grid, order, _ = grid_that_holds(after, plan.order)
    grid = with_planned_people(grid, plan)
    until = now + max(freeze_hours, 0)
    kept = shifted(grid, plan, order, until, _place)
    repaired = _plan(grid, kept, order, parent=plan, seed=seed)
    promises: list[Promise] = []
    simulating = time.monotonic()
    if after.published:
        p80 = simulated(after, repaired, runs=runs, seed=seed)
        promises = promises_of(after, grid, kept, p80)
    simulating = time.monotonic() - simulating
    # What is found is simulated too, and told: that takes as long again.
    deadline = max(began + seconds - simulating - _TELLING_SECONDS, time.monotonic() + _SEARCH_SECONDS_MIN)
    placed, order = _improved(
        grid, kept, order, planned_before(grid, plan, until), promises, until,
        seed=seed, iterations=iterations, deadline=deadline,
    )  # fmt: skip
    found = repaired if placed is kept else _plan(grid, placed, order, parent=plan, seed=seed)
    if promises and found is not repaired:
        p80 = simulated(after, found, runs=runs, seed=seed)
    return Replan(
        case=after, plan=found, repaired=repaired, loss_before=plan.loss, gained=repaired.loss - found.loss,
        forced=forced_moves(after, plan, repaired, events), chosen=chosen_moves(after, repaired, found),
        dates=moved_dates(promises, p80) if promises else (), in_window=moved_in_window(repaired, found, until),
    )  # fmt: skip


def _place(grid: Grid, order: Sequence[int]) -> Placed:
    return engine_for(grid).place(order)


def _plan(grid: Grid, placed: Placed, order: Sequence[int], *, parent: Plan, seed: int) -> Plan:
    plan = plan_of(grid, placed, order, seed=seed, made_by=MADE_BY)
    return identified(msgspec.structs.replace(plan, parent=parent.id))


def _improved(
    grid: Grid,
    kept: Placed,
    order: list[int],
    first: Sequence[int],
    promises: Sequence[Promise],
    until: int,
    *,
    seed: int,
    iterations: int | None,
    deadline: float,
) -> tuple[Placed, list[int]]:
    """Return the best places found for what begins from `until` on, and their order; what was kept at worst."""
    frozen = freeze(grid, kept, until, first)
    cost = cost_of(Priced(frozen), kept)
    dear = priced(frozen, promises, _PRICE * max(cost, 1e-9), _FREE)
    best = better_order(dear, order, seed=seed, iterations=iterations, deadline=deadline)
    placed = merged(grid, kept, frozen, _place(dear.grid, best))
    if cost_of(dear, placed) < cost_of(dear, kept):
        return placed, best
    return kept, order
