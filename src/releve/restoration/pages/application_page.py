"""One application: when it is back, why not before, its tasks and gates, who signs for it."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

import msgspec
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_GET, require_POST

from releve.bedside.now import IslandNow
from releve.restoration import rules
from releve.restoration.case import Application, Case, Task, names_of
from releve.restoration.drawing.strip import StripWords, strip_svg
from releve.restoration.pages.acting import record
from releve.restoration.pages.request import READERS, at_hour, may_plan, opens, who_is
from releve.restoration.pages.sentences import binding_words, refusal_text
from releve.restoration.pages.task_lines import in_order, task_label, task_lines
from releve.restoration.plan import PlannedTask
from releve.restoration.rules import SIGNERS
from releve.restoration.standing.now import RestorationNow
from releve.restoration.standing.returned import applications_back
from releve.web import words
from releve.web.access import needs_role

__all__ = ["application", "sign"]

_CHAIN_SHOWN = 12  # what is read at a glance; the rest opens below


@require_GET
@needs_role(*READERS)
@opens()
def application(request: HttpRequest, now: IslandNow, seen: RestorationNow) -> HttpResponse:
    """Return the page."""
    return _page(request, now, seen, request.GET.get("id", ""))


def address_of(request: HttpRequest, seen: RestorationNow) -> str:
    """Return the page of the application that a form names, of the restoration when it names none that is known."""
    id_ = request.POST.get("application", "")
    if all(one.id != id_ for one in seen.case.applications):
        return reverse("restoration")
    return f"{reverse('restoration-application')}?{urlencode({'id': id_})}"


@require_POST
@needs_role(*SIGNERS)
@opens(back=address_of)
def sign(request: HttpRequest, now: IslandNow, seen: RestorationNow) -> HttpResponse:
    """Record who stands by it that the application may be in service again."""
    id_ = request.POST.get("application", "")
    known = {one.id for one in seen.case.applications}
    said = rules.sign(
        who=who_is(request),
        application=id_,
        known=known,
        words=request.POST.get("words", "")[:500],
        gates=rules.gates_of(seen.case.tasks, id_),
        now=seen.tasks,
    )
    if isinstance(said, rules.Refusal):
        if id_ not in known:
            return render(request, "restoration/no-map.html", {"error": refusal_text(said.code)}, status=422)
        return _page(request, now, seen, id_, said=refusal_text(said.code), status=422)
    return record(request, said, address_of(request, seen), what=gettext("signed"))


def _page(
    request: HttpRequest,
    now: IslandNow,
    seen: RestorationNow,
    id_: str,
    *,
    said: str = "",
    status: int = 200,
) -> HttpResponse:
    own = next((one for one in seen.case.applications if one.id == id_), None)
    if own is None:
        raise Http404
    context = {
        "tab": "catalogue",
        "now": seen,
        "own": own,
        "error": said,
        "words": request.POST.get("words", ""),
        "may_plan": may_plan(request),
        "may_sign": getattr(request.person, "role", "") in SIGNERS,  # type: ignore[attr-defined]
        **_told(seen, own, now),
    }
    return render(request, "restoration/application.html", context, status=status)


def _told(seen: RestorationNow, own: Application, now: IslandNow) -> dict[str, Any]:
    case, plan = seen.case, seen.shown
    language = get_language() or "fr"
    back = applications_back(case, seen.tasks)
    of = {line.task.id: line for line in task_lines(seen) if line.task.application == own.id}
    if seen.in_force is not None:
        lines = list(of.values())
    else:  # without dates in the order of work
        lines = [of[task.id] for task in in_order(line.task for line in of.values())]
    marks = {id_: gettext("back") for id_ in back}
    dated = plan.dated("application") if plan is not None else {}
    if plan is not None:
        for id_, one in dated.items():
            marks.setdefault(
                id_, gettext("by %s with 80%%") % words.short_day(plan.ms(one.p80), now.zone, language)
            )
    reasons = _reasons(seen)
    ways = _ways(seen, reasons.get(own.id, {}), case, now)
    chain = _chain(seen, own) if plan is not None else []
    return {
        "lines": lines,
        "gates": [line for line in lines if line.is_gate],
        "strip": mark_safe(
            strip_svg(case, own.id, marks=marks, states=dict.fromkeys(back, "back"), words=_strip_words())
        ),
        "sides": _sides(case, own, marks),
        "p50": at_hour(plan.starts_at_ms, dated[own.id].p50, now) if plan and own.id in dated else "",
        "p80": at_hour(plan.starts_at_ms, dated[own.id].p80, now) if plan and own.id in dated else "",
        "p95": at_hour(plan.starts_at_ms, dated[own.id].p95, now) if plan and own.id in dated else "",
        "is_back": own.id in back,
        "past": seen.cut is not None
        and plan is not None
        and own.id in dated
        and plan.ms(dated[own.id].p80) < now.now_ms,
        "services": [one.name or one.id for one in case.services if own.id in one.requires],
        "chain": chain[:_CHAIN_SHOWN],
        "chain_rest": chain[_CHAIN_SHOWN:],
        "ways": [way for way in ways if way["care"]],
        "ways_alike": [way["words"] for way in ways if not way["care"]],
        "unasked": _unasked(reasons, own),
        "signed": seen.signed.get(own.id),
        "all_done": bool(lines) and all(line.state == "done" for line in lines),
        "down": seen.cut is not None and own.id in seen.cut.down,
    }


def _sides(case: Case, own: Application, marks: dict[str, str]) -> list[dict[str, Any]]:
    """Return what the drawing shows as two lists: a telephone has no room for what stands beside one another."""
    names = names_of(case.applications)
    needs = dict.fromkeys(need.application for need in own.needs)
    needed = (one.id for one in case.applications if any(need.application == own.id for need in one.needs))
    sides = ((gettext("Needs"), needs), (gettext("Needed by"), needed))
    return [
        {
            "words": said,
            "lines": [{"id": id_, "name": names.get(id_, id_), "mark": marks.get(id_, "")} for id_ in ids],
        }
        for said, ids in sides
    ]


def _strip_words() -> StripWords:
    return StripWords(
        title=gettext("What it needs, and what needs it"),
        description=gettext("On the left what must be back before; on the right what waits for it."),
        needs=gettext("Needs"),
        needed=gettext("Needed by"),
        more=gettext("and %(n)s more"),
    )


def _chain(seen: RestorationNow, own: Application) -> list[tuple[str, str]]:
    """Return what decides when it is back: from its last task, what each waited for last, to the start."""
    shown = seen.shown
    assert shown is not None
    planned = {one.task: one for one in shown.plan.tasks}
    tasks, names = seen.task_of, names_of(seen.case.applications)
    of = [planned[task.id] for task in seen.case.tasks if task.application == own.id and task.id in planned]
    last = max(of, key=lambda one: (one.end, one.start, one.task), default=None)
    found: list[tuple[str, str]] = []
    walked: set[str] = set()
    while last is not None and last.task not in walked:
        walked.add(last.task)
        task = tasks.get(last.task)
        name = f"{names.get(task.application, '')}, {task_label(task)}" if task is not None else last.task
        found.append((name, binding_words(last.binding, seen.case, by_hand=bool(shown.by_hand))))
        last = planned.get(_next(last, task, seen, planned))
    return found


def _next(
    one: PlannedTask, task: Task | None, seen: RestorationNow, planned: Mapping[str, PlannedTask]
) -> str:
    """Return the task that comes before in the chain: the one that is named, else the last of those it follows."""
    binding = one.binding
    if binding.kind == "application":
        return _last(planned, (each.id for each in seen.case.tasks if each.application == binding.id))
    if binding.kind in ("task", "person", "resource"):
        return binding.id
    if task is None or binding.kind == "start":
        return ""
    # Nobody works before, or an hour was named: what it follows had ended by then, and is the rest of the reason.
    return _last(planned, task.after)


def _last(planned: Mapping[str, PlannedTask], ids: Iterable[str]) -> str:
    ends = [planned[id_] for id_ in ids if id_ in planned]
    last = max(ends, key=lambda one: (one.end, one.start, one.task), default=None)
    return last.task if last is not None else ""


def _reasons(seen: RestorationNow) -> dict[str, dict[str, Any]]:
    """Return by application what the planner computed of other ways; empty where it computed none."""
    if seen.shown is None or not seen.shown.why:
        return {}
    try:
        return dict(msgspec.json.decode(seen.shown.why))
    except (msgspec.MsgspecError, TypeError, ValueError):
        return {}


def _unasked(reasons: Mapping[str, Mapping[str, Any]], own: Application) -> dict[str, int]:
    """Return of how many applications, of how many, needs and people were weighed; empty when this is one of them."""
    if not reasons or "needs" in reasons.get(own.id, {}):
        return {}
    return {"weighed": sum("needs" in one for one in reasons.values()), "all": len(reasons)}


def _ways(seen: RestorationNow, told: Mapping[str, Any], case: Case, now: IslandNow) -> list[dict[str, Any]]:
    """Return what another order or another means would cost or gain, as the planner computed it."""
    shown = seen.shown
    if shown is None:
        return []
    names = names_of(case.applications)
    skills = names_of(case.skills)
    resources = names_of(case.resources)

    def words_of(one: dict[str, Any]) -> str:
        id_ = one.get("id", "")
        match one.get("kind"):
            case "first":
                return gettext("taken up before all others")
            case "swap":
                return gettext("in the place of %s") % names.get(id_, id_)
            case "need":
                return gettext("if %(of)s did not wait for %(id)s") % {
                    "of": names.get(one.get("of", ""), one.get("of", "")),
                    "id": names.get(id_, id_),
                }
            case "person":
                return gettext("with one more person: %s") % skills.get(id_, id_)
            case "resource":
                return gettext("with one unit more: %s") % resources.get(id_, id_)
            case "other-first":
                return gettext("with %s before all others") % names.get(id_, id_)
        return ""

    ways = [*([told["first"]] if "first" in told else []), *told.get("swaps", ()), *told.get("needs", ())]
    return [
        {
            "words": said,
            "care": abs(round(one.get("loss", 0.0))),
            "more": one.get("loss", 0.0) > 0,
            "at": at_hour(shown.starts_at_ms, one["hour"], now) if one.get("hour") is not None else "",
        }
        for one in [*ways, *told.get("means", ())]
        if (said := words_of(one))
    ]
