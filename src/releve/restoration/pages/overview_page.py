"""The restoration on one page: in quiet times whether it is ready, after a cut what came back and what comes next."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_GET

from releve.bedside.now import IslandNow
from releve.restoration.case import HOUR_MS, names_of
from releve.restoration.drawing.curve import CurveWords, Lived, curve_svg
from releve.restoration.pages.plan_request import planning_context
from releve.restoration.pages.request import READERS, at_hour, island_of, may_plan, restoration_of
from releve.restoration.pages.sentences import WHY_OVERDUE, lived_lines, percent
from releve.restoration.pages.task_lines import task_label
from releve.restoration.pages.troubles import troubles_of
from releve.restoration.standing.measures import Measure, actual_steps, forecast_points, share_now, weights_of
from releve.restoration.standing.now import RestorationNow
from releve.restoration.standing.overdue import overdue
from releve.restoration.standing.returned import applications_back, next_care, phases, services_back
from releve.web import words
from releve.web.access import needs_role

__all__ = ["overview"]

HELD_MAX = 8
MEASURES: tuple[Measure, ...] = ("patients", "services", "applications")


@require_GET
@needs_role(*READERS)
def overview(request: HttpRequest) -> HttpResponse:
    """Return the page."""
    now = island_of(request)
    if now is None:
        return render(request, "restoration/no-map.html")
    seen = restoration_of(request, now)
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
            (len(case.applications), gettext("applications and batches")),
            (len(case.tasks), gettext("tasks")),
            (len(case.services), gettext("care functions")),
            (len(case.people), gettext("people")),
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
    start_ms = case.starts_at_ms
    declared = {code: max(0, (at - start_ms) // HOUR_MS) for code, at in seen.cut.restored.items()}
    back = applications_back(case, seen.tasks, declared)
    care = services_back(case, back)
    measures = {name: weights_of(case, name) for name in MEASURES}
    wanted = request.GET.get("of", "")
    measure: Measure = next((name for name in MEASURES if name == wanted and measures[name]), "services")
    if not wanted and measures["patients"]:
        measure = "patients"
    weights = measures[measure]
    dates = plan.dates if plan is not None else ()
    names = names_of(case.applications)
    held = overdue(case, plan.plan if plan is not None else None, seen.tasks)
    tasks = seen.task_of
    language = get_language() or "fr"
    done = {one for one in back if one in seen.cut.down}
    return {
        "measure": measure,
        "measures": [(name, bool(measures[name])) for name in MEASURES],
        "shares": {name: _share(measures[name], back, care) for name in MEASURES},
        "curve": mark_safe(
            curve_svg(
                case,
                forecast_points(dates, weights),
                actual=actual_steps(weights, back, care),
                lived=[
                    Lived(number, day, share, f"{who}{gettext(': ')}{what} ({source})")
                    for number, who, day, share, what, source in lived_lines()
                ],
                words=_curve_words(measure),
                language=language,
            )
        ),
        "lived": lived_lines(),
        "next": [
            {
                "name": service.name or service.id,
                "p80": at_hour(plan.starts_at_ms, date.p80, now),
                "past": plan.ms(date.p80) < now.now_ms,
                "p95": words.short_day(plan.ms(date.p95), now.zone, language),
                "p50": words.short_day(plan.ms(date.p50), now.zone, language),
                "waits": [names.get(id_, id_) for id_ in service.requires if id_ not in back][:4],
            }
            for service, date in next_care(case, dates, care)
        ]
        if plan is not None
        else [],
        "held": [
            {
                "one": one,
                "why": WHY_OVERDUE[one.why],
                "name": task_label(tasks[one.task]),
                "application": names.get(tasks[one.task].application, ""),
                "seconds": one.hours * 3600,
                "said": seen.tasks[one.task].last if one.task in seen.tasks else None,
            }
            for one in held[:HELD_MAX]
        ],
        "held_count": len(held),
        "disputed": [
            (id_, task_label(tasks[id_]), names.get(tasks[id_].application, ""))
            for id_, one in seen.tasks.items()
            if one.disputed and id_ in tasks
        ],
        "phases": [
            {
                "phase": one,
                "from": words.short_day(start_ms + one.from_hour * HOUR_MS, now.zone, language),
                "to": words.short_day(start_ms + one.to_hour * HOUR_MS, now.zone, language),
                "services": [
                    service.name or service.id for service in case.services if service.id in one.services
                ],
            }
            for one in phases(case, dates, back, care)
        ],
        "to_declare": [(code, names.get(code, code)) for code in sorted(done)],
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


def _share(weights: Any, back: dict[str, float], care: dict[str, float]) -> tuple[int, int]:
    done, whole = share_now(weights, back, care)
    return round(done), round(whole)


def _curve_words(measure: Measure) -> CurveWords:
    what = {
        "patients": gettext("Patients a day, of normal activity"),
        "services": gettext("Care functions returned"),
        "applications": gettext("Applications returned"),
    }[measure]
    return CurveWords(
        title=what,
        description=gettext(
            "What came back, and the forecast: the line in half of the runs, the bands in 80 and in 95 %."
        ),
        now=gettext("now"),
        percent=percent(1).removeprefix("100"),
    )
