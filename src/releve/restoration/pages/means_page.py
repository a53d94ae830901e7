"""Who can work on the restoration, when, and with what: people, their hours, skills, shared means, on one page."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from releve.bedside.now import IslandNow
from releve.restoration.case import ALWAYS, Case, Person, names_of
from releve.restoration.pages.dates_form import CALENDAR_KINDS, PERSON_KINDS, DatesRow, dates_rows
from releve.restoration.pages.hours_form import week_words
from releve.restoration.pages.means_form import NIGHT_AND_DAY
from releve.restoration.pages.means_form import PERSON_KINDS as FROM_WHERE
from releve.restoration.pages.plan_request import planning_context
from releve.restoration.pages.request import READERS, at_hour, may_plan, opens
from releve.restoration.pages.troubles import MEANS, troubles_of
from releve.restoration.standing.now import RestorationNow
from releve.web.access import needs_role

__all__ = ["means"]


@require_GET
@needs_role(*READERS)
@opens()
def means(request: HttpRequest, now: IslandNow, seen: RestorationNow) -> HttpResponse:
    """Return the page."""
    case = seen.case
    found = [one for one in troubles_of(seen) if one.of in MEANS]
    wrong = {(one.of, one.id) for one in found}
    people, skills = _people(seen, now, wrong), _skills(case, wrong)
    context = {
        "tab": "means",
        "now": seen,
        "stops": [one for one in found if one.stops],
        "warns": [one for one in found if not one.stops],
        "people": [one for one in people if one["own"].kind != "vendor"],
        "vendors": [one for one in people if one["own"].kind == "vendor"],
        "calendars": _calendars(seen, now, wrong),
        "skills": [one for one in skills if not one["of_vendor"]],
        "vendor_skills": [one for one in skills if one["of_vendor"]],
        "shared": _shared(case),
        "may_plan": may_plan(request),
        **planning_context(seen),
    }
    return render(request, "restoration/means.html", context)


def _people(seen: RestorationNow, now: IslandNow, wrong: set[tuple[str, str]]) -> list[dict[str, Any]]:
    case = seen.case
    skills = names_of(case.skills)
    calendars = {one.id: one.name or one.id for one in case.calendars} | {ALWAYS: str(NIGHT_AND_DAY)}
    kinds = {kind: str(words) for kind, words in FROM_WHERE}
    return [
        {
            "own": one,
            "name": one.name or one.id,
            "kind": kinds[one.kind],
            "skills": [skills.get(id_, id_) for id_ in one.skills],
            "hours": calendars.get(one.calendar, one.calendar),
            "dates": _next(dates_rows(seen, one.id, PERSON_KINDS, now.zone)),
            "after": after if seen.cut is None else None,
            "comes": at_hour(case.starts_at_ms, after, now)
            if seen.cut is not None and after > case.now
            else "",
            "wrong": ("people", one.id) in wrong,
        }
        for one in sorted(case.people, key=lambda each: (each.kind, (each.name or each.id).lower()))
        for after in (_after(one),)
    ]


def _after(person: Person) -> int:
    """Return from how many hours after the cut on somebody comes."""
    return max((one.to_hour for one in person.absences if one.from_hour <= 0), default=0)


def _next(rows: list[DatesRow]) -> list[DatesRow]:
    return [row for row in rows if not row.past][:3]


def _calendars(seen: RestorationNow, now: IslandNow, wrong: set[tuple[str, str]]) -> list[dict[str, Any]]:
    case = seen.case
    people: dict[str, int] = {}
    for one in case.people:
        people[one.calendar] = people.get(one.calendar, 0) + 1
    return [
        {
            "own": one,
            "name": one.name or one.id,
            "week": week_words(one),
            "people": people.get(one.id, 0),
            "dates": _next(dates_rows(seen, one.id, CALENDAR_KINDS, now.zone)),
            "wrong": ("calendars", one.id) in wrong,
        }
        for one in sorted(case.calendars, key=lambda each: (each.name or each.id).lower())
    ]


def _skills(case: Case, wrong: set[tuple[str, str]]) -> list[dict[str, Any]]:
    able: dict[str, list[Person]] = {}
    for person in case.people:
        for id_ in person.skills:
            able.setdefault(id_, []).append(person)
    hours: dict[str, int] = {}
    for task in case.tasks:
        for count in task.team:
            hours[count.skill] = hours.get(count.skill, 0) + task.work_hours * count.count
    return [
        {
            "own": one,
            "name": one.name or one.id,
            "people": [each.name or each.id for each in able.get(one.id, [])],
            "of_vendor": one.id in able and all(each.kind == "vendor" for each in able[one.id]),
            "hours": hours.get(one.id, 0),
            "wrong": ("skills", one.id) in wrong,
        }
        for one in sorted(
            case.skills, key=lambda each: (-hours.get(each.id, 0), (each.name or each.id).lower())
        )
    ]


def _shared(case: Case) -> list[dict[str, Any]]:
    asked: dict[str, int] = {}
    for task in case.tasks:
        for use in task.uses:
            asked[use.resource] = asked.get(use.resource, 0) + 1
    return [
        {"own": one, "name": one.name or one.id, "units": one.units, "tasks": asked.get(one.id, 0)}
        for one in sorted(case.resources, key=lambda each: (each.name or each.id).lower())
    ]
