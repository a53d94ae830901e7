"""A plan: its bars, why this order, what moved since the last one; asked for, adopted, its dates announced."""

import secrets
from typing import Any
from urllib.parse import urlencode

import msgspec
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_GET, require_POST

from releve.bedside.now import IslandNow
from releve.restoration import rules
from releve.restoration.case import Case, names_of
from releve.restoration.drawing.gantt import GanttWords, Quantiles, gantt_svg
from releve.restoration.drawing.load import LoadWords, load_svg
from releve.restoration.making.runtime_files import call_planner
from releve.restoration.pages.acting import go_on, record
from releve.restoration.pages.by_hand import found_of, to_agree_to
from releve.restoration.pages.criticised import faults_of
from releve.restoration.pages.learned_words import learned_words
from releve.restoration.pages.plan_request import SECONDS, planning_context
from releve.restoration.pages.request import READERS, at_hour, may_plan, opens, plan_asked, who_is
from releve.restoration.pages.sentences import KINDS, STATES, refusal_text
from releve.restoration.pages.troubles import told_left_out
from releve.restoration.plan import Plan, order_of
from releve.restoration.rules import PLANNERS, PUBLISHERS
from releve.restoration.standing.now import PlanSeen, RestorationNow, plan_seen
from releve.restoration.tables import PlanRequest, PlanTold
from releve.web.access import needs_role
from releve.web.database import data_folder

__all__ = ["adopt", "ask", "plan", "planning", "publish"]

PLANS_SHOWN = 12
MOVES_SHOWN = 40
PROMISED_DAYS = (
    2  # later than this, an announced date is announced anew (docs/reference/restoration-replan.md)
)


@require_GET
@needs_role(*READERS)
@opens()
def plan(request: HttpRequest, now: IslandNow, seen: RestorationNow) -> HttpResponse:
    """Return a plan: the one in force, else the newest, or the one that is asked for."""
    return _plan_page(request, now, seen)


def _plan_page(
    request: HttpRequest,
    now: IslandNow,
    seen: RestorationNow,
    *,
    said: str = "",
    status: int = 200,
    asked: PlanSeen | None = None,
) -> HttpResponse:
    shown = asked or plan_asked(request, seen)
    context = {
        "tab": "plan",
        "now": seen,
        "shown": shown,
        "error": said,
        "may_plan": may_plan(request),
        "may_publish": getattr(request.person, "role", "") in PUBLISHERS,  # type: ignore[attr-defined]
        "plans": _plans(seen),
        **planning_context(seen),
    }
    if shown is not None:
        context |= _drawn(request, seen, shown, now)
    return render(request, "restoration/plan.html", context, status=status)


def _plans(seen: RestorationNow) -> list[dict[str, Any]]:
    rows = PlanTold.objects.order_by("-made_at", "-log", "-index").values(
        "id", "made_at", "loss", "bound", "what_if", "by_hand"
    )
    in_force = seen.in_force.entry if seen.in_force is not None else ""
    return [
        {**row, "in_force": row["id"] == in_force, "gap": _gap(row["loss"], row["bound"])}
        for row in rows[:PLANS_SHOWN]
    ]


def _gap(loss: float | None, bound: float | None) -> float | None:
    """Return by how many per cent the plan may lose more than the best there is; None when nothing was proved."""
    if bound is None or loss is None or bound <= 0:
        return None
    over = 100 * (loss / bound - 1)
    # A tenth of a per cent of what is known within a half says more than is known.
    return round(over, 1) if over < 20 else round(over)


def _drawn(request: HttpRequest, seen: RestorationNow, shown: PlanSeen, now: IslandNow) -> dict[str, Any]:
    case = seen.case_of(shown)
    team, service = request.GET.get("team", "")[:80], request.GET.get("service", "")[:80]
    only = _only(case, team, service)
    dated = {id_: Quantiles(one.p50, one.p80, one.p95) for id_, one in shown.dated("application").items()}
    language = get_language() or "fr"
    before = _before(shown)
    picture = gantt_svg(
        case,
        shown.plan,
        dated,
        states={id_: one.state for id_, one in seen.tasks.items()},
        before=before.plan if before is not None else None,
        only=only,
        words=gantt_words(),
        language=language,
    )
    rows = [
        {
            "id": one.id,
            "name": one.name or one.id,
            **{
                name: dated.get(one.id) and at_hour(shown.starts_at_ms, getattr(dated[one.id], name), now)
                for name in ("p50", "p80", "p95")
            },
        }
        for one in sorted(case.applications, key=_rank(shown.plan, case))
        if only is None or any(task.application == one.id and task.id in only for task in case.tasks)
    ]
    return {
        **faults_of(case, shown.plan, now.zone),
        **(_made_by_hand(shown, before, case, now) if shown.by_hand else {}),
        "left_out": told_left_out(shown.left_out, case),
        "picture": mark_safe(picture),
        "kinds": [(kind, KINDS[kind]) for kind in KINDS if any(task.kind == kind for task in case.tasks)],
        "load": mark_safe(load_svg(case, shown.plan, words=load_words(), language=language)),
        "rows": rows,
        "gap": _gap(shown.plan.loss, shown.plan.bound),
        "loss": round(shown.plan.loss),
        "skills": [(one.id, one.name or one.id) for one in case.skills],
        "services": [(one.id, one.name or one.id) for one in case.services],
        "team": team,
        "service": service,
        "this_plan": urlencode({"plan": shown.entry} | ({"team": team} if team else {})),
        "is_in_force": seen.in_force is not None and seen.in_force.entry == shown.entry,
        "moved": _moved(shown, before, case, now),
        "promised": _promised(seen, shown, case, now),
        "unlike": before is not None and bool(before.by_hand) != bool(shown.by_hand),
        "learned": learned_words(shown.learned, case),
        "publishable": _publishable(shown, case, now),
    }


