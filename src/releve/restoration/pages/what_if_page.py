"""What if: one more person, a vendor late, a backup found infected. A plan that tries it, beside the one in force."""

from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_http_methods

from releve.bedside.now import IslandNow
from releve.restoration import rules
from releve.restoration.case import names_of
from releve.restoration.making.runtime_files import call_planner
from releve.restoration.pages.acting import record
from releve.restoration.pages.plan_request import planning_context
from releve.restoration.pages.request import at_hour, may_plan, opens, who_is
from releve.restoration.pages.sentences import refusal_text
from releve.restoration.pages.tried_words import tried_words
from releve.restoration.pages.what_if_form import WhatIfForm
from releve.restoration.rules import PLANNERS
from releve.restoration.standing.now import PlanSeen, RestorationNow, plan_seen
from releve.restoration.tables import PlanRequest, PlanTold
from releve.web import words
from releve.web.access import needs_role
from releve.web.database import data_folder

__all__ = ["what_if"]

SECONDS = 20.0
TRIED_SHOWN = 6
MOVED_SHOWN = 15


@require_http_methods(["GET", "POST"])
@needs_role(*PLANNERS)
@opens(back="restoration-what-if")
def what_if(request: HttpRequest, now: IslandNow, seen: RestorationNow) -> HttpResponse:
    """Return the form and what was tried before; posted, ask for a plan that tries it."""
    if request.method == "GET":
        return _page(request, seen, now, WhatIfForm(case=seen.case))
    form = WhatIfForm(request.POST, case=seen.case)
    if not form.is_valid():
        return _page(request, seen, now, form, status=422)
    if seen.in_force is None:
        form.add_error(None, refusal_text("no-plan-in-force"))
        return _page(request, seen, now, form, status=422)
    said = rules.ask_plan(
        who=who_is(request),
        seconds=SECONDS,
        applications=len(seen.case.applications) if seen.ready else 0,
        running=seen.running is not None,
        base=seen.in_force.entry,
        what_if=form.events_json,
    )
    if isinstance(said, rules.Refusal):
        form.add_error(None, refusal_text(said.code))
        return _page(request, seen, now, form, status=422)
    answer = record(
        request, said, reverse("restoration-what-if"), what=gettext("tried: the answer comes here")
    )
    call_planner(data_folder())
    return answer


def _page(
    request: HttpRequest, seen: RestorationNow, now: IslandNow, form: WhatIfForm, *, status: int = 200
) -> HttpResponse:
    context = {
        "tab": "what-if",
        "now": seen,
        "form": form,
        "tried": _tried(seen, now),
        "may_plan": may_plan(request),
        **planning_context(seen),
    }
    return render(request, "restoration/what-if.html", context, status=status)


def _tried(seen: RestorationNow, now: IslandNow) -> list[dict[str, Any]]:
    """Return the plans that tried something, newest first, each against the plan it was made from."""
    rows = PlanTold.objects.exclude(what_if=None).order_by("-made_at", "-log", "-index")[:TRIED_SHOWN]
    asked = {
        row.id: row for row in PlanRequest.objects.filter(id__in=[row.asked for row in rows if row.asked])
    }
    found = []
    for row in rows:
        request = asked.get(row.asked or "")
        base = plan_seen(request.base) if request is not None and request.base else None
        tried = plan_seen(row.id)
        if tried is None:
            continue
        more = round((row.loss or 0.0) - base.plan.loss) if base is not None else None
        found.append(
            {
                "label": _label(row, request, seen),
                "by": (request.by_name or request.by) if request is not None else "",
                "made_at": row.made_at,
                "loss": more,
                "less": -more if more is not None else 0,
                "same_order": _same_order(tried),
                "dates": _dates(seen, base, tried, now) if base is not None else [],
                "entry": row.id,
            }
        )
    return found


def _label(row: PlanTold, request: PlanRequest | None, seen: RestorationNow) -> str:
    """Return what was tried in the reader's language; of what cannot be said, the words in which it was asked."""
    asked = (request.label or "") if request is not None else ""
    return tried_words(row.what_if or "", seen.case) or asked or gettext("a change")


def _same_order(tried: PlanSeen) -> str:
    """Return what the change, and what was reported since, cost where nobody plans anew, with the sign."""
    try:
        moved = msgspec.json.decode(tried.moved or "{}")
    except msgspec.MsgspecError:
        return ""
    if "repaired" not in moved or "loss_before" not in moved:
        return ""
    more = round(moved["repaired"] - moved["loss_before"])
    sign = "+" if more > 0 else "\u2212" if more < 0 else ""
    return f"{sign}{words.count(abs(more), get_language() or 'fr')}"


def _dates(seen: RestorationNow, base: PlanSeen, tried: PlanSeen, now: IslandNow) -> list[dict[str, Any]]:
    """Return the care functions whose P80 moves by more than a day, the furthest first."""
    names = names_of(seen.case.services)
    was = base.dated("service")
    moved: list[dict[str, Any]] = []
    for id_, one in tried.dated("service").items():
        if id_ in was and abs(one.p80 - was[id_].p80) > 24:
            moved.append(
                {
                    "name": names.get(id_, id_),
                    "was": at_hour(base.starts_at_ms, was[id_].p80, now),
                    "is": at_hour(tried.starts_at_ms, one.p80, now),
                    "days": round((one.p80 - was[id_].p80) / 24),
                }
            )
    return sorted(moved, key=lambda each: -abs(each["days"]))[:MOVED_SHOWN]
