"""Prescribe: find a product, choose a usual dose, sign. Three plain forms; each works without JavaScript."""

from typing import Any

import msgspec
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language, gettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from releve.departments.prescribing.checks import Outcome, needs_second
from releve.departments.prescribing.formulary import Drug, Formulary, Usual
from releve.departments.prescribing.formulary_now import formulary_in_force, switched_in_force
from releve.departments.prescribing.highalert import is_high_alert
from releve.departments.prescribing.line_acting import FUNCTION, compared, record_line_act, sign
from releve.departments.prescribing.line_facts import Posology, PrescriptionStarted, order_number
from releve.departments.prescribing.line_form import LineForm, initial_of, initial_of_usual
from releve.departments.prescribing.line_state import lines_of, posology_of
from releve.departments.prescribing.line_words import (
    caution_text,
    days_text,
    dose_text,
    rhythm_text,
    unchecked_texts,
    what_text,
)
from releve.departments.prescribing.rules import ACTORS, PRESCRIBERS
from releve.departments.prescribing.tables import MedicationRequest
from releve.record.chart import Chart, chart_of, chart_page
from releve.web.access import CARE, needs_role
from releve.web.opaque import open_handle, seal

__all__ = ["form_context", "prescribe"]

QUERY_MAX = 80
# What a usual dose and a line have in common.
SHARED = (
    "dose_value", "dose_unit", "times", "interval_hours", "once", "as_needed", "continuous", "condition", "rate",
)  # fmt: skip


class Chosen:
    """What a form is about: a product of the formulary, or words; with what it is filled."""

    def __init__(
        self,
        *,
        token: str,
        drug: Drug | None = None,
        before: Posology | None = None,
        initial: dict[str, Any] | None = None,
        copied_from: str = "",
        protocol: str = "",
        usual: Usual | None = None,
    ) -> None:
        self.token, self.drug, self.before, self.usual = token, drug, before, usual
        self.initial = initial or {}
        self.copied_from, self.protocol = copied_from, protocol


@sensitive_post_parameters("second_pin")
@require_http_methods(["GET", "POST"])
@needs_role(*CARE)
def prescribe(request: HttpRequest, handle: str) -> HttpResponse:
    """Return the search for a product, the form of a line, or the patient's page once it is signed."""
    chart = chart_of(request, handle)
    formulary = formulary_in_force()
    opening = chart.here.opening(FUNCTION, chart.ward)
    step = request.POST.get("step", "")
    if request.person.role not in ACTORS:  # type: ignore[attr-defined]
        if request.method == "POST":
            raise PermissionDenied
        return _search_page(request, chart, formulary, "")
    if request.method == "GET" or step not in ("choose", "write"):
        return _search_page(request, chart, formulary, request.POST.get("q", "")[:QUERY_MAX])
    chosen = _chosen(request, chart, formulary)
    if chosen is None:
        return _search_page(request, chart, formulary, request.POST.get("q", "")[:QUERY_MAX], gone=True)
    if step == "choose":
        if not opening.open:
            return _search_page(request, chart, formulary, "")
        form = LineForm(
            here=chart.here, function=FUNCTION, ward=chart.ward, drug=chosen.drug, before=chosen.before,
            initial=chosen.initial,
        )  # fmt: skip
        shown = preview(chosen)
        outcome = compared(shown, chart, formulary) if shown is not None else None
        return _form_page(request, chart, formulary, chosen, form, outcome)
    form = LineForm(
        request.POST,
        here=chart.here,
        function=FUNCTION,
        ward=chart.ward,
        drug=chosen.drug,
        before=chosen.before,
    )
    return _write(request, chart, formulary, chosen, form)


def _write(
    request: HttpRequest, chart: Chart, formulary: Formulary | None, chosen: Chosen, form: LineForm
) -> HttpResponse:
    signed, outcome = sign(request, form, chart, formulary=formulary, switched=switched_in_force())
    if signed is None:
        return _form_page(request, chart, formulary, chosen, form, outcome, status=422)
    act = PrescriptionStarted(
        person=chart.person,
        order=order_number(signed.fields["act"]),
        what=signed.what,
        copied_from=chosen.copied_from,
        protocol=chosen.protocol,
        **signed.fields,
    )
    return record_line_act(request, act, chart, after=None, what=gettext("1 line prescribed"))


