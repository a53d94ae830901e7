"""What is wrong with a case, in words, and what remains of it to be planned all the same.

What is left out is never guessed right: whatever waits for it is left out with it, and both are said. Pure.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Protocol, TypeVar

import msgspec

from releve.restoration.case import Case, TaskState
from releve.restoration.catalogue.cycles import application_circles, task_circles
from releve.restoration.catalogue.mending import mended
from releve.restoration.catalogue.references import check_ids, check_references
from releve.restoration.catalogue.sentences import (
    FRENCH,
    MESSAGES,
    Problem,
    Reference,
    Severity,
    line,
    sentence,
)
from releve.restoration.catalogue.teams import check_teams
from releve.restoration.catalogue.values import YEARS, check_start, check_values
from releve.restoration.planner.calendars import zone_named

__all__ = [
    "FRENCH", "MESSAGES", "LeftOut", "Problem", "Reference", "Severity", "line", "problems", "sentence",
    "what_remains",
]  # fmt: skip


class _HasId(Protocol):
    @property
    def id(self) -> str: ...


_Line = TypeVar("_Line", bound=_HasId)

_CIRCLE_SHOWN_MAX = 30  # members named in a sentence; all stand in `ids`


class LeftOut(msgspec.Struct, frozen=True):
    """A line that a plan made all the same goes without, and the problem that says why."""

    list: str
    id: str
    because: Problem


def problems(case: Case) -> list[Problem]:
    """Return what is wrong with a case, what stops a plan first."""
    if wrong := list(check_start(case)):
        return wrong  # no hour of it can be read
    found = [
        *check_ids(case),
        *check_references(case),
        *_check_circles(case),
        *check_values(case),
        *check_teams(case),
    ]
    found.sort(key=lambda problem: problem.severity != "stops")  # stable: else in the order of the case
    return found


def _check_circles(case: Case) -> Iterator[Problem]:
    circling: set[str] = set()
    for circle in application_circles(case):
        circling.update(circle)
        yield _circle("application-cycle", "applications", circle, "needs")
    for circle in task_circles(case, without=circling):
        yield _circle("task-cycle", "tasks", circle, "after")


def _circle(code: str, name: str, circle: tuple[str, ...], field: str) -> Problem:
    shown = [*circle, circle[0]] if len(circle) <= _CIRCLE_SHOWN_MAX else [*circle[:_CIRCLE_SHOWN_MAX], "…"]
    return Problem(
        code=code,
        severity="stops",
        place=f"{name}[{circle[0]}].{field}",
        ids=circle,
        facts={"path": " → ".join(shown)},
        leaves_out=tuple(Reference(name, id) for id in circle),
    )


def what_remains(case: Case) -> tuple[Case, list[LeftOut]]:
    """Return the case without what stops a plan, and what is left out, each with its reason.

    An application with a task that cannot be planned is left out whole, and with it the applications that need it and
    the services that require it: a date given without them would be wrong. What only the forecast or the report reads
    (a probability out of bounds, an unknown task to do again) is set to its default. A case without problems comes
    back as it is.
    """
    left: list[LeftOut] = []
    while True:
        found = problems(case)
        if not any(problem.severity == "stops" for problem in found):
            return mended(case, found), left
        less, more = _without(case, [problem for problem in found if problem.severity == "stops"])
        assert less != case, "what stops a plan is left out or mended"
        case = less
        left += more


def _without(case: Case, stops: list[Problem]) -> tuple[Case, list[LeftOut]]:
    """Return the case without what these problems leave out and what waits for that."""
    if case.starts_at.year not in YEARS:
        nothing = Case(
            starts_at=datetime(YEARS[10], 1, 1, tzinfo=UTC), applications=(), tasks=(), services=()
        )
        return nothing, [LeftOut("applications", each.id, stops[0]) for each in case.applications]
    out: dict[Reference, Problem] = {}
    owners: dict[str, list[str]] = {}
    for task in case.tasks:
        owners.setdefault(task.id, []).append(task.application)
    applications = {application.id for application in case.applications}
    for problem in stops:
        for reference in problem.leaves_out:
            out.setdefault(reference, problem)
            if reference.list == "tasks":
                # A member of a circle of tasks may be the end of an application: then it is that one.
                for owner in owners.get(reference.id, [reference.id]):
                    if owner in applications:
                        out.setdefault(Reference("applications", owner), problem)
    _spread(case, out, applications)
    gone: dict[str, set[str]] = {}
    for reference in out:
        gone.setdefault(reference.list, set()).add(reference.id)
    gone_applications = gone.get("applications", set())
    kept = msgspec.structs.replace(
        case,
        zone=case.zone if zone_named(case.zone) is not None else _zone_by_offset(case),
        now=max(case.now, 0),
        calendars=_kept(case.calendars, gone.get("calendars")),
        skills=_kept(case.skills, gone.get("skills")),
        people=_kept(case.people, gone.get("people")),
        resources=_kept(case.resources, gone.get("resources")),
        applications=_kept(case.applications, gone_applications),
        tasks=tuple(
            task for task in _kept(case.tasks, gone.get("tasks")) if task.application not in gone_applications
        ),
        services=_kept(case.services, gone.get("services")),
        states=_states_once(case, gone.get("states", set())),
    )
    # The tasks of an application that is left out are not told one by one.
    told = [
        LeftOut(reference.list, reference.id, because)
        for reference, because in out.items()
        if reference.list != "tasks"
        or not gone_applications.intersection(owners.get(reference.id, [reference.id]))
    ]
    return kept, told


def _spread(case: Case, out: dict[Reference, Problem], applications: set[str]) -> None:
    """Add to `out` the applications and services that wait for what is in it."""
    owner_of = {task.id: task.application for task in case.tasks}
    waiting: dict[Reference, list[str]] = {}
    for application in case.applications:
        for need in application.needs:
            waiting.setdefault(Reference("applications", need.application), []).append(application.id)
    for task in case.tasks:
        for before in task.after:
            owner = owner_of.get(before, "")
            # A task of no known application stands for itself.
            other = Reference("applications", owner) if owner in applications else Reference("tasks", before)
            if owner != task.application and task.application in applications:
                waiting.setdefault(other, []).append(task.application)
    front = list(out)
    while front:
        other = front.pop()
        for id in waiting.get(other, ()):
            reference = Reference("applications", id)
            if reference not in out:
                out[reference] = _because("needs-left-out", "applications", id, other.id)
                front.append(reference)
    for service in case.services:
        for id in (*service.requires, *(share.application for share in service.shares)):
            reference = Reference("services", service.id)
            if Reference("applications", id) in out and reference not in out:
                out[reference] = _because("service-left-out", "services", service.id, id)


def _because(code: str, name: str, id: str, other: str) -> Problem:
    return Problem(
        code=code, severity="stops", place=f"{name}[{id}]", ids=(id, other), facts={"id": id, "other": other}
    )


def _kept(lines: tuple[_Line, ...], gone: set[str] | None) -> tuple[_Line, ...]:
    return tuple(item for item in _once(lines) if gone is None or item.id not in gone)


def _once(lines: Iterable[_Line]) -> list[_Line]:
    first: dict[str, _Line] = {}
    for item in lines:
        first.setdefault(item.id, item)
    return list(first.values())


def _states_once(case: Case, gone: set[str]) -> tuple[TaskState, ...]:
    last = {state.task: state for state in case.states}  # what was reported last holds
    return tuple(state for id, state in last.items() if id not in gone)


def _zone_by_offset(case: Case) -> str:
    """Return the zone that keeps for ever the offset of the start: hours of work stay right until clocks change."""
    offset = case.starts_at.utcoffset()
    hours = round(offset.total_seconds() / 3600) if offset is not None else 0
    # In these names the sign is that of POSIX: Etc/GMT-1 is one hour east.
    return f"Etc/GMT{-hours:+d}" if hours else "UTC"
