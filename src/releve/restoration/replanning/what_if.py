"""What a change would do before anybody decides it: the plan's order dated before and after, and planned anew."""

from __future__ import annotations

import time
from collections.abc import Sequence

import msgspec

from releve.restoration.case import Case
from releve.restoration.plan import BackAt, Plan, order_of
from releve.restoration.planner.decode import grid_that_holds, plan_of
from releve.restoration.replanning.applied import apply
from releve.restoration.replanning.events import Event
from releve.restoration.replanning.moves import never_back, saved
from releve.restoration.replanning.promises import Dates
from releve.restoration.replanning.searching import Engine, better_order

__all__ = ["Comparison", "Difference", "what_if"]


class _Line(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    pass


class Difference(_Line, frozen=True, kw_only=True):
    """When an application or service is back: before the change, after it in the same order, and planned anew.

    None: no date. The same three of the P80, when they were asked for.
    """

    id: str
    before: int | None
    same_order: int | None
    anew: int | None
    p80_before: int | None = None
    p80_same_order: int | None = None
    p80_anew: int | None = None


class Comparison(_Line, frozen=True, kw_only=True):
    """What a change does. `gained` below 0: the change costs that much care, even planned anew.

    `never`: services that no plan brings back after it; what they lose is in none of the sums.
    """

    loss_before: float
    loss_same_order: float
    loss_anew: float
    gained: float
    never: tuple[str, ...] = ()
    applications: tuple[Difference, ...]
    services: tuple[Difference, ...]
    case: Case
    plan: Plan  # planned anew, of `case`


def what_if(
    case: Case,
    plan: Plan,
    changes: Sequence[Event],
    *,
    seconds: float = 1.5,
    seed: int = 1,
    iterations: int | None = None,
    runs: int = 0,
) -> Comparison:
    """Return what these changes would do, told as events are; `runs`: simulations for the P80s (0: none).

    Raises:
        EventError: a change cannot be; the message names the place below `changes`.
    """
    began = time.monotonic()
    after = apply(case, changes, case.now, plan=plan, name="changes")
    order = order_of(plan, case)
    before = _dated(case, order, plan)
    same = _dated(after, order, plan)
    grid, indices, _ = grid_that_holds(after, order, preferences=plan.preferences)
    engine = Engine(grid)
    best = better_order(engine, indices, seed=seed, iterations=iterations, deadline=began + seconds)
    anew = plan_of(grid, engine.place(best), best, seed=seed, patience=grid.patience)
    if never_back(same, anew) or (not never_back(anew, same) and anew.loss > same.loss):
        anew = same
    p80: list[Dates] = [{}, {}, {}]
    if runs:
        p80 = [
            _simulated(of, each, runs, seed) for of, each in ((case, before), (after, same), (after, anew))
        ]
    return Comparison(
        loss_before=before.loss, loss_same_order=same.loss, loss_anew=anew.loss,
        gained=saved(before, anew), never=never_back(before, anew),
        applications=_differences("application", (before.applications, same.applications, anew.applications), p80),
        services=_differences("service", (before.services, same.services, anew.services), p80), case=after, plan=anew,
    )  # fmt: skip


def _dated(case: Case, order: Sequence[str], plan: Plan) -> Plan:
    grid, indices, placed = grid_that_holds(case, order, preferences=plan.preferences)
    return plan_of(grid, placed, indices, patience=grid.patience)


def _simulated(case: Case, plan: Plan, runs: int, seed: int) -> Dates:
    from releve.restoration.forecast.simulate import simulate

    forecast = simulate(case, plan, runs=runs, seed=seed)
    return {
        (kind, line.id): line.p80
        for kind, lines in (("application", forecast.applications), ("service", forecast.services))
        for line in lines
        if line.p80 is not None
    }


def _differences(
    kind: str, backs: Sequence[Sequence[BackAt]], p80: Sequence[Dates]
) -> tuple[Difference, ...]:
    hours = [{each.id: each.hour for each in part} for part in backs]

    def told(number: int, id: str) -> int | None:
        date = p80[number].get((kind, id))
        return None if date is None else round(date)

    return tuple(
        Difference(
            id=id,
            before=hours[0].get(id),
            same_order=hours[1].get(id),
            anew=hours[2].get(id),
            p80_before=told(0, id),
            p80_same_order=told(1, id),
            p80_anew=told(2, id),
        )
        for id in {**hours[0], **hours[1], **hours[2]}
    )