def _made_by_hand(shown: PlanSeen, before: PlanSeen | None, case: Case, now: IslandNow) -> dict[str, Any]:
    """Return from which plan it was made, who brought it, and what has to be read before it is in force."""
    asked = PlanRequest.objects.filter(id=shown.asked).values_list("by_name", "by").first()
    brought_by = (asked[0] or asked[1] or "") if asked is not None else ""
    return {
        "parent": before,
        "brought_by": brought_by if brought_by != shown.by_hand else "",
        **to_agree_to(case, shown.plan, now.zone),
    }


def gantt_words() -> GanttWords:
    """Return the words of a drawn plan in the language of the page."""
    return GanttWords(
        title=gettext("Plan of the restoration"),
        description=gettext(
            "A line an application, its tasks as bars; the table below says the dates in words."
        ),
        back=gettext("back by %(p80)s with 80%%"),
        planned=gettext("%(name)s: %(start)s to %(end)s"),
        now=gettext("now"),
        **{name: str(STATES[name]) for name in ("done", "late", "blocked", "started")},
    )


def load_words() -> LoadWords:
    """Return the words of a drawn load in the language of the page."""
    return LoadWords(
        title=gettext("What the plan asks of each team"),
        description=gettext("A line a team; the higher the bar, the more of its people are held that day."),
        held=gettext("%(skill)s, %(day)s: %(held)s of %(people)s held"),
    )


def _rank(plan_: Plan, case: Case) -> Any:
    rank = {id_: place for place, id_ in enumerate(order_of(plan_, case))}
    return lambda one: (rank.get(one.id, len(rank)), one.id)


def _only(case: Case, team: str, service: str) -> set[str] | None:
    """Return the tasks of a skill, or of what a care function needs; None for all."""
    if not team and not service:
        return None
    found = {task.id for task in case.tasks if not team or any(count.skill == team for count in task.team)}
    if service:
        needed = _needed(case, service)
        found &= {task.id for task in case.tasks if task.application in needed}
    return found


def _needed(case: Case, service: str) -> set[str]:
    """Return the applications a care function needs, with all that these need."""
    of = {one.id: one for one in case.applications}
    own = next((one for one in case.services if one.id == service), None)
    waiting = [*own.requires, *(share.application for share in own.shares)] if own is not None else []
    found: set[str] = set()
    while waiting:
        id_ = waiting.pop()
        if id_ in of and id_ not in found:
            found.add(id_)
            waiting += [need.application for need in of[id_].needs]
    return found


def _before(shown: PlanSeen) -> PlanSeen | None:
    """Return the plan that this one was made from."""
    if not shown.plan.parent:
        return None
    row = (
        PlanTold.objects.filter(plan_id=shown.plan.parent)
        .order_by("-made_at")
        .values_list("id", flat=True)
        .first()
    )
    found = plan_seen(row) if row else None
    return found if found is not None and found.starts_at_ms == shown.starts_at_ms else None


def _moved(shown: PlanSeen, before: PlanSeen | None, case: Case, now: IslandNow) -> list[dict[str, Any]]:
    """Return what moved since the plan it was made from: applications by more than a day, with the reason."""
    if before is None:
        return []
    was, names = before.dated("application"), names_of(case.applications)
    reasons = _reasons(shown)
    found: list[dict[str, Any]] = []
    for id_, one in shown.dated("application").items():
        if id_ in was and abs(was[id_].p80 - one.p80) > 24:
            found.append(
                {
                    "name": names.get(id_, id_),
                    "was": at_hour(before.starts_at_ms, was[id_].p80, now),
                    "is": at_hour(shown.starts_at_ms, one.p80, now),
                    "days": round((one.p80 - was[id_].p80) / 24),
                    "why": reasons.get(id_, ""),
                }
            )
    return sorted(found, key=lambda each: -abs(each["days"]))[:MOVES_SHOWN]