def _chosen(request: HttpRequest, chart: Chart, formulary: Formulary | None) -> Chosen | None:
    """Return what was chosen: `D:code:n` a product and its n-th usual dose, `P:…` of a protocol, `L:…` a line, `F`."""
    token = request.POST.get("choose", "")[:400]
    kind, _, rest = token.partition(":")
    if kind == "F":
        words = request.POST.get("q", "")[:160].strip()
        return Chosen(token="F", initial={"label": words})
    if kind == "L":
        key = open_handle(rest, "line")
        row = (
            MedicationRequest.objects.filter(id=key, person__in=list(chart.persons)).first() if key else None
        )
        if row is None:
            return None
        before = posology_of(row, formulary)
        drug = formulary.drug(before.code) if formulary else None
        initial = initial_of(before, now_ms=chart.here.now_ms)
        return Chosen(token=token, drug=drug, before=_timeless(before), initial=initial, copied_from=row.id)
    if formulary is None:
        return None
    code, _, number = rest.rpartition(":")
    if kind == "P":
        protocol = formulary.protocol(code)
        if protocol is None or not number.isdigit() or int(number) >= len(protocol.lines):
            return None
        line = protocol.lines[int(number)]
        drug = formulary.drug(line.drug)
        if drug is None:
            return None
        initial = initial_of_usual(drug, line.usual, route=line.route, note=line.note)
        return Chosen(token=token, drug=drug, initial=initial, protocol=protocol.code, usual=line.usual)
    drug = formulary.drug(code)
    if drug is None:
        return None
    usual = drug.usual[int(number)] if number.isdigit() and int(number) < len(drug.usual) else None
    return Chosen(token=token, drug=drug, initial=initial_of_usual(drug, usual), usual=usual)


def preview(chosen: Chosen) -> Posology | None:
    """Return the line as the form proposes it, so that warnings stand there before anything is signed."""
    if chosen.before is not None:
        return chosen.before
    if chosen.drug is None:
        return None
    drug, usual = chosen.drug, chosen.usual
    more = {name: getattr(usual, name) for name in SHARED} if usual is not None else {}
    return Posology(
        label=drug.label,
        code=drug.code,
        substance=drug.substance,
        drug_class=drug.drug_class,
        route_code=str(chosen.initial.get("route_code", "")),
        high_alert=drug.high_alert or is_high_alert(drug.label),
        **more,
    )


def _timeless(before: Posology) -> Posology:
    return msgspec.structs.replace(before, start_at=None, end_at=None)


def _search_page(
    request: HttpRequest, chart: Chart, formulary: Formulary | None, query: str, *, gone: bool = False
) -> HttpResponse:
    found = formulary.find(query) if formulary is not None and query.strip() else []
    opening = chart.here.opening(FUNCTION, chart.ward)
    person = request.person  # type: ignore[attr-defined]
    ours = [row for row in lines_of(chart.persons) if row.source != "releve"]
    results = [
        {
            "drug": drug,
            "usual": [
                (
                    f"D:{drug.code}:{place}",
                    dose_text(one.dose_value, one.dose_unit),
                    rhythm_text(one),
                    days_text(one.days),
                )
                for place, one in enumerate(drug.usual)
            ],
            "other": f"D:{drug.code}:",
            "high_alert": drug.high_alert or is_high_alert(drug.label),
        }
        for drug in found
    ]
    protocols = _protocols(formulary) if formulary is not None else []
    return chart_page(
        request,
        chart,
        "prescribing/prescribe.html",
        tab="prescribing",
        query=query,
        asked=bool(query.strip()),
        results=results,
        protocols=protocols,
        mirrored=[(seal(row.id, "line"), row, what_text(posology_of(row, formulary))) for row in ours],
        formulary=formulary,
        opening=opening,
        where_words=opening.where.label(get_language() or "fr"),
        may=person.role in ACTORS,
        signs=person.role in PRESCRIBERS,
        gone=gone,
        status=422 if gone else 200,
    )


def _protocols(formulary: Formulary) -> list[dict[str, Any]]:
    return [
        {
            "protocol": one,
            "lines": [
                (
                    f"P:{one.code}:{place}",
                    formulary.drug(line.drug),
                    dose_text(line.usual.dose_value, line.usual.dose_unit),
                    rhythm_text(line.usual),
                )
                for place, line in enumerate(one.lines)
            ],
        }
        for one in formulary.protocols
    ]


def form_context(outcome: Outcome | None, request: HttpRequest) -> dict[str, Any]:
    """Return the warnings with the reasons already typed, and what was not checked."""
    if outcome is None:
        return {"cautions": [], "unchecked": []}
    return {
        "cautions": [
            {
                "key": one.key,
                "text": caution_text(one),
                "why": request.POST.get(f"why.{one.key}", "")[:200],
            }
            for one in outcome.warnings
        ],
        "unchecked": unchecked_texts(outcome.unchecked),
    }


def _form_page(
    request: HttpRequest,
    chart: Chart,
    formulary: Formulary | None,
    chosen: Chosen,
    form: LineForm,
    outcome: Outcome | None,
    *,
    status: int = 200,
) -> HttpResponse:
    person = request.person  # type: ignore[attr-defined]
    switched = switched_in_force()
    label = chosen.drug.label if chosen.drug else chosen.before.label if chosen.before else ""
    high = bool(chosen.drug and chosen.drug.high_alert) or is_high_alert(
        label or form.initial.get("label", "")
    )
    return chart_page(
        request,
        chart,
        "prescribing/line-form.html",
        tab="prescribing",
        form=form,
        title=label,
        drug=chosen.drug,
        token=chosen.token,
        step="write",
        signs=person.role in PRESCRIBERS,
        high_alert=high,
        two=needs_second(switched, Posology(label=label, high_alert=high), chosen.drug)
        or "second" in form.errors,
        switched=switched,
        place="",
        conflict=None,
        status=status,
        **form_context(outcome, request),
    )
