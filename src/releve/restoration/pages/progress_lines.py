"""How far the restoration is, in lines that page and paper both show: next care, phases, what holds it up."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import get_language

from releve.bedside.now import IslandNow
from releve.restoration.case import HOUR_MS, names_of
from releve.restoration.forecast.forecast import Measure
from releve.restoration.pages.request import at_hour
from releve.restoration.pages.sentences import WHY_OVERDUE
from releve.restoration.pages.task_lines import task_label
from releve.restoration.standing.measures import share_now, weights_of
from releve.restoration.standing.now import RestorationNow
from releve.restoration.standing.overdue import overdue
from releve.restoration.standing.returned import applications_back, next_care, phases, services_back
from releve.web import words

__all__ = [
    "MEASURES",
    "Back",
    "back_now",
    "held_lines",
    "measure_of",
    "next_lines",
    "phase_lines",
    "shares_now",
]

MEASURES: tuple[Measure, ...] = ("patients", "services", "applications")
Back = tuple[dict[str, float], dict[str, float]]  # applications, care functions: the hour at which each came


def back_now(seen: RestorationNow) -> Back:
    """Return what is back, by its tasks or because it was declared."""
    case = seen.case
    declared: dict[str, int] = {}
    if seen.cut is not None:
        declared = {
            code: max(0, (at - case.starts_at_ms) // HOUR_MS) for code, at in seen.cut.restored.items()
        }
    applications = applications_back(case, seen.tasks, declared)
    return applications, services_back(case, applications)


def measure_of(seen: RestorationNow, wanted: str) -> Measure:
    """Return what the curve counts: what is asked for, otherwise patients where the catalogue says how many."""
    known = {name: weights_of(seen.case, name) for name in MEASURES}
    for name in MEASURES:
        if name == wanted and known[name]:
            return name
    return "patients" if not wanted and known["patients"] else "services"


def shares_now(seen: RestorationNow, back: Back) -> dict[str, tuple[int, int]]:
    """Return of each measure how much is back, and of how much."""
    found: dict[str, tuple[int, int]] = {}
    for name in MEASURES:
        done, whole = share_now(weights_of(seen.case, name), *back)
        found[name] = (round(done), round(whole))
    return found


def next_lines(seen: RestorationNow, now: IslandNow, back: Back) -> list[dict[str, Any]]:
    """Return the care that comes back next by the plan in force, with the dates that hold and what it waits for."""
    plan, case = seen.in_force, seen.case
    if plan is None:
        return []
    names = names_of(case.applications)
    return [
        {
            "name": service.name or service.id,
            "p80": at_hour(plan.starts_at_ms, date.p80, now),
            "past": plan.ms(date.p80) < now.now_ms,
            "p95": at_hour(plan.starts_at_ms, date.p95, now),
            "p50": at_hour(plan.starts_at_ms, date.p50, now),
            # What the care is called after is not said again.
            "waits": [
                name
                for id_ in service.requires
                if id_ not in back[0] and (name := names.get(id_, id_)) not in (service.name or service.id)
            ][:4],
        }
        for service, date in next_care(case, plan.dates, back[1])
    ]


def held_lines(seen: RestorationNow) -> list[dict[str, Any]]:
    """Return what is late or blocked, the worst first."""
    case, plan = seen.case, seen.in_force
    names, tasks = names_of(case.applications), seen.task_of
    return [
        {
            "one": one,
            "why": WHY_OVERDUE[one.why],
            "name": task_label(tasks[one.task]),
            "application": names.get(tasks[one.task].application, ""),
            "seconds": one.hours * 3600,
            "said": seen.tasks[one.task].last if one.task in seen.tasks else None,
        }
        for one in overdue(case, plan.plan if plan is not None else None, seen.tasks)
    ]


def phase_lines(seen: RestorationNow, now: IslandNow, back: Back) -> list[dict[str, Any]]:
    """Return the phases of three months, with their dates and the care in each."""
    plan, case = seen.in_force, seen.case
    language = get_language() or "fr"
    care: Mapping[str, str] = names_of(case.services)

    def day(hour: int) -> str:
        return words.short_day(case.starts_at_ms + hour * HOUR_MS, now.zone, language)

    return [
        {
            "phase": one,
            "from": day(one.from_hour),
            "to": day(one.to_hour),
            "services": [care[id_] for id_ in care if id_ in one.services],
        }
        for one in phases(case, plan.dates if plan is not None else (), *back)
    ]
