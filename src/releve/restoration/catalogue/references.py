"""Ids of a case: each once, and each one named somewhere else known. Pure."""

from collections.abc import Iterable, Iterator

import msgspec

from releve.restoration.case import ALWAYS, Case
from releve.restoration.catalogue.sentences import Problem, Reference

__all__ = ["check_ids", "check_references"]

# What a plan goes without when a line of one of these lists is wrong; of the others the first line is kept.
_LISTS = ("calendars", "skills", "people", "resources", "applications", "tasks", "services")


def check_ids(case: Case) -> Iterator[Problem]:
    """Yield the ids that stand twice in their list, and the lines without one."""
    for name in _LISTS:
        seen: dict[str, msgspec.Struct] = {}
        for item in getattr(case, name):
            if not item.id.strip():
                yield Problem(
                    code="id-empty",
                    severity="stops",
                    place=f"{name}[]",
                    leaves_out=(Reference(name, item.id),),
                )
            elif item.id in seen:
                yield _twice(name, item.id, same=item == seen[item.id])
            else:
                seen[item.id] = item
    if any(calendar.id == ALWAYS for calendar in case.calendars):
        yield Problem(
            code="calendar-always",
            severity="stops",
            place=f"calendars[{ALWAYS}]",
            ids=(ALWAYS,),
            leaves_out=(Reference("calendars", ALWAYS),),
        )
    states: set[str] = set()
    for state in case.states:
        if state.task in states:
            yield _twice("states", state.task, same=False)
        states.add(state.task)


def _twice(name: str, id: str, *, same: bool) -> Problem:
    # Two applications or tasks of one id: which is meant decides when it is back, so neither is planned.
    return Problem(
        code="line-twice" if same else "id-twice",
        severity="stops",
        place=f"{name}[{id}]",
        ids=(id,),
        facts={"id": id},
        leaves_out=() if same or name not in ("applications", "tasks") else (Reference(name, id),),
    )


def check_references(case: Case) -> Iterator[Problem]:
    """Yield what is named and stands nowhere."""
    known = {name: {item.id for item in getattr(case, name)} for name in _LISTS}
    known["calendars"].add(ALWAYS)
    unlisted: set[str] = set()
    for person in case.people:
        yield from _unknown(
            known, "calendars", (person.calendar,), f"people[{person.id}].calendar", "people", person.id
        )
        unlisted.update(set(person.skills) - known["skills"])
    for task in case.tasks:
        place = f"tasks[{task.id}]"
        yield from _unknown(
            known, "applications", (task.application,), f"{place}.application", "tasks", task.id
        )
        yield from _unknown(known, "tasks", task.after, f"{place}.after", "tasks", task.id)
        yield from _unknown(known, "calendars", (task.calendar,), f"{place}.calendar", "tasks", task.id)
        used = (use.resource for use in task.uses)
        yield from _unknown(known, "resources", used, f"{place}.uses", "tasks", task.id)
        for again in task.rework:
            if again not in known["tasks"]:
                yield _warning(f"{place}.rework", again, "tasks")
        unlisted.update({count.skill for count in task.team} - known["skills"])
    for skill in sorted(unlisted):
        yield Problem(
            code="skill-unlisted",
            severity="warns",
            place=f"skills[{skill}]",
            ids=(skill,),
            facts={"id": skill},
        )
    yield from _check_needs(case, known)
    for service in case.services:
        place = f"services[{service.id}]"
        yield from _unknown(
            known, "applications", service.requires, f"{place}.requires", "services", service.id
        )
        sharing = (share.application for share in service.shares)
        yield from _unknown(known, "applications", sharing, f"{place}.shares", "services", service.id)
    yield from _check_reports(case, known)


def _check_needs(case: Case, known: dict[str, set[str]]) -> Iterator[Problem]:
    own: dict[str, set[str]] = {}
    for task in case.tasks:
        own.setdefault(task.application, set()).add(task.id)
    for application in case.applications:
        place = f"applications[{application.id}].needs"
        needed = (need.application for need in application.needs)
        yield from _unknown(known, "applications", needed, place, "applications", application.id)
        for need in application.needs:
            if need.before and need.before not in own.get(application.id, ()):
                yield Problem(
                    code="unknown-before",
                    severity="warns",
                    place=f"{place}[{need.application}].before",
                    ids=(need.before, application.id),
                    facts={"id": need.before, "application": application.id},
                )


def _check_reports(case: Case, known: dict[str, set[str]]) -> Iterator[Problem]:
    for state in case.states:
        if state.task not in known["tasks"]:
            yield _warning(f"states[{state.task}].task", state.task, "tasks")
        for person in state.people:
            if person not in known["people"]:
                yield _warning(f"states[{state.task}].people", person, "people")
    for published in case.published:
        name = "applications" if published.kind == "application" else "services"
        if published.id not in known[name]:
            yield _warning(f"published[{published.id}].id", published.id, name)


def _unknown(
    known: dict[str, set[str]], wanted: str, ids: Iterable[str], place: str, owner: str, owner_id: str
) -> Iterator[Problem]:
    for id in ids:
        if id not in known[wanted]:
            yield Problem(
                code="unknown",
                severity="stops",
                place=place,
                ids=(id, owner_id),
                facts={"id": id, "list": wanted},
                leaves_out=(Reference(owner, owner_id),),
            )


def _warning(place: str, id: str, wanted: str) -> Problem:
    return Problem(code="unknown", severity="warns", place=place, ids=(id,), facts={"id": id, "list": wanted})
