"""Why a plan has this order: what another would cost, what each need and each person more is worth."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec

from releve.restoration.case import Case
from releve.restoration.plan import Plan, order_of

if TYPE_CHECKING:
    from releve.restoration.planner.grid import Grid
    from releve.restoration.planner.placing import Placed

__all__ = ["Progress", "reasons"]

EXPLAIN_SECONDS_MAX = 10.0
LATER_TOLD = 3
Progress = Callable[[str, float], None]  # the step, how much of all is done (0 to 1)


def reasons(case: Case, plan: Plan, progress: Progress) -> str:
    """Return, as JSON, what another order would cost for each application; for as many as there is time, the rest too.

    Putting one first, or in its neighbour's place, is one decode on one grid. What each need and each person more is
    worth asks for a grid of its own, once for all who ask: told first of what care waits for longest.
    """
    from releve.restoration.replanning.explain import Explainer

    until = time.monotonic() + EXPLAIN_SECONDS_MAX
    found = _orders(case, plan, until)
    progress("forecast", 0.85)
    back = {one.id: one.hour for one in plan.applications}
    lost = {one.id: one.loss for one in plan.services}
    waited = [
        max((id_ for id_ in service.requires if id_ in back), key=lambda id_: back[id_], default="")
        for service in sorted(case.services, key=lambda one: -lost.get(one.id, 0.0))
    ]
    explainer = Explainer(case, plan)
    for id_ in dict.fromkeys((*waited, *back)):
        if time.monotonic() > until:
            break
        if id_ in back:
            told = explainer.explain(id_, others=False)
            found.setdefault(id_, {}).update(
                needs=msgspec.to_builtins(told.needs), means=msgspec.to_builtins(told.means)
            )
    progress("forecast", 0.9)
    return msgspec.json.encode(found).decode()


def _orders(case: Case, plan: Plan, until: float) -> dict[str, dict[str, Any]]:
    """Return of each application what putting it first costs, or changing its place with its neighbour's."""
    from releve.restoration.planner.decode import grid_that_holds
    from releve.restoration.planner.engine import engine_for
    from releve.restoration.planner.placing import NOWHERE, application_ends, cost_of

    grid, order, _ = grid_that_holds(case, order_of(plan, case), preferences=plan.preferences)
    place = engine_for(grid).place
    planned = place(order)
    base = cost_of(grid, planned)
    cared = _cared(grid, planned)
    names = [one.id for one in case.applications]
    fixed = application_ends(grid, grid.fixed)

    def way(kind: str, other: list[int], about: int, id_: str = "") -> dict[str, Any]:
        placed = place(other)
        hour = application_ends(grid, placed.end)[about]
        loss = round(cost_of(grid, placed) - base, 3)
        told = {"kind": kind, "id": id_, "loss": loss, "hour": None if hour == NOWHERE else hour}
        if kind == "first":
            told["later"] = _later(cared, _cared(grid, placed), case)
        return told

    found: dict[str, dict[str, Any]] = {}
    for at, own in enumerate(order):
        if time.monotonic() > until:
            break
        if fixed[own] >= 0:
            continue
        swaps = []
        for other in (at - 1, at + 1):
            if 0 <= other < len(order):
                turned = list(order)
                turned[at], turned[other] = turned[other], turned[at]
                swaps.append(way("swap", turned, own, names[order[other]]))
        first = way("first", [own, *(one for one in order if one != own)], own)
        found[names[own]] = {"first": first, "swaps": swaps}
    return found


def _cared(grid: "Grid", placed: "Placed") -> dict[int, tuple[float, int]]:
    """Return of each service that comes back what is lost until then, and the hour of its last part."""
    from releve.restoration.planner.placing import NOWHERE, application_ends

    back = application_ends(grid, placed.end)
    found: dict[int, tuple[float, int]] = {}
    for milestone in grid.milestones:
        ends = [back[one] for one in milestone.applications]
        if NOWHERE in ends:
            continue
        hour = max(ends, default=0)
        lost, last = found.get(milestone.service, (0.0, 0))
        lost += milestone.weight * milestone.table[min(hour, grid.horizon)]
        found[milestone.service] = (lost, max(last, hour))
    return found


def _later(
    was: dict[int, tuple[float, int]], now: dict[int, tuple[float, int]], case: Case
) -> list[dict[str, Any]]:
    """Return the services that lose most by another order, with the hours by which each is back later."""
    more = {service: now[service][0] - was[service][0] for service in was.keys() & now.keys()}
    most = sorted(more, key=lambda service: (-more[service], service))[:LATER_TOLD]
    return [
        {
            "id": case.services[service].id,
            "loss": round(more[service], 3),
            "hours": now[service][1] - was[service][1],
        }
        for service in most
        if more[service] > 0
    ]
