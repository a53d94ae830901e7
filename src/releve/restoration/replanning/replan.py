"""A plan after something happened: kept as far as it can be, then made better where nobody is disturbed by it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import msgspec

from releve.restoration.case import Case
from releve.restoration.plan import Plan, order_back, order_of
from releve.restoration.planner.decode import grid_that_holds, identified, plan_of
from releve.restoration.planner.grid import Grid, compile_case
from releve.restoration.planner.orders import order_indices
from releve.restoration.planner.placing import Placed, cost_of
from releve.restoration.replanning.applied import apply
from releve.restoration.replanning.events import Event
from releve.restoration.replanning.moves import (
    DateMoved,
    Move,
    chosen_moves,
    forced_moves,
    moved_in_window,
    never_back,
    saved,
)  # fmt: skip
from releve.restoration.replanning.promises import (
    Dates,
    Promise,
    Simulations,
    moved_dates,
    promises_of,
)  # fmt: skip
from releve.restoration.replanning.searching import Engine, better_order, steps_towards
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
RUNS = 240  # simulations of each plan looked at: the P80s of 240 and of 2,000 differ by hours, as a rule
MOVED_DATES_MAX = 10  # published dates the new plan may move, besides the events (planning.md, section 8)
# Towards the best order found: most is saved by the first few, and each application put elsewhere moves dates.
_STEPS_MAX = 40
_SIMULATED_MIN, _SIMULATED_MAX = 3, 5  # of the plans on the way there, if the first ones move too many dates
# Of the seconds given: what is searched at least, and the share of the rest that the steps take.
_SEARCH_SECONDS_MIN, _STEPS_SHARE = 0.2, 0.35
_SIMULATED_AGAIN = 1.1


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
    never: tuple[str, ...] = ()  # services the old plan brought back and this one cannot: in no sum of care


def replan(
    case: Case,
    plan: Plan,
    events: Sequence[Event],
    *,
    now: int,
    before: Sequence[Event] = (),
    freeze_hours: int = FREEZE_HOURS,
    seconds: float = 1.7,
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
    from releve.restoration.forecast.tables import horizon_of

    began = time.monotonic()
    after = apply(case, events, now, plan=plan, before=before)
    # Compiled once, over the hours that simulations look at: those are more than a plan takes.
    compiled = compile_case(after, horizon=horizon_of(after, plan)) if after.published else None
    grid, order, _ = grid_that_holds(after, order_of(plan, after), compiled, preferences=plan.preferences)
    simulations = Simulations(after, runs=runs, seed=seed, grid=compiled if grid is compiled else None)
    grid = with_planned_people(grid, plan)
    until = now + max(freeze_hours, 0)
    # Made by hand, a plan has no order that would give it back: all of it is kept by its dates.
    grid, kept = shifted(grid, plan, order, until if plan.order else grid.horizon, _place)
    repaired = _plan(grid, kept, order, parent=plan, seed=seed)
    if not plan.order:
        repaired = identified(msgspec.structs.replace(repaired, order=(), preferences=()))
    p80: Dates = {}
    promises: list[Promise] = []
    looked = time.monotonic()
    if after.published:
        p80 = simulations.p80(repaired)
        promises = promises_of(after, p80)
    looked = time.monotonic() - looked
    frozen = freeze(grid, kept, until, planned_before(grid, plan, until))
    # What is found is simulated too, once or twice; that is shorter than the first time.
    left = max(began + seconds - _SIMULATED_AGAIN * looked - time.monotonic(), _SEARCH_SECONDS_MIN)
    engine = Engine(frozen)
    if not plan.order:  # which of its orders is nearer to it
        order = min(order, order_indices(grid, order_back(plan, after)), key=engine.cost)
    orders = _orders(engine, order, seed=seed, iterations=iterations, seconds=left, few=bool(promises))

    def plan_for(number: int) -> Plan:
        placed = merged(grid, kept, frozen, engine.place(orders[number]))
        if cost_of(grid, placed) >= cost_of(grid, kept):
            return repaired
        return _plan(grid, placed, orders[number], parent=plan, seed=seed)

    if promises:
        until_clock = began + seconds if iterations is None else None
        found, p80 = _kept_promises(
            simulations, repaired, p80, promises, plan_for, len(orders), until=until_clock
        )
    else:
        found = plan_for(len(orders) - 1)
    return Replan(
        case=after, plan=found, repaired=repaired, loss_before=plan.loss,
        gained=saved(repaired, found), never=never_back(plan, found),
        forced=forced_moves(after, plan, repaired, events), chosen=chosen_moves(after, repaired, found),
        dates=moved_dates(promises, p80), in_window=moved_in_window(repaired, found, until),
    )  # fmt: skip


def _place(grid: Grid, order: Sequence[int]) -> Placed:
    return Engine(grid).place(order)


def _plan(grid: Grid, placed: Placed, order: Sequence[int], *, parent: Plan, seed: int) -> Plan:
    plan = plan_of(grid, placed, order, seed=seed, made_by=MADE_BY, patience=grid.patience)
    return identified(msgspec.structs.replace(plan, parent=parent.id))


def _orders(
    engine: Engine, order: list[int], *, seed: int, iterations: int | None, seconds: float, few: bool
) -> list[list[int]]:
    """Return orders that lose less and less care; `few`: by few applications put elsewhere, one more each time."""
    began = time.monotonic()
    search = seconds * (1.0 - _STEPS_SHARE) if few else seconds
    best = better_order(engine, order, seed=seed, iterations=iterations, deadline=began + search)
    if not few:
        return [best]
    deadline = began + seconds if iterations is None else None
    steps = steps_towards(engine, order, best, most=_STEPS_MAX, deadline=deadline)
    return [*(step.order for step in steps[1:]), best]


def _kept_promises(
    simulations: Simulations,
    repaired: Plan,
    p80: Dates,
    promises: Sequence[Promise],
    plan_for: Callable[[int], Plan],
    count: int,
    *,
    until: float | None,
) -> tuple[Plan, Dates]:
    """Return the plan furthest on the way that moves few enough dates, and its P80s; the repaired one if none does."""
    found, best = repaired, p80
    low = -1  # the last one known to move few enough
    high = count - 1  # the last one not known to move too many
    looked = 0.0
    for number in range(_SIMULATED_MAX):
        began = time.monotonic()
        if low >= high or (number >= _SIMULATED_MIN and until is not None and began + looked > until):
            break
        # The first steps save most and move least: when the whole way moves too much, a third of it seldom does.
        at = high if not number else high // 3 if low < 0 else (low + high + 1) // 2
        plan = plan_for(at)
        dates = simulations.p80(plan) if plan is not repaired else p80
        if sum(date.chosen for date in moved_dates(promises, dates)) <= MOVED_DATES_MAX:
            low, found, best = at, plan, dates
        else:
            high = at - 1
        looked = time.monotonic() - began
    return found, best