def _promised(seen: RestorationNow, shown: PlanSeen, case: Case, now: IslandNow) -> list[dict[str, Any]]:
    """Return the announced dates that this plan would have more than two days later, the latest first."""
    names = names_of(case.services) | names_of(case.applications)
    found: list[dict[str, Any]] = []
    for one in seen.published:
        dated = shown.dated(one.kind).get(one.id)
        days = (shown.ms(dated.p80) - one.p80_us // 1000) / 86_400_000 if dated is not None else 0.0
        if dated is not None and days > PROMISED_DAYS:
            found.append(
                {
                    "name": names.get(one.id, one.id),
                    "told_ms": one.p80_us // 1000,
                    "is": at_hour(shown.starts_at_ms, dated.p80, now),
                    "days": round(days),
                }
            )
    return sorted(found, key=lambda each: -each["days"])


def _reasons(shown: PlanSeen) -> dict[str, str]:
    """Return of each application that moved why its first task did."""
    told = {
        "event": gettext("something was reported of it"),
        "waits": gettext("what it waits for moved"),
        "gains": gettext("it comes earlier for the care it brings"),
        "gives-way": gettext("another goes first, for more care"),
        "follows": gettext("its people come free at another hour"),
    }
    try:
        moved = msgspec.json.decode(shown.moved or "{}")
    except msgspec.MsgspecError:
        return {}
    found: dict[str, str] = {}
    for move in [*moved.get("forced", ()), *moved.get("chosen", ())]:
        found.setdefault(move.get("application", ""), told.get(move.get("reason", {}).get("kind", ""), ""))
    return found


def _publishable(shown: PlanSeen, case: Case, now: IslandNow) -> list[dict[str, Any]]:
    care = names_of(case.services)
    dates = [one for one in shown.dates if one.kind == "service" and one.id in care]
    return [
        {"key": f"service:{one.id}", "name": care[one.id], "p80": at_hour(shown.starts_at_ms, one.p80, now)}
        for one in sorted(dates, key=lambda each: each.p80)
    ]


@require_GET
@needs_role(*READERS)
@opens()
def planning(request: HttpRequest, now: IslandNow, seen: RestorationNow) -> HttpResponse:
    """Return how far the plan being made is; once it is there, let the page be read again."""
    context = planning_context(seen)
    response = render(request, "restoration/parts/planning.html", context)
    if context["waiting"] is None:
        response["HX-Refresh"] = "true"
    return response


def _page_before(request: HttpRequest, _seen: RestorationNow) -> str:
    """Return the page on which a plan was asked for."""
    return go_on(request, reverse("restoration-plan"))


@require_POST
@needs_role(*PLANNERS)
@opens(back=_page_before)
def ask(request: HttpRequest, now: IslandNow, seen: RestorationNow) -> HttpResponse:
    """Record that a plan is asked for; the planner process finds it."""
    keep = request.POST.get("keep") == "yes" and seen.in_force is not None and seen.cut is not None
    said = rules.ask_plan(
        who=who_is(request),
        seconds=_seconds(request.POST.get("seconds", "")),
        applications=len(seen.case.applications) if seen.ready else 0,
        running=seen.running is not None,
        seed=1 + secrets.randbelow(1 << 30),
        base=seen.in_force.entry if keep and seen.in_force is not None else "",
    )
    if isinstance(said, rules.Refusal):
        return _plan_page(request, now, seen, said=refusal_text(said.code), status=422)
    answer = record(request, said, _page_before(request, seen), what=gettext("a plan is asked for"))
    call_planner(data_folder())
    return answer


def _seconds(text: str) -> float:
    return float(text) if text in {value for value, _ in SECONDS} else 0.0


@require_POST
@needs_role(*PLANNERS)
@opens(back="restoration-plan")
def adopt(request: HttpRequest, now: IslandNow, seen: RestorationNow) -> HttpResponse:
    """Record that a plan is in force."""
    rows = dict(PlanTold.objects.values_list("id", "what_if"))
    wanted = request.POST.get("plan", "")
    shown = plan_seen(wanted)
    said = rules.adopt(
        who=who_is(request),
        plan=wanted,
        known=set(rows),
        what_if={entry for entry, tried in rows.items() if tried},
        in_force=seen.in_force.entry if seen.in_force is not None else "",
        note=request.POST.get("note", "")[:300],
        found=found_of(seen.case_of(shown), shown.plan) if shown is not None and shown.by_hand else (),
        agreed=request.POST.get("agreed", ""),
    )
    if isinstance(said, rules.Refusal):
        return _plan_page(request, now, seen, said=refusal_text(said.code), status=422, asked=shown)
    return record(request, said, reverse("restoration-plan"), what=gettext("this plan is in force"))


@require_POST
@needs_role(*PLANNERS)
@opens(back="restoration-plan")
def publish(request: HttpRequest, now: IslandNow, seen: RestorationNow) -> HttpResponse:
    """Record which dates of the plan in force were announced."""
    shown = seen.in_force
    chosen = {tuple(text.split(":", 1)) for text in request.POST.getlist("dates") if ":" in text}
    said = rules.publish(
        who=who_is(request),
        plan=shown.entry if shown is not None else "",
        starts_at_us=shown.starts_at_ms * 1000 if shown is not None else 0,
        dates=shown.dates if shown is not None else (),
        chosen=chosen,  # type: ignore[arg-type]
        told_to=request.POST.get("to", "")[:120],
    )
    if isinstance(said, rules.Refusal):
        return _plan_page(request, now, seen, said=refusal_text(said.code), status=422)
    return record(request, said, reverse("restoration-plan"), what=gettext("dates announced"))
