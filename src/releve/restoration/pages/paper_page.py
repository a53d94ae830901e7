"""On paper: a sheet a task for each team, with the sign that brings it back, and the plan, a page a team."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from releve.paper.symbols import datamatrix
from releve.restoration.case import HOUR_MS
from releve.restoration.drawing.gantt import Quantiles, gantt_svg
from releve.restoration.pages.plan_page import gantt_words
from releve.restoration.pages.request import READERS, island_of, restoration_of
from releve.restoration.pages.sentences import kind_name
from releve.restoration.pages.task_lines import for_today, lines_of_team, task_lines
from releve.restoration.sheets import TaskSheet, task_sheets
from releve.web import words
from releve.web.access import needs_role

__all__ = ["paper_plan", "paper_tasks"]

SHEETS_MAX = 120  # a team's fortnight; more paper is not read
WIDTH_ON_PAPER = 760.0  # of A4, in the pixels of a page
LINES_ON_PAPER = 40  # what stands on one sheet under the band of the mode


@require_GET
@needs_role(*READERS)
def paper_tasks(request: HttpRequest) -> HttpResponse:
    """Return the sheets of what a team has to do next, to be printed; brought back, their sign finds the task."""
    now = island_of(request)
    if now is None:
        return render(request, "restoration/no-map.html")
    seen = restoration_of(request, now)
    team = request.GET.get("team", "")[:80]
    lines = lines_of_team(task_lines(seen), team=team, application="", person="")
    if request.GET.get("show") != "all":
        lines = for_today(lines, seen)
    done = [id_ for id_, one in seen.tasks.items() if one.state == "done"]
    plan = seen.in_force.plan if seen.in_force is not None else None
    sheets = task_sheets(seen.case, plan, [line.task for line in lines], done)
    start_ms = seen.case.starts_at_ms

    def moment(hour: int | None) -> str:
        # Paper is read another day: its dates are whole.
        return (
            words.moment(start_ms + hour * HOUR_MS, now.zone, get_language() or "fr")
            if hour is not None
            else ""
        )

    def row(one: TaskSheet) -> dict[str, Any]:
        return {
            "sheet": one,
            "kind": kind_name(one.kind),
            "symbol": mark_safe(datamatrix(one.symbol)),
            "start": moment(one.start),
            "end": moment(one.end),
        }

    context = {
        "now": seen,
        "rows": [row(one) for one in sheets[:SHEETS_MAX]],
        "left": max(0, len(sheets) - SHEETS_MAX),
        "team": next((one.name or one.id for one in seen.case.skills if one.id == team), ""),
        "at_ms": now.now_ms,
    }
    return render(request, "restoration/paper-tasks.html", context)


@require_GET
@needs_role(*READERS)
def paper_plan(request: HttpRequest) -> HttpResponse:
    """Return the plan in force, a page for each team, to be hung on a wall."""
    now = island_of(request)
    if now is None:
        return render(request, "restoration/no-map.html")
    seen = restoration_of(request, now)
    shown = seen.shown
    case = seen.case_of(shown) if shown is not None else seen.case
    pages = []
    if shown is not None:
        dated = {id_: Quantiles(one.p50, one.p80, one.p95) for id_, one in shown.dated("application").items()}
        states = {id_: one.state for id_, one in seen.tasks.items()}
        wanted = request.GET.get("team", "")[:80]
        for skill in case.skills:
            own = [task for task in case.tasks if any(count.skill == skill.id for count in task.team)]
            if not own or wanted not in ("", skill.id):
                continue
            rank = {id_: place for place, id_ in enumerate(shown.plan.order)}
            ids = sorted({task.application for task in own}, key=lambda id_: (rank.get(id_, len(rank)), id_))
            last = max((one.p95 for id_, one in dated.items() if id_ in ids), default=0.0)
            for first in range(0, len(ids), LINES_ON_PAPER):
                part = set(ids[first : first + LINES_ON_PAPER])
                picture = gantt_svg(
                    case, shown.plan, dated, states=states, words=gantt_words(), language=get_language() or "fr",
                    only={task.id for task in own if task.application in part}, width=WIDTH_ON_PAPER, to_hour=last,
                )  # fmt: skip
                pages.append({"name": skill.name or skill.id, "picture": mark_safe(picture)})
    context = {"now": seen, "shown": shown, "pages": pages, "at_ms": now.now_ms}
    return render(request, "restoration/paper-plan.html", context)
