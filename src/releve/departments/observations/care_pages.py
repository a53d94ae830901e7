"""The care plan of one person: plan an action, say shift by shift what became of it, end it."""

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from releve.departments.observations.balance import shift_name
from releve.departments.observations.care_facts import CareDone, CarePlanned, CareStopped
from releve.departments.observations.care_plan import (
    EVERY_WORDS,
    care_lines,
    hour_words,
    next_words,
    refusal_words,
)
from releve.departments.observations.care_rules import (
    PLANNERS,
    TEXT_CHARS_MAX,
    refuse_done,
    refuse_plan,
    refuse_stop,
)
from releve.departments.observations.fluids import shift_of
from releve.departments.observations.rules import CHARTERS
from releve.departments.observations.tables import Care
from releve.record.act_form import ActForm
from releve.record.acts import CareAct, draft_of
from releve.record.chart import Chart, chart_of, chart_page
from releve.web.access import CARE, needs_role
from releve.web.accounts.people import Person
from releve.web.acting import new_key, record_act, saved, wait_until_folded
from releve.web.opaque import open_handle, seal
from releve.web.refusal import Refusal

__all__ = ["care"]

FUNCTION = "observe"


def _line(label: Any, **more: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        max_length=TEXT_CHARS_MAX,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        **more,
    )


class PlanForm(ActForm):
    """One action of care, with what it is for."""

    problem = _line(_("Problem or goal"))
    goal = _line(_("Expected result"))
    action = _line(_("What is to be done"))
    every = forms.ChoiceField(
        label=_("How often"), required=False, choices=[("", _("Choose")), *EVERY_WORDS.items()]
    )


class DoneForm(ActForm):
    """What became of an action, or why it ends."""

    reason = _line(_("Why"))
    reached = forms.BooleanField(label=_("The goal is reached"), required=False)


@require_http_methods(["GET", "POST"])
@needs_role(*CARE)
def care(request: HttpRequest, handle: str) -> HttpResponse:
    """Return the care plan of one person, or what became of a form on it."""
    chart = chart_of(request, handle)
    if request.method == "GET":
        return _page(request, chart, PlanForm(**_base(chart)))
    person: Person = request.person  # type: ignore[attr-defined]
    what = request.POST.get("what", "")
    if what == "plan":
        form: ActForm = PlanForm(request.POST, **_base(chart))
        act = _planned(request, chart, form, person)
    elif what in ("done", "not-done", "stop"):
        row = _row(chart, request.POST.get("care", ""))
        form = DoneForm(request.POST, auto_id="", **_base(chart))
        act = _charted(request, chart, row, what, form, person)
    else:
        return _page(request, chart, PlanForm(**_base(chart)), status=422)
    if act is None:
        return _page(request, chart, form, status=422)
    receipt = record_act(request, draft_of(act))
    shown = wait_until_folded(receipt)
    url = reverse("care-plan", args=[handle])
    return saved(request, receipt, url, what=_named(act), shown=shown)


def _named(act: CareAct) -> str:
    """Return what was recorded, as the receipt says it."""
    if isinstance(act, CareDone):
        return gettext("action done") if act.done else gettext("action not done")
    return gettext("action ended") if isinstance(act, CareStopped) else gettext("action planned")


def _base(chart: Chart) -> dict[str, Any]:
    return {"here": chart.here, "function": FUNCTION, "ward": chart.ward}


def _row(chart: Chart, handle: str) -> Care:
    key = open_handle(handle, "care")
    row = Care.objects.filter(id=key, person__in=list(chart.persons)).first() if key else None
    if row is None or chart.covered:
        raise Http404
    return row


def _said(form: ActForm, *refused: Refusal | None) -> bool:
    """Put each refusal at its field; tell whether none was."""
    valid = form.is_valid()
    for one in refused:
        if one is not None:
            form.add_error(one.field or None, refusal_words(one.code))
            valid = False
    return valid


def _common(request: HttpRequest, chart: Chart, form: ActForm, person: Person) -> dict[str, Any]:
    return {
        "act": request.POST.get("act_key", "")[:64] or new_key(),
        "visit": chart.visit,
        **form.common(by=person.code, by_name=person.name),
    }


def _planned(request: HttpRequest, chart: Chart, form: ActForm, person: Person) -> CareAct | None:
    data = {name: request.POST.get(name, "") for name in ("problem", "action", "every")}
    if not _said(form, *refuse_plan(role=person.role, **data)):
        return None
    said = form.cleaned_data
    return CarePlanned(
        person=chart.person,
        problem=said["problem"].strip(),
        goal=said["goal"].strip(),
        action=said["action"].strip(),
        every=said["every"],
        **_common(request, chart, form, person),
    )


def _charted(
    request: HttpRequest, chart: Chart, row: Care, what: str, form: ActForm, person: Person
) -> CareAct | None:
    reason, reached = request.POST.get("reason", ""), bool(request.POST.get("reached"))
    stopped = row.stopped_at is not None
    refused = (
        refuse_stop(role=person.role, stopped=stopped, reached=reached, reason=reason)
        if what == "stop"
        else refuse_done(role=person.role, stopped=stopped, done=what == "done", reason=reason)
    )
    if not _said(form, refused):
        return None
    common = _common(request, chart, form, person) | {
        "person": row.person,
        "care": row.id,
        "action": row.action or "",
        "place": f"{row.log}#{row.index}",
    }
    said = form.cleaned_data["reason"].strip()
    if what == "stop":
        return CareStopped(reached=reached, reason=said, **common)
    shift = shift_of(form.happened_ms, chart.here.zone).code
    if what == "done":
        return CareDone(done=True, note=said, shift=shift, **common)
    return CareDone(done=False, reason=said, shift=shift, **common)


def _page(request: HttpRequest, chart: Chart, form: ActForm, *, status: int = 200) -> HttpResponse:
    person: Person = request.person  # type: ignore[attr-defined]
    opened = chart.here.opening(FUNCTION, chart.ward)
    was = not opened.open and chart.here.was_open(FUNCTION, chart.ward)
    late = was and ("late" in request.GET or request.method == "POST")
    writing = person.role in CHARTERS and (opened.open or late)
    found = care_lines([] if chart.covered else chart.persons, now_ms=chart.here.now_ms, zone=chart.here.zone)
    lines = [line for key in chart.persons for line in found.get(key, ())]
    asked = request.POST.get("care", "")
    rows = []
    for number, line in enumerate(lines):
        sealed = seal(line.row.id, "care")
        refused = form if isinstance(form, DoneForm) and sealed == asked else None
        rows.append(
            {
                "line": line,
                "sealed": sealed,
                "refused": refused,
                "form": refused or DoneForm(auto_id=f"id_{number}_%s", **_base(chart)),
                "shifts": [
                    (shift_name(shift), one, hour_words(hours) if hours is not None else None)
                    for shift, one, hours in line.by_shift
                ],
                "next": next_words(line),
            }
        )
    return chart_page(
        request,
        chart,
        "observations/care.html",
        status=status,
        tab="care",
        rows=rows,
        plan=form if isinstance(form, PlanForm) else PlanForm(**_base(chart)),
        refused=form if form.is_bound else None,
        writing=writing,
        plans=writing and person.role in PLANNERS,
        may=person.role in CHARTERS,
        may_be_late=was and not late,
        late=late,
        where=opened.where.label(get_language() or "fr"),
    )
