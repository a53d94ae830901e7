"""Before a ward writes in the application again: every active line looked at, decided on, signed."""

from typing import Any

import msgspec
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from releve.departments.prescribing.formulary_now import formulary_in_force
from releve.departments.prescribing.line_acting import (
    FUNCTION,
    act_key_of,
    already,
    line_done,
    record_line_act,
)
from releve.departments.prescribing.line_facts import Decided, Posology, PrescriptionReconciled
from releve.departments.prescribing.line_form import PlainForm
from releve.departments.prescribing.line_state import history_of, lines_of, place_of, posology_of
from releve.departments.prescribing.line_words import refusal_text, what_text
from releve.departments.prescribing.rules import PRESCRIBERS
from releve.departments.prescribing.tables import MedicationLineAct, MedicationRequest
from releve.record.chart import Chart, chart_of, chart_page
from releve.web.access import CARE, needs_role
from releve.web.accounts.people import Person
from releve.web.opaque import seal

__all__ = ["DECISIONS", "reconcile"]

DECISIONS = {
    "goes-on": _("goes on as the application has it"),
    "enter": _("to be written in the application as it is here"),
    "stop": _("to be stopped in the application"),
    "none": _("nothing to do: not to be written there"),
}


class SignForm(PlainForm):
    """Only what every act asks; the decisions stand beside their lines."""


def _rows(chart: Chart) -> list[dict[str, Any]]:
    """Return each line with what the application last said of it and what it is here."""
    formulary = formulary_in_force()
    touched = set(
        MedicationLineAct.objects.filter(person__in=list(chart.persons))
        .exclude(line="")
        .exclude(line=None)
        .values_list("line", flat=True)
    )
    here = list(MedicationRequest.told.filter(id__in=touched).order_by("label", "id"))
    lines = {row.id: row for row in (*lines_of(chart.persons), *here)}
    found: list[dict[str, Any]] = []
    for row in lines.values():
        history = history_of(row.id, row.person)
        started = any(one.kind == "prescription.started.1" for one in history.acts)
        first = next((one for one in history.acts if one.kind == "prescription.changed.1"), None)
        said = first.body.get("before") if first is not None else None
        now = what_text(posology_of(row, formulary))
        theirs = "" if started else what_text(msgspec.convert(said, Posology)) if said else now
        found.append(
            {
                "row": row,
                "handle": seal(row.id, "line"),
                "field": f"line.{len(found)}",
                "place": place_of(row),
                "theirs": theirs,
                "ours": now,
                "same": theirs == now and row.status == "active",
                "unsigned": bool(history.unsigned),
                "conflict": bool(history.conflicts),
            }
        )
    return found


@require_http_methods(["GET", "POST"])
@needs_role(*CARE)
def reconcile(request: HttpRequest, handle: str) -> HttpResponse:
    """Return the two columns; posted, the signed decisions."""
    chart = chart_of(request, handle)
    person: Person = request.person  # type: ignore[attr-defined]
    shared: dict[str, Any] = {"here": chart.here, "function": FUNCTION, "ward": chart.ward}
    rows = _rows(chart)
    if request.method == "GET":
        return _page(request, chart, rows, SignForm(**shared))
    if person.role not in PRESCRIBERS:
        raise PermissionDenied
    act = act_key_of(request)
    if already(chart.person, act, "prescription.reconciled.1"):
        return line_done(request, chart)
    form = SignForm(request.POST, **shared)
    form.is_valid()
    decided = []
    for one in rows:
        key = one["handle"]
        # By the line's own seal: a line that came between does not take its neighbour's decision.
        one["decision"] = request.POST.get(f"decide.{key}", "")
        if request.POST.get(f"place.{key}", "") != one["place"]:
            one["error"] = refusal_text("changed-meanwhile" if one["decision"] else "decide-each")
        elif one["decision"] not in DECISIONS:
            one["error"] = refusal_text("decide-each")
        decided.append(
            Decided(line=one["row"].id, label=one["row"].label or "", decision="none", place=one["place"])
            if one["decision"] not in DECISIONS
            else Decided(
                line=one["row"].id, label=one["row"].label or "", decision=one["decision"], place=one["place"]
            )
        )
    if any("error" in one for one in rows):
        form.add_error(None, gettext("Each line needs a decision."))
    if not rows:
        form.add_error(None, gettext("There is no line to sign."))
    if form.errors:
        return _page(request, chart, rows, form, status=422)
    made = PrescriptionReconciled(
        person=chart.person,
        act=act,
        visit=chart.visit,
        decided=tuple(decided),
        **form.common(by=person.code, by_name=person.name),
    )
    return record_line_act(request, made, chart, after=None, what=gettext("lines reconciled and signed"))


def _page(
    request: HttpRequest, chart: Chart, rows: list[dict[str, Any]], form: SignForm, *, status: int = 200
) -> HttpResponse:
    person: Person = request.person  # type: ignore[attr-defined]
    opening = chart.here.opening(FUNCTION, chart.ward)
    last = (
        MedicationLineAct.objects.filter(person__in=list(chart.persons), kind="prescription.reconciled.1")
        .order_by("-stamp", "-log", "-index")
        .first()
    )
    places = {}
    if last is not None:
        places = {one["line"]: one for one in msgspec.json.decode(last.body or "{}").get("decided", ())}
    for one in rows:
        before = places.get(one["row"].id)
        one.setdefault("decision", "")  # never proposed: nobody signs what a page chose
        one["signed"] = str(DECISIONS[before["decision"]]) if before else ""
        one["since"] = before is not None and before["place"] != one["place"]
    return chart_page(
        request,
        chart,
        "prescribing/reconcile.html",
        tab="prescribing",
        rows=rows,
        form=form,
        decisions=list(DECISIONS.items()),
        last=last,
        opening=opening,
        where_words=opening.where.label(get_language() or "fr"),
        signs=person.role in PRESCRIBERS,
        status=status,
    )
