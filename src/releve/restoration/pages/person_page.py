"""Somebody who works on the restoration: what she can do, during which hours, when she is away or only then there."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from releve.bedside.now import IslandNow
from releve.restoration.case import Person
from releve.restoration.facts import LineSaid
from releve.restoration.pages.acting import say
from releve.restoration.pages.catalogue_form import line_of
from releve.restoration.pages.dates_form import PERSON_KINDS, DatesForm, answer_dates, dates_rows
from releve.restoration.pages.means_form import PersonForm
from releve.restoration.pages.request import line_asked, opens
from releve.restoration.pages.task_lines import task_lines
from releve.restoration.rules import PLANNERS
from releve.restoration.standing.lines import dates_of
from releve.restoration.standing.now import RestorationNow
from releve.web.access import needs_role

__all__ = ["person"]


@require_http_methods(["GET", "POST"])
@needs_role(*PLANNERS)
@opens(back="restoration-means")
def person(request: HttpRequest, now: IslandNow, seen: RestorationNow) -> HttpResponse:
    """Return somebody's page, without `id` that of somebody new; posted, record what was said of her."""
    own: Person | None = line_asked(request, seen, "person")
    if request.method == "GET":
        return _page(request, now, seen, own)
    means = reverse("restoration-means")
    step = request.POST.get("step", "")
    if own is not None and step == "remove":
        gone = [LineSaid(what="dates", id=one.id) for one in dates_of(seen.lines, own.id)]
        taken_out = [LineSaid(what="person", id=own.id), *gone]
        return say(request, taken_out, means, what=gettext("somebody taken out")) or _page(
            request, now, seen, own
        )
    if own is not None and step in ("dates", "drop"):
        return answer_dates(
            request,
            now,
            seen,
            own,
            to=f"{reverse('restoration-person')}?{urlencode({'id': own.id})}",
            kinds=PERSON_KINDS,
            page=lambda form: _page(request, now, seen, own, dates=form),
        )
    form = PersonForm(request.POST, case=seen.case, own=own)
    if form.is_valid():
        made = form.person()
        lines = [line_of("person", made)] if made != own else []
        # Somebody new has dates next; of somebody known the page that lists all is where one came from.
        to = means if own is not None else f"{reverse('restoration-person')}?{urlencode({'id': made.id})}"
        answer = say(request, lines, to, what=made.name, form=form)
        if answer is not None:
            return answer
    return _page(request, now, seen, own, form=form)


def _page(
    request: HttpRequest,
    now: IslandNow,
    seen: RestorationNow,
    own: Person | None,
    *,
    form: PersonForm | None = None,
    dates: DatesForm | None = None,
) -> HttpResponse:
    context: dict[str, Any] = {
        "tab": "means",
        "may_plan": True,
        "now": seen,
        "own": own,
        "form": form or PersonForm(case=seen.case, own=own),
        "dates_form": dates or DatesForm(kinds=PERSON_KINDS, now_ms=now.now_ms, zone=now.zone),
        "dates": dates_rows(seen, own.id, PERSON_KINDS, now.zone) if own is not None else [],
        "windows": [(one.from_hour, one.to_hour) for one in own.windows] if own is not None else [],
        "tasks": _tasks(seen, own) if own is not None else [],
    }
    return render(
        request, "restoration/person.html", context, status=422 if request.method == "POST" else 200
    )


def _tasks(seen: RestorationNow, own: Person) -> list[Any]:
    """Return what she has to do next by the plan in force: whoever takes her out sees what is left without her."""
    return [
        line
        for line in task_lines(seen)
        if line.state != "done" and line.planned is not None and own.id in line.planned.people
    ][:8]
