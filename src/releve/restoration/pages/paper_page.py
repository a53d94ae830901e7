"""On paper: the sheets of a team's tasks, with the sign that brings them back; a plan for the wall; how far it is."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language, gettext, ngettext
from django.views.decorators.http import require_GET, require_http_methods

from releve.bedside.now import IslandNow
from releve.restoration.case import HOUR_MS
from releve.restoration.label_printer import labels_file, labels_page, mark_of
from releve.restoration.labels import Labels, labels_of
from releve.restoration.leaf import leaf
from releve.restoration.pages.plan_on_paper import plan_data
from releve.restoration.pages.report_on_paper import report_data
from releve.restoration.pages.request import READERS, opens, plan_asked
from releve.restoration.pages.sentences import kind_name
from releve.restoration.pages.task_lines import for_today, lines_asked, task_lines
from releve.restoration.rules import PLANNERS
from releve.restoration.sheets import TaskSheet, task_sheets, things_of
from releve.restoration.standing.now import RestorationNow
from releve.web import words
from releve.web.access import needs_role
from releve.web.paper_language import on_paper

__all__ = ["paper_plan", "paper_report", "paper_tasks", "printer_labels", "printer_labels_file"]

_ASKED = ("team", "application", "person", "words")
SHEETS_MAX = 120  # a team's fortnight; more paper is not read


@require_GET
@needs_role(*READERS)
@on_paper
@opens(file=True)
def paper_tasks(request: HttpRequest, now: IslandNow, seen: RestorationNow) -> HttpResponse:
    """Return the sheets of what a team has to do next; brought back, their sign finds the task."""
    sheets = _sheets_asked(request, seen)
    shown = sheets[:SHEETS_MAX]
    left = len(sheets) - len(shown)
    data = {
        "title": _title(request, seen, gettext("Task sheets")),
        "state": ngettext("%(n)s sheet", "%(n)s sheets", len(shown)) % {"n": len(shown)},
        "left": gettext("%(n)s more are not printed: choose a team") % {"n": left} if left else "",
        "sheets": [_sheet(one, seen.case.starts_at_ms, now) for one in shown],
        "words": {
            "symbol": gettext("Symbol"),
            "evidence": gettext("Evidence asked:"),
            "begun": gettext("Begun at"),
            "done": gettext("Done at"),
            "remaining": gettext("Hours that remain"),
            "blocked": gettext("Blocked by"),
            "by": gettext("By (name)"),
            "rule": gettext("A sheet that comes back is scanned under Tasks."),
        },
    }
    return _leaf(
        "restoration-tasks", data, now, "task-sheets.pdf", symbols=tuple(one.symbol for one in shown)
    )


@require_http_methods(["GET", "POST"])
@needs_role(*PLANNERS)
@opens()
def printer_labels(request: HttpRequest, now: IslandNow, seen: RestorationNow) -> HttpResponse:
    """Return a label for each task that a team has to do next: stuck on what is worked on, a scan finds the task."""
    sheets = _sheets_asked(request, seen)
    query = urlencode({name: value for name, value in request.GET.items() if name in (*_ASKED, "show")})
    return labels_page(
        request,
        _labels(sheets, now),
        hospital=now.directory.map,
        title=_title(request, seen, gettext("Labels of tasks")),
        pdf=f"{reverse('restoration-paper-tasks')}?{query}",
        file=reverse("restoration-labels-file"),
        back=f"{reverse('restoration-tasks')}?{query}",
        left=max(0, len(sheets) - SHEETS_MAX),
    )


@require_GET
@needs_role(*PLANNERS)
@opens(file=True)
def printer_labels_file(request: HttpRequest, now: IslandNow, seen: RestorationNow) -> HttpResponse:
    """Return the same labels as one file."""
    return labels_file(_labels(_sheets_asked(request, seen), now))


def _labels(sheets: Sequence[TaskSheet], now: IslandNow) -> Labels:
    return labels_of(things_of(sheets[:SHEETS_MAX]), exercise=mark_of(now.directory.map))


def _sheets_asked(request: HttpRequest, seen: RestorationNow) -> list[TaskSheet]:
    """Return the sheets of tasks that a team, an application, a person, words ask for; `show=all`: any day."""
    asked = {name: request.GET.get(name, "")[:80] for name in _ASKED}
    # Machines of the fleet carry their own labels, and say themselves how far they are.
    lines = [
        one for one in lines_asked(task_lines(seen), **asked) if one.now is None or one.now.fleet is None
    ]
    if request.GET.get("show") != "all":
        lines = for_today(lines, seen)
    done = [id_ for id_, one in seen.tasks.items() if one.state == "done"]
    plan = seen.in_force.plan if seen.in_force is not None else None
    return task_sheets(seen.case, plan, [line.task for line in lines], done)


def _title(request: HttpRequest, seen: RestorationNow, what: str) -> str:
    wanted = request.GET.get("team", "")[:80]
    team = next((one.name or one.id for one in seen.case.skills if one.id == wanted), "")
    return f"{what}{gettext(': ')}{team}" if team else what


def _sheet(one: TaskSheet, starts_at_ms: int, now: IslandNow) -> dict[str, Any]:
    def moment(hour: int) -> str:
        # Paper is read another day: its dates are whole.
        return words.moment(starts_at_ms + hour * HOUR_MS, now.zone, get_language() or "fr")

    planned = gettext("No date")
    if one.start is not None and one.end is not None:
        planned = gettext("Planned %(start)s to %(end)s") % {
            "start": moment(one.start),
            "end": moment(one.end),
        }
        if one.end <= one.start:
            planned = gettext("Planned %(start)s") % {"start": moment(one.start)}
    kind = kind_name(one.kind)
    return {
        "id": one.id,
        "symbol": one.symbol,
        "application": one.application,
        "name": one.name or kind.capitalize(),
        "kind": kind if one.name else "",
        "hours": ngettext("%(n)s hour of work", "%(n)s hours of work", one.work_hours) % {"n": one.work_hours}
        if one.work_hours
        else "",
        "planned": planned,
        "people": ", ".join(one.people),
        "after": gettext("After %(names)s") % {"names": ", ".join(one.after)} if one.after else "",
        "evidence": one.evidence,
    }


@require_GET
@needs_role(*READERS)
@on_paper
@opens(file=True)
def paper_plan(request: HttpRequest, now: IslandNow, seen: RestorationNow) -> HttpResponse:
    """Return a plan, a page for each team, to be hung on a wall: `?plan=`, otherwise the one in force.

    What comes next, as far as it fits on a wall; with `?whole=yes` all of it.
    """
    shown = plan_asked(request, seen)
    if shown is None:
        raise Http404
    whole = request.GET.get("whole") == "yes"
    data = plan_data(seen, shown, now, request.GET.get("team", "")[:80], whole=whole)
    return _leaf("restoration-plan", data, now, "restoration-plan.pdf")


@require_GET
@needs_role(*READERS)
@on_paper
@opens(file=True)
def paper_report(request: HttpRequest, now: IslandNow, seen: RestorationNow) -> HttpResponse:
    """Return how far the restoration is: the curve, the next care, the phases of three months."""
    if seen.cut is None:
        raise Http404
    return _leaf(
        "restoration-report",
        report_data(seen, seen.cut, now, request.GET.get("of", "")),
        now,
        "restoration.pdf",
    )


def _leaf(
    template: str, data: dict[str, Any], now: IslandNow, name: str, *, symbols: tuple[str, ...] = ()
) -> HttpResponse:
    return leaf(
        template,
        data,
        hospital=now.directory.map,
        now_ms=now.now_ms,
        zone=now.zone,
        name=name,
        symbols=symbols,
    )
