"""Numbers of a case that cannot be meant: durations, units, shares, probabilities, hours out of order. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from releve.restoration.case import Calendar, Case, Coverage, Impact, Person, Service, Task
from releve.restoration.catalogue.hours import FAR_HOURS
from releve.restoration.catalogue.sentences import Problem, Reference
from releve.restoration.planner.calendars import zone_named

__all__ = ["NAMES_MAX", "SPREAD_MAX", "WORK_HOURS_MAX", "YEARS", "check_start", "check_values", "named"]

YEARS = range(1990, 2200)  # of a start: beyond, ten years of calendars leave what dates can say

WORK_HOURS_MAX = 8760  # a year, night and day: whoever writes more has written minutes
SPREAD_MAX = 3.0  # sigma 3: one task in six takes twenty times its estimate
_SHARES_TOLERANCE = 1e-6  # ten shares of 0.1 add up to a little more than 1
_AHEAD_HOURS = 24
NAMES_MAX = 12  # a sentence names so many and counts the rest


def named(ids: Sequence[str]) -> str:
    """Return the first of these ids and how many more there are."""
    rest = len(ids) - NAMES_MAX
    return ", ".join(ids[:NAMES_MAX]) + (f" (+ {rest})" if rest > 0 else "")


def check_start(case: Case) -> Iterator[Problem]:
    """Yield that the case starts at no time it can be read in."""
    year = case.starts_at.year
    if year not in YEARS:
        facts: dict[str, str | int | float] = {"year": year, "first": YEARS[0], "last": YEARS[-1]}
        yield Problem(code="start", severity="stops", place="starts_at", facts=facts)


def check_values(case: Case) -> Iterator[Problem]:
    """Yield the values that are out of their bounds, or out of order."""
    if not case.applications or not case.tasks:
        yield Problem(code="nothing", severity="warns", place="applications")
    if zone_named(case.zone) is None:
        yield Problem(code="zone", severity="stops", place="zone", facts={"zone": case.zone})
    if case.now < 0:
        yield Problem(code="now", severity="stops", place="now")
    for calendar in case.calendars:
        yield from _check_calendar(calendar)
    for person in case.people:
        yield from _check_person(person, case.now)
    for resource in case.resources:
        if resource.units < 1:
            yield Problem(
                code="units-absurd",
                severity="warns",
                place=f"resources[{resource.id}].units",
                ids=(resource.id,),
                facts={"units": resource.units},
            )
    units = {resource.id: resource.units for resource in case.resources}
    for task in case.tasks:
        yield from _check_task(task, units)
    for service in case.services:
        yield from _check_service(service)
    yield from _check_states(case)
    yield from _check_uncertainty(case)
    for application in case.applications:
        yield from _check_spread(application.spread, f"applications[{application.id}].spread")
    yield from _check_words(case)


def _check_calendar(calendar: Calendar) -> Iterator[Problem]:
    place = f"calendars[{calendar.id}]"
    for worked in calendar.week:
        if not 0 <= worked.from_hour < worked.to_hour <= 24:
            yield _span("calendar-hours", f"{place}.week", worked.from_hour, worked.to_hour)
    for exception in calendar.exceptions:
        yield from _check_span(f"{place}.exceptions", exception.from_hour, exception.to_hour)


def _check_person(person: Person, now: int) -> Iterator[Problem]:
    place = f"people[{person.id}]"
    for window in person.windows:
        yield from _check_span(f"{place}.windows", window.from_hour, window.to_hour)
    for window in person.absences:
        yield from _check_span(f"{place}.absences", window.from_hour, window.to_hour)
    if person.windows and all(window.to_hour <= now for window in person.windows):
        yield Problem(
            code="window-past",
            severity="warns",
            place=f"{place}.windows",
            ids=(person.id,),
            facts={"id": person.id},
        )
    yield from _check_probability(person.no_show_probability, f"{place}.no_show_probability", certain=True)


def _check_span(place: str, start: int, end: int) -> Iterator[Problem]:
    if start >= end:
        yield _span("span", place, start, end)
    elif end > FAR_HOURS:
        yield Problem(code="span-far", severity="warns", place=place, facts={"to": end})


def _span(code: str, place: str, start: int, end: int) -> Problem:
    return Problem(code=code, severity="warns", place=place, facts={"from": start, "to": end})


def _check_task(task: Task, units: dict[str, int]) -> Iterator[Problem]:
    place = f"tasks[{task.id}]"

    def stops(code: str, field: str, **facts: str | int | float) -> Problem:
        return Problem(
            code=code,
            severity="stops",
            place=f"{place}.{field}",
            ids=(task.id,),
            facts=facts,
            leaves_out=(Reference("tasks", task.id),),
        )

    if task.work_hours < 0:
        yield stops("hours-negative", "work_hours", hours=task.work_hours)
    if task.work_hours > WORK_HOURS_MAX:
        yield stops("hours-absurd", "work_hours", hours=task.work_hours, limit=WORK_HOURS_MAX)
    if task.not_before < 0:
        yield Problem(
            code="before-start",
            severity="warns",
            place=f"{place}.not_before",
            ids=(task.id,),
            facts={"hour": task.not_before},
        )
    if task.not_before > FAR_HOURS:
        yield stops("span-far", "not_before", to=task.not_before)
    for count in task.team:
        if count.count < 1:
            yield stops("count", "team", count=count.count)
    asked: dict[str, int] = {}
    for use in task.uses:
        if use.units < 1:
            yield stops("count", "uses", count=use.units)
        asked[use.resource] = asked.get(use.resource, 0) + max(use.units, 0)
    for resource, wanted in asked.items():
        if resource in units and wanted > units[resource] and task.work_hours > 0:
            yield stops("units-short", "uses", asked=wanted, resource=resource, units=units[resource])
    yield from _check_probability(task.fail_probability, f"{place}.fail_probability")
    yield from _check_spread(task.spread, f"{place}.spread")


def _check_spread(spread: float | None, place: str) -> Iterator[Problem]:
    if spread is not None and not 0 <= spread <= SPREAD_MAX:
        yield Problem(code="spread", severity="warns", place=place, facts={"spread": spread})


def _check_service(service: Service) -> Iterator[Problem]:
    place = f"services[{service.id}]"

    def problem(code: str, field: str, *, stops: bool, **facts: str | int | float) -> Problem:
        return Problem(
            code=code,
            severity="stops" if stops else "warns",
            place=f"{place}.{field}",
            ids=(service.id,),
            facts=facts,
            leaves_out=(Reference("services", service.id),) if stops else (),
        )

    if not service.requires and not service.shares:
        yield problem("requires-nothing", "requires", stops=False, id=service.id)
    if not service.impact:
        yield problem("no-impact", "impact", stops=False, id=service.id)
    for impact in service.impact:
        if not 0 <= impact.per_day < float("inf"):
            yield problem("impact-negative", "impact", stops=True, per_day=impact.per_day)
    for coverage in service.coverage:
        if not 0 <= coverage.share <= 1:
            yield problem("coverage", "coverage", stops=True, share=coverage.share)
    steps: tuple[tuple[str, Sequence[Impact | Coverage]], ...] = (
        ("impact", service.impact),
        ("coverage", service.coverage),
    )
    for field, days in steps:
        if any(later.from_day < earlier.from_day for earlier, later in pairwise(days)):
            yield problem("not-ordered", field, stops=False)
        for day in _days_twice(days):
            yield problem("day-twice", field, stops=True, day=day)
    for share in service.shares:
        if not 0 < share.share <= 1:
            yield problem("share", "shares", stops=True, share=share.share)
    total = sum(share.share for share in service.shares)
    if total > 1 + _SHARES_TOLERANCE:
        yield problem("shares-above-one", "shares", stops=True, sum=round(total, 6))


def _days_twice(days: Sequence[Impact | Coverage]) -> Iterator[float]:
    seen: dict[float, Impact | Coverage] = {}
    for step in days:
        if seen.setdefault(step.from_day, step) != step:
            yield step.from_day


def _check_states(case: Case) -> Iterator[Problem]:
    for state in case.states:
        place = f"states[{state.task}]"
        started, ended = state.started, state.ended
        if started is not None and ended is not None and ended < started:
            yield Problem(
                code="state-order",
                severity="warns",
                place=place,
                ids=(state.task,),
                facts={"ended": ended, "started": started},
            )
        for hour in (started, ended):
            if hour is not None and hour > case.now:
                # A clock that runs ahead is one thing; beyond a day it is no report, and the task is planned again.
                far = hour > case.now + _AHEAD_HOURS
                yield Problem(
                    code="state-future",
                    severity="stops" if far else "warns",
                    place=place,
                    ids=(state.task,),
                    facts={"hour": hour, "now": case.now},
                    leaves_out=(Reference("states", state.task),) if far else (),
                )
        remaining = state.remaining_hours
        if remaining is not None and not 0 <= remaining <= WORK_HOURS_MAX:
            yield Problem(
                code="remaining-negative" if remaining < 0 else "hours-absurd",
                severity="stops",
                place=f"{place}.remaining_hours",
                ids=(state.task,),
                facts={"hours": remaining, "limit": WORK_HOURS_MAX},
                leaves_out=(Reference("states", state.task),),
            )


def _check_uncertainty(case: Case) -> Iterator[Problem]:
    told = case.uncertainty
    for field in ("task_sigma", "application_sigma", "kind_sigma", "common_sigma"):
        yield from _check_spread(getattr(told, field), f"uncertainty.{field}")
    yield from _check_probability(told.reinfection_probability, "uncertainty.reinfection_probability")
    if not 0 <= told.reinfection_after_days < float("inf"):
        yield Problem(
            code="days-negative",
            severity="warns",
            place="uncertainty.reinfection_after_days",
            facts={"days": told.reinfection_after_days},
        )


def _check_probability(probability: float, place: str, *, certain: bool = False) -> Iterator[Problem]:
    if not 0 <= probability <= 1:
        yield Problem(code="probability", severity="warns", place=place, facts={"probability": probability})
    elif probability == 1 and not certain:
        yield Problem(code="probability-one", severity="warns", place=place)


def _check_words(case: Case) -> Iterator[Problem]:
    """Yield what a case should say and leaves out, one line for all of a kind: two hundred lines are read by nobody."""
    with_tasks = {task.application for task in case.tasks}
    for application in case.applications:
        if application.id not in with_tasks:
            yield Problem(
                code="no-task",
                severity="warns",
                place=f"applications[{application.id}]",
                ids=(application.id,),
                facts={"id": application.id},
            )
    reported = {state.task for state in case.states if state.started is not None or state.ended is not None}
    yield from _together(
        "no-owner", "applications[].owner", (line.id for line in case.applications if not line.owner.strip())
    )
    yield from _together(
        "no-evidence",
        "tasks[].evidence",
        (task.id for task in case.tasks if task.kind == "gate" and not task.evidence.strip()),
    )
    yield from _together(
        "late-start",
        "tasks[].not_before",
        (task.id for task in case.tasks if 0 < task.not_before < case.now and task.id not in reported),
    )


def _together(code: str, place: str, ids: Iterable[str]) -> Iterator[Problem]:
    found = tuple(ids)
    if found:
        yield Problem(code=code, severity="warns", place=place, ids=found, facts={"names": named(found)})
