"""What is back and since when, what comes back next, what is due in each three months. Pure.

Hours are those of the case. A date that is shown is a P80: the hour by which something is back in 80 % of the runs.
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from releve.restoration.case import HOUR_MS, Case, Service
from releve.restoration.facts import Dated
from releve.restoration.standing.tasks import TaskNow

__all__ = ["Phase", "applications_back", "next_care", "phases", "services_back"]

PHASE_HOURS = 91 * 24  # three months: how Versailles counted (field.md C)


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
    own: dict[str, list[TaskNow | None]] = {one.id: [] for one in case.applications}
    for task in case.tasks:
        if task.application in own:
            own[task.application].append(tasks.get(task.id))
    found: dict[str, float] = {}
    for id_, said in own.items():
        ends = [one.ended_ms for one in said if one is not None and one.state == "done"]
        if said and len(ends) == len(said):
            found[id_] = max((end or 0) - case.starts_at_ms for end in ends) / HOUR_MS
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


def phases(
    case: Case, dates: Sequence[Dated], applications: Mapping[str, float], services: Mapping[str, float]
) -> list[Phase]:
    """Return the phases of three months, each with what is due in it by its P80 (what is back: when it came)."""
    due: dict[tuple[str, str], float] = {(one.kind, one.id): one.p80 for one in dates}
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
