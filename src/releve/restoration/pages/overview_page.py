"""The restoration on one page: in quiet times whether it is ready, after a cut what came back and what comes next."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import get_language, npgettext
from django.views.decorators.http import require_GET

from releve.bedside.now import IslandNow
from releve.restoration.case import names_of
from releve.restoration.drawing.curve import curve_svg
from releve.restoration.pages.lived import lived_lines, lived_points, lived_words
from releve.restoration.pages.plan_request import planning_context
from releve.restoration.pages.progress_lines import (
    MEASURES,
    back_now,
    held_lines,
    measure_of,
    next_lines,
    phase_lines,
    shares_now,
)
from releve.restoration.pages.request import READERS, may_plan, opens
from releve.restoration.pages.sentences import curve_words
from releve.restoration.pages.task_lines import task_label
from releve.restoration.pages.troubles import troubles_of
from releve.restoration.standing.measures import actual_steps, forecast_points, weights_of
from releve.restoration.standing.now import RestorationNow
from releve.restoration.standing.returned import next_care
from releve.web.access import needs_role

__all__ = ["overview"]

HELD_MAX = 8


@require_GET
@needs_role(*READERS)
@opens()
def overview(request: HttpRequest, now: IslandNow, seen: RestorationNow) -> HttpResponse:
    """Return the page."""
    context = {"tab": "overview", "now": seen, "may_plan": may_plan(request), **planning_context(seen)}
    if seen.cut is None:
        return render(request, "restoration/quiet.html", context | _quiet(seen))
    return render(request, "restoration/overview.html", context | _cut(request, seen, now))


def _quiet(seen: RestorationNow) -> dict[str, Any]:
    """Return whether a plan could be made tonight: the catalogue, what is wrong with it, the last rehearsal."""
    found = troubles_of(seen)
    newest = seen.newest
    case = seen.case
    dated = newest.dated("service") if newest is not None else {}
    return {
        "counts": [
            (
                n := len(case.applications),
                npgettext("counted", "application or batch", "applications and batches", n),
            ),
            (n := len(case.tasks), npgettext("counted", "task", "tasks", n)),
            (n := len(case.services), npgettext("counted", "care function", "care functions", n)),
            (n := len(case.people), npgettext("counted", "person", "people", n)),
        ],
        "stops": [one for one in found if one.stops],
        "warns": [one for one in found if not one.stops],
        "newest": newest,
        "last_days": _days(max((one.p80 for one in dated.values()), default=None)),
        "first_care": [
            (service.name or service.id, _days(date.p80), _days(date.p95))
            for service, date in (next_care(case, newest.dates, {}, 6) if newest is not None else [])
        ],
        "lived": lived_lines(),
    }


def _days(hours: float | None) -> int | None:
    return None if hours is None else max(1, round(hours / 24))


def _cut(request: HttpRequest, seen: RestorationNow, now: IslandNow) -> dict[str, Any]:
    case, plan = seen.case, seen.in_force
    assert seen.cut is not None
    back, care = both = back_now(seen)
    measure = measure_of(seen, request.GET.get("of", ""))
    weights = weights_of(case, measure)
    names = names_of(case.applications)
    held = held_lines(seen)
    tasks = seen.task_of
    return {
        "measure": measure,
        "measures": [(name, bool(weights_of(case, name))) for name in MEASURES],
        "shares": shares_now(seen, both),
        "curve": mark_safe(
            curve_svg(
                case,
                forecast_points(measure, weights, plan.returned, plan.dates) if plan is not None else [],
                actual=actual_steps(weights, back, care),
                lived=lived_points(measure),
                words=curve_words(measure),
                language=get_language() or "fr",
            )
        ),
        "lived": [(one.number, lived_words(one)) for one in lived_lines(measure)],
        "next": next_lines(seen, now, both),
        "held": held[:HELD_MAX],
        "held_count": len(held),
        "disputed": [
            (id_, task_label(tasks[id_]), names.get(tasks[id_].application, ""))
            for id_, one in seen.tasks.items()
            if one.disputed and id_ in tasks
        ],
        "phases": phase_lines(seen, now, both),
        "to_declare": [(code, names.get(code, code)) for code in sorted(back) if code in seen.cut.down],
        "declare": reverse("declare"),
        "published": [
            {
                "name": names.get(one.id, one.id)
                if one.kind == "application"
                else next((each.name or each.id for each in case.services if each.id == one.id), one.id),
                "told_ms": one.p80_us // 1000,
                "now_ms": plan.ms(plan.dated(one.kind)[one.id].p80)
                if plan is not None and one.id in plan.dated(one.kind)
                else None,
            }
            for one in seen.published
        ],
    }
