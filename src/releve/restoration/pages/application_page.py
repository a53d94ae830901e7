"""One application: when it is back, why not before, its tasks and gates, who signs for it."""

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_GET, require_POST

from releve.bedside.now import IslandNow
from releve.restoration import rules
from releve.restoration.case import Application, Case, names_of
from releve.restoration.drawing.strip import StripWords, strip_svg
from releve.restoration.pages.acting import record
from releve.restoration.pages.request import READERS, at_hour, may_plan, opens, who_is
from releve.restoration.pages.sentences import refusal_text
from releve.restoration.pages.task_lines import in_order, task_lines
from releve.restoration.pages.why_words import told_why
from releve.restoration.rules import SIGNERS
from releve.restoration.standing.now import RestorationNow
from releve.restoration.standing.returned import applications_back
from releve.web import words
from releve.web.access import needs_role

__all__ = ["application", "sign"]


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
        **told_why(seen, own.id),
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
