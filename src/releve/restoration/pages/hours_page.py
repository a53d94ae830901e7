"""The hours of a team: the week of a calendar, and the days on which it is closed or worked all the same."""

from typing import Any
from urllib.parse import urlencode

import msgspec
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from releve.bedside.now import IslandNow
from releve.restoration.case import ALWAYS, Calendar
from releve.restoration.facts import LineSaid
from releve.restoration.pages.acting import say
from releve.restoration.pages.catalogue_form import line_of
from releve.restoration.pages.dates_form import CALENDAR_KINDS, DatesForm, answer_dates, dates_rows
from releve.restoration.pages.hours_form import HoursTyped, read_week, week_lines
from releve.restoration.pages.means_form import free_id
from releve.restoration.pages.request import line_asked, opens
from releve.restoration.rules import PLANNERS
from releve.restoration.standing.lines import dates_of
from releve.restoration.standing.now import RestorationNow
from releve.web.access import needs_role

__all__ = ["hours"]


@require_http_methods(["GET", "POST"])
@needs_role(*PLANNERS)
@opens(back="restoration-means")
def hours(request: HttpRequest, now: IslandNow, seen: RestorationNow) -> HttpResponse:
    """Return the page of a calendar, without `id` that of a new one; posted, record what was said of it."""
    own: Calendar | None = line_asked(request, seen, "calendar")
    if request.method == "GET":
        return _page(request, now, seen, own)
    means = reverse("restoration-means")
    step = request.POST.get("step", "")
    if own is not None and step == "remove":
        return _remove(request, now, seen, own, means)
    if own is not None and step in ("dates", "drop"):
        return answer_dates(
            request,
            now,
            seen,
            own,
            to=f"{reverse('restoration-hours')}?{urlencode({'id': own.id})}",
            kinds=CALENDAR_KINDS,
            page=lambda form: _page(request, now, seen, own, dates=form),
        )
    return _week(request, now, seen, own, means)


def _week(
    request: HttpRequest, now: IslandNow, seen: RestorationNow, own: Calendar | None, means: str
) -> HttpResponse:
    typed = read_week(request.POST)
    name = request.POST.get("name", "").strip()[:120]
    errors = {} if name else {"name": gettext("How do people call it?")}
    if typed.wrong:
        errors["week"] = gettext("Some hours of the week cannot be read: see below.")
    if errors:
        return _page(request, now, seen, own, typed=typed, errors=errors)
    taken = {ALWAYS, *(one.id for one in seen.case.calendars)}
    base = own if own is not None else Calendar(id=free_id(name, taken, "hours"))
    made = msgspec.structs.replace(base, name=name, week=typed.week)
    lines = [line_of("calendar", made)] if made != own else []
    answer = say(request, lines, means, what=name, errors=errors)
    return answer or _page(request, now, seen, own, typed=typed, errors=errors)


def _remove(
    request: HttpRequest, now: IslandNow, seen: RestorationNow, own: Calendar, means: str
) -> HttpResponse:
    users = [one.name or one.id for one in seen.case.people if one.calendar == own.id]
    tasks = sum(one.calendar == own.id for one in seen.case.tasks)
    errors: dict[str, str] = {}
    if users or tasks:
        errors["remove"] = gettext(
            "It is still used by %(people)d people and %(tasks)d tasks: give them others."
        ) % {
            "people": len(users),
            "tasks": tasks,
        }
        return _page(request, now, seen, own, errors=errors)
    gone = [LineSaid(what="dates", id=one.id) for one in dates_of(seen.lines, own.id)]
    lines = [LineSaid(what="calendar", id=own.id), *gone]
    answer = say(request, lines, means, what=gettext("hours taken out"), errors=errors)
    return answer or _page(request, now, seen, own, errors=errors)


def _page(
    request: HttpRequest,
    now: IslandNow,
    seen: RestorationNow,
    own: Calendar | None,
    *,
    typed: HoursTyped | None = None,
    errors: dict[str, str] | None = None,
    dates: DatesForm | None = None,
) -> HttpResponse:
    context: dict[str, Any] = {
        "tab": "means",
        "may_plan": True,
        "now": seen,
        "own": own,
        "name": request.POST.get("name", "")
        if typed is not None
        else (own.name or own.id)
        if own is not None
        else "",
        "week": typed.lines if typed is not None else week_lines(own.week if own is not None else ()),
        "errors": errors or {},
        "dates_form": dates or DatesForm(kinds=CALENDAR_KINDS, now_ms=now.now_ms, zone=now.zone),
        "dates": dates_rows(seen, own.id, CALENDAR_KINDS, now.zone) if own is not None else [],
        "counted": len(own.exceptions) if own is not None else 0,
        "people": [
            one.name or one.id for one in seen.case.people if own is not None and one.calendar == own.id
        ],
    }
    return render(request, "restoration/hours.html", context, status=422 if request.method == "POST" else 200)
