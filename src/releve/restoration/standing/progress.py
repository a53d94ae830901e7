"""How far the restoration is: what is back, what comes next, what is late, against what was planned and forecast. Pure.

Hours are those of the case. A date that is shown is a P80: the hour by which something is back in 80 % of the runs.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal

import msgspec

from releve.restoration.case import Case, Service
from releve.restoration.drawing.curve import CurvePoint
from releve.restoration.facts import Dated
from releve.restoration.plan import Plan
from releve.restoration.standing.assembled import HOUR_MS
from releve.restoration.standing.tasks import TaskNow

__all__ = [
    "Measure", "Overdue", "Phase", "actual_steps", "applications_back", "forecast_points", "next_care", "overdue",
    "phases", "planned_steps", "services_back", "share_now", "weights_of",
]  # fmt: skip

Measure = Literal["applications", "services", "patients"]
PHASE_HOURS = 91 * 24  # three months: how Versailles counted (field.md C)
Key = tuple[str, str]  # kind ("application", "service"), id


class Overdue(msgspec.Struct, frozen=True, kw_only=True):
    """A task that is late, blocked, or should have ended by the plan; `hours` since then."""

    task: str
    why: Literal["blocked", "late", "not-started", "not-ended"]
    hours: int


class Phase(msgspec.Struct, frozen=True, kw_only=True):
    """Three months of the restoration: what is due in them by its P80, and how much of it is back."""

    number: int
    from_hour: int
    to_hour: int
    applications: int
    applications_back: int
    services: tuple[str, ...]
    services_back: int


def applications_back(
    case: Case, tasks: Mapping[str, TaskNow], declared: Mapping[str, int] | None = None
) -> dict[str, float]:
    """Return of each application that is back the hour at which it came: all its tasks are done.

    `declared`: applications said to be restored or in service again, and at which hour, whatever their tasks.
    """
    start = case.starts_at.timestamp() * 1000
    own: dict[str, list[TaskNow | None]] = {one.id: [] for one in case.applications}
    for task in case.tasks:
        if task.application in own:
            own[task.application].append(tasks.get(task.id))
    found: dict[str, float] = {}
    for id_, said in own.items():
        ends = [one.ended_ms for one in said if one is not None and one.state == "done"]
        if said and len(ends) == len(said):
            found[id_] = max((end or 0) - start for end in ends) / HOUR_MS
        elif declared and id_ in declared:
            found[id_] = declared[id_]
    return found


def services_back(case: Case, back: Mapping[str, float]) -> dict[str, float]:
    """Return of each care function that is back whole the hour at which it came."""
    found: dict[str, float] = {}
    for service in case.services:
        needed = {*service.requires, *(share.application for share in service.shares)}
        if needed and all(id_ in back for id_ in needed):
            found[service.id] = max(back[id_] for id_ in needed)
    return found


def weights_of(case: Case, measure: Measure) -> dict[Key, float]:
    """Return what each thing counts for in a measure; nothing where the catalogue says no patients."""
    if measure == "applications":
        return {("application", one.id): 1.0 for one in case.applications}
    if measure == "services":
        return {("service", one.id): 1.0 for one in case.services}
    return {("service", one.id): one.patients_per_day for one in case.services if one.patients_per_day > 0}


def forecast_points(dates: Iterable[Dated], weights: Mapping[Key, float]) -> list[CurvePoint]:
    """Return the curve that comes about when each thing comes at its own P50, P80, P95."""
    known = [one for one in dates if (one.kind, one.id) in weights]
    whole = sum(weights.values())
    if not known or not whole:
        return []
    hours = sorted({0.0, *(hour for one in known for hour in (one.p50, one.p80, one.p95))})

    def share(hour: float, of: Callable[[Dated], float]) -> float:
        return sum(weights[one.kind, one.id] for one in known if of(one) <= hour) / whole

    return [
        CurvePoint(
            hour,
            share(hour, lambda one: one.p50),
            share(hour, lambda one: one.p80),
            share(hour, lambda one: one.p95),
        )
        for hour in hours
    ]


def planned_steps(plan: Plan, weights: Mapping[Key, float]) -> list[tuple[float, float]]:
    """Return the curve of the plan itself, as steps."""
    backs = [(("application", one.id), one.hour) for one in plan.applications]
    backs += [(("service", one.id), one.hour) for one in plan.services]
    return _steps({key: float(hour) for key, hour in backs}, weights)


def actual_steps(
    weights: Mapping[Key, float], applications: Mapping[str, float], services: Mapping[str, float]
) -> list[tuple[float, float]]:
    """Return the curve of what came back, as steps."""
    backs = {("application", id_): hour for id_, hour in applications.items()}
    backs |= {("service", id_): hour for id_, hour in services.items()}
    return _steps(backs, weights)


def share_now(
    weights: Mapping[Key, float], applications: Mapping[str, float], services: Mapping[str, float]
) -> tuple[float, float]:
    """Return how much is back, and of how much, in the measure's own unit."""
    backs = {("application", id_) for id_ in applications} | {("service", id_) for id_ in services}
    return sum(weight for key, weight in weights.items() if key in backs), sum(weights.values())


def _steps(backs: Mapping[Key, float], weights: Mapping[Key, float]) -> list[tuple[float, float]]:
    whole = sum(weights.values())
    if not whole:
        return []
    found, share = [(0.0, 0.0)], 0.0
    for hour, weight in sorted((hour, weights[key]) for key, hour in backs.items() if key in weights):
        share += weight / whole
        found.append((max(0.0, hour), min(1.0, share)))
    return found


def overdue(case: Case, plan: Plan | None, tasks: Mapping[str, TaskNow]) -> list[Overdue]:
    """Return what holds the restoration up now: blocked, late, not begun, not ended; the longest first in each."""
    planned = {one.task: one for one in plan.tasks} if plan is not None else {}
    start = case.starts_at.timestamp() * 1000
    found: list[Overdue] = []
    for task in case.tasks:
        one, due = tasks.get(task.id), planned.get(task.id)
        state = one.state if one is not None else "todo"
        if state == "done":
            continue
        since = 0 if one is None else max(0, case.now - round((one.last.at_ms - start) / HOUR_MS))
        if state == "blocked":
            found.append(Overdue(task=task.id, why="blocked", hours=since))
        elif due is not None and due.end < case.now and state in ("started", "late"):
            found.append(
                Overdue(
                    task=task.id, why="late" if state == "late" else "not-ended", hours=case.now - due.end
                )
            )
        elif state == "late":
            found.append(Overdue(task=task.id, why="late", hours=since))
        elif due is not None and due.start < case.now and state == "todo":
            found.append(Overdue(task=task.id, why="not-started", hours=case.now - due.start))
    rank = {"blocked": 0, "late": 1, "not-ended": 2, "not-started": 3}
    return sorted(found, key=lambda each: (rank[each.why], -each.hours, each.task))


def phases(
    case: Case, dates: Sequence[Dated], applications: Mapping[str, float], services: Mapping[str, float]
) -> list[Phase]:
    """Return the phases of three months, each with what is due in it by its P80 (what is back: when it came)."""
    due: dict[Key, float] = {(one.kind, one.id): one.p80 for one in dates}
    due |= {("application", id_): hour for id_, hour in applications.items()}
    due |= {("service", id_): hour for id_, hour in services.items()}
    if not due:
        return []
    last = int(max(due.values()) // PHASE_HOURS)
    made = []
    for number in range(last + 1):
        here = {key for key, hour in due.items() if max(0.0, hour) // PHASE_HOURS == number}
        own = [id_ for kind, id_ in here if kind == "application"]
        care = tuple(one.id for one in case.services if ("service", one.id) in here)
        made.append(
            Phase(
                number=number + 1,
                from_hour=number * PHASE_HOURS,
                to_hour=(number + 1) * PHASE_HOURS,
                applications=len(own),
                applications_back=sum(1 for id_ in own if id_ in applications),
                services=care,
                services_back=sum(1 for id_ in care if id_ in services),
            )
        )
    return made


def next_care(
    case: Case, dates: Iterable[Dated], services: Mapping[str, float], most: int = 8
) -> list[tuple[Service, Dated]]:
    """Return the care functions that come back next, by their P80."""
    of = {one.id: one for one in case.services}
    found = [
        (of[one.id], one)
        for one in dates
        if one.kind == "service" and one.id in of and one.id not in services
    ]
    return sorted(found, key=lambda pair: (pair[1].p80, pair[0].id))[:most]
