"""The 24 hours of administration and the forms under them: given, not given, put right. Works without JavaScript."""

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from releve.bedside import find_pages
from releve.bedside.after_stop import after_stop_words
from releve.bedside.chart import here as here_now
from releve.bedside.dose_desk import (
    CORRECTED,
    FUNCTION,
    charting_at,
    charting_handle,
    desk_of,
    dose_handle,
    dose_of_row,
    line_at,
    state_of,
    waiting,
)
from releve.bedside.dose_scan import choose, is_line_of, product_of, wristband_read
from releve.bedside.medication import Grid, MedLine, grid_of, med_lines
from releve.bedside.next_dose import SOON_MS
from releve.bedside.patient import Patient, patient_of
from releve.bedside.search import is_ours
from releve.departments.prescribing.dose_facts import DoseGiven, DoseOmitted
from releve.departments.prescribing.dose_form import CorrectForm, GiveForm, OmitForm, put
from releve.departments.prescribing.dose_rules import DoseState, Give, Refusal, Who, correct, give, omit
from releve.departments.prescribing.tables import MedicationAdministration
from releve.record.acts import CareAct, draft_of
from releve.record.chart import Here
from releve.record.crossed import Saying, side_by_side
from releve.record.sayings import sayings_of
from releve.web.access import CARE, needs_role
from releve.web.accounts.people import Person
from releve.web.acting import new_key, receipt_of, record_act, saved, wait_until_folded
from releve.web.opaque import open_handle
from releve.web.outbox.late import takes_late, waited
from releve.web.second import second_person

__all__ = ["chart_dose", "correct_dose", "grid", "grid_page", "scan_product"]

PUT_RIGHT_MS = 3 * 86_400_000


def patient_or_404(request: HttpRequest, handle: str) -> Patient:
    """Return the patient of an address.

    Raises:
        Http404: nobody is known by it.
    """
    person = open_handle(handle)
    found = patient_of(person, request) if person is not None else None
    if found is None:
        raise Http404
    return found


def lines_of(patient: Patient) -> list[MedLine]:
    """Return the person's medication lines."""
    return med_lines(patient.file, patient.now, patient.sources, patient.provenance)


@require_GET
@needs_role(*CARE)
def grid(request: HttpRequest, handle: str) -> HttpResponse:
    """Return the 24 hours of administration; `?dose=` opens the form of one dose, `?fix=` that of a correction."""
    patient = patient_or_404(request, handle)
    lines = lines_of(patient)
    wanted, fixed = request.GET.get("dose", ""), request.GET.get("fix", "")
    more: dict[str, Any] = {}
    here = here_now(request)
    desk = desk_of(patient, _reader(request), late="late" in request.GET)
    target = line_at(lines, wanted) if wanted else None
    if here is not None and desk.forms and target is not None:
        state = state_of(patient, *target)
        kind: type[OmitForm] | type[GiveForm] = OmitForm if request.GET.get("do") == "no" else GiveForm
        read = request.GET.get("read", "")
        more = {
            "form": dose_form(kind, here, patient, state, wanted, read=read),
            "state": state,
            "line": target[0],
        }
    row = charting_at(patient, fixed) if fixed else None
    if here is not None and row is not None and desk.may:
        more = {"form": correct_form(here, patient, row, fixed), "fixed": row}
    return grid_page(request, handle, patient, lines, **more)


def _reader(request: HttpRequest) -> Person:
    return request.person  # type: ignore[attr-defined]


def dose_form(
    kind: type[OmitForm] | type[GiveForm],
    here: Here,
    patient: Patient,
    state: DoseState,
    handle: str,
    data: Mapping[str, Any] | None = None,
    **initial: Any,
) -> Any:
    """Return the form of one dose, filled with what was prescribed; the hour is left empty: now."""
    first = {"dose": handle, "place": state.place, "happened_at": "", **initial}
    more: dict[str, Any] = {}
    if kind is GiveForm:
        more["state"] = state
        if "-" not in state.prescribed:
            first.setdefault("dose_value", state.prescribed)
    ward = patient.present.encounter.ward or ""
    return kind(data, initial=first, here=here, function=FUNCTION, ward=ward, **more)


def correct_form(
    here: Here,
    patient: Patient,
    row: MedicationAdministration,
    handle: str,
    data: Mapping[str, Any] | None = None,
) -> CorrectForm:
    """Return the form that puts a charting right, filled with what it says."""
    first = {
        "dose": handle, "place": dose_of_row(row, _corrections(row)).shown, "dose_value": row.dose_value or "",
        "reason": row.reason_code or "",
    }  # fmt: skip
    if row.given_at is not None:
        from releve.web import words

        first["happened_at"] = words.moment(row.given_at, here.zone, get_language() or "fr")
    return CorrectForm(
        data,
        initial=first,
        here=here,
        function=FUNCTION,
        ward=row.ward or patient.present.encounter.ward or "",
    )


def grid_page(
    request: HttpRequest,
    handle: str,
    patient: Patient,
    lines: list[MedLine],
    *,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    """Return the page: what waits, the grid, the form when one is open."""
    drawn = grid_of(patient.file, lines, patient.now, patient.sources)
    late = "late" in request.GET or "late" in request.POST
    desk = desk_of(patient, _reader(request), late=late)
    slots = {row.line.row.id: row.slots for row in drawn.rows}
    token = request.POST.get("read") or request.GET.get("read", "")
    context = {
        "patient": patient,
        "traits": patient.traits,
        "stay": patient.present.encounter,
        "handle": handle,
        "tab": "grid",
        "grid": drawn,
        "rows": _rows(drawn, handle, forms=desk.forms, may=desk.may, late=desk.late),
        "over": _not_drawn(drawn, lines),
        "administer": patient.sources.get("administer"),
        "soon_ms": patient.now.now_ms + SOON_MS,
        "desk": desk,
        "where": desk.where.label(get_language() or "fr"),
        "waiting": waiting(patient.now.now_ms, lines, slots),
        "read": token if wristband_read(token, patient.present.head, patient.now.now_ms) else "",
        "after_stop": after_stop_words(lines),
        "twice": [row for row in drawn.rows if any(slot.twice for slot in row.slots)],
        "needed": _needed(patient, lines),
        "put_right": _put_right(patient),
        "crossed": _crossed(patient),
    }
    return render(request, "bedside/grid.html", {**context, **more}, status=status)


def _not_drawn(drawn: Grid, lines: list[MedLine]) -> list[MedLine]:
    """Return the lines that have no row in the grid: stay over, or ended before it."""
    rows = {row.line.row.id for row in drawn.rows}
    return [line for line in lines if line.row.id not in rows]


def _rows(drawn: Grid, handle: str, *, forms: bool, may: bool, late: bool) -> list[dict[str, Any]]:
    """Return the rows with the address behind each slot: its form, or that of its correction."""
    url = reverse("patient-grid", args=[handle])
    more = "&late=1" if late else ""
    here = {dose.id: dose for row in drawn.rows for dose in row.line.doses if dose.here}
    shown = []
    for row in drawn.rows:
        line = row.line

        def link(slot: Any, line: MedLine = line) -> str:
            if slot.charted is not None:
                fix = may and slot.charted.row in here
                return f"{url}?fix={charting_handle(slot.charted.row)}#form" if fix else ""
            return f"{url}?dose={dose_handle(line.row.id, slot.at)}{more}#record" if forms else ""

        free = forms and line.status == "active" and row.words in ("as-needed", "no-hours", "continuous")
        shown.append(
            {
                "line": line,
                "words": row.words,
                "cells": [(now, [(slot, link(slot)) for slot in slots]) for now, slots in row.cells],
                "give": f"{url}?dose={dose_handle(line.row.id, None)}{more}#record" if free else "",
            }
        )
    return shown


def _put_right(patient: Patient) -> list[MedicationAdministration]:
    """Return the doses whose charting was put right, the latest first."""
    since = patient.now.now_ms - PUT_RIGHT_MS
    found = list(
        MedicationAdministration.objects.filter(
            person__in=patient.present.persons, corrected_at__gte=since
        ).order_by("-corrected_at", "id")
    )
    if patient.covered:
        for dose in found:
            dose.corrected_by = None
    return found


def _corrections(row: MedicationAdministration) -> tuple[Saying, ...]:
    """Return the corrections of a dose that stand."""
    return sayings_of(CORRECTED, [row.person]).get(row.id, ())


def _crossed(patient: Patient) -> list[tuple[MedicationAdministration, str, list[Saying]]]:
    """Return the doses that two people put right without having seen one another, how to settle it, what they said."""
    found = {
        about: list(two)
        for about, said in sayings_of(CORRECTED, patient.present.persons).items()
        if (two := side_by_side(said))
    }
    doses = MedicationAdministration.objects.filter(id__in=list(found), person__in=patient.present.persons)
    return [(dose, charting_handle(dose.id), found[dose.id]) for dose in doses.order_by("given_at", "id")]


def _needed(patient: Patient, lines: list[MedLine]) -> list[tuple[MedLine, int, str]]:
    """Return the lines "as needed" that were given lately: from when they may be given again."""
    found = []
    for line in lines:
        if line.running and line.status == "active" and line.row.as_needed:
            soonest = state_of(patient, line, None).soonest_at
            if soonest is not None and soonest > patient.now.now_ms:
                found.append((line, soonest, dose_handle(line.row.id, None)))
    return sorted(found, key=lambda one: one[1])


def _who(person: Person | None) -> Who | None:
    return Who(account=person.code, name=person.name, role=person.role) if person is not None else None


@takes_late
@sensitive_post_parameters("second_pin")
@require_POST
@needs_role(*CARE)
def chart_dose(request: HttpRequest, handle: str) -> HttpResponse:
    """Record a dose as given or not given; what is to be mended or answered comes back under the grid."""
    patient = patient_or_404(request, handle)
    here = here_now(request)
    sealed = request.POST.get("dose", "")[:600]
    lines = lines_of(patient)
    target = line_at(lines, sealed)
    if here is None or target is None:
        raise Http404
    before = receipt_of(request)
    if before is not None:
        return _saved(request, handle, before)
    state = state_of(patient, *target)
    omitted = request.POST.get("what") == "no"
    kind: type[OmitForm] | type[GiveForm] = OmitForm if omitted else GiveForm
    form = dose_form(kind, here, patient, state, sealed, request.POST)
    wait = waited(request)
    if wait is not None:
        form.happened_ms = wait.at_ms
    act: Any = None
    if form.is_valid():
        act = _omitted(request, form, state) if omitted else _given(request, form, state, patient)
    if isinstance(act, CareAct):
        return _record(request, handle, act)
    if act is not None:
        put(form, act)
    return grid_page(request, handle, patient, lines, status=422, form=form, state=state, line=target[0])


def _given(
    request: HttpRequest, form: GiveForm, state: DoseState, patient: Patient
) -> CareAct | tuple[Refusal, ...] | None:
    data = form.cleaned_data
    offline = waited(request) is not None
    # Offline nobody could check a code: what was done is recorded, and says so.
    second = second_person(request, form) if state.high_alert and not offline else None
    product, wrong = product_of(data["product"]) if data["product"].strip() else (None, "")
    if wrong and not offline:
        form.add_error("product", wrong)
    if form.errors:
        return None
    person = _reader(request)
    what = request.POST.get("what", "")
    return give(
        state,
        Give(
            status=what if what in ("given", "partial", "started", "ended") else "given",
            dose_value=data["dose_value"],
            dose_unit=data.get("dose_unit", ""),
            alone=data.get("alone", "").strip(),
            product=product.number if product is not None else "",
            matches=is_line_of(state.code, state.label, product) if product is not None else None,
            lot=product.lot if product is not None else "",
            expiry=product.expiry if product is not None else "",
            wristband=wristband_read(data["read"], patient.present.head, patient.now.now_ms),
            note=data["note"].strip(),
            place=data["place"],
            answered=form.answered,
            offline=offline,
        ),
        form.common(by=person.code, by_name=person.name),
        act=request.POST.get("act_key") or new_key(),
        who=Who(account=person.code, name=person.name, role=person.role),
        second=_who(second),
    )


def _omitted(request: HttpRequest, form: OmitForm, state: DoseState) -> CareAct | tuple[Refusal, ...]:
    data, person = form.cleaned_data, _reader(request)
    return omit(
        state,
        form.common(by=person.code, by_name=person.name),
        act=request.POST.get("act_key") or new_key(),
        who=Who(account=person.code, name=person.name, role=person.role),
        reason=data["reason"],
        note=data["note"].strip(),
        place=data["place"],
        answered=form.answered,
        offline=waited(request) is not None,
    )


@require_POST
@needs_role(*CARE)
def scan_product(request: HttpRequest, handle: str) -> HttpResponse:
    """Return the grid with the dose that the scanned product is for, to be confirmed; nothing is recorded."""
    patient = patient_or_404(request, handle)
    code = request.POST.get("code", "")[:200]
    if code.strip() and is_ours(code):
        return find_pages.scan(request)  # another wristband: the doses of whoever wears it
    here = here_now(request)
    lines = lines_of(patient)
    desk = desk_of(patient, _reader(request), late="late" in request.POST)
    if here is None or not desk.forms:
        return grid_page(request, handle, patient, lines, status=422)
    drawn = grid_of(patient.file, lines, patient.now, patient.sources)
    chosen = choose(
        code, lines, waiting(patient.now.now_ms, lines, {row.line.row.id: row.slots for row in drawn.rows})
    )
    target = line_at(lines, chosen.dose) if chosen.dose else None
    if target is None:
        again = f"?dose={chosen.otherwise}#record" if chosen.otherwise else ""
        return grid_page(
            request,
            handle,
            patient,
            lines,
            status=422,
            scan_wrong=chosen.wrong,
            otherwise=again,
            scanned=code,
        )
    state = state_of(patient, *target)
    read = request.POST.get("read", "")
    form = dose_form(GiveForm, here, patient, state, chosen.dose, product=code, read=read)
    return grid_page(
        request, handle, patient, lines, form=form, state=state, line=target[0], product=chosen.product
    )


@require_POST
@needs_role(*CARE)
def correct_dose(request: HttpRequest, handle: str) -> HttpResponse:
    """Record what a charting should have said; what it said before stays in its own entry."""
    patient = patient_or_404(request, handle)
    here = here_now(request)
    sealed = request.POST.get("dose", "")[:600]
    row = charting_at(patient, sealed)
    if here is None or row is None:
        raise Http404
    before = receipt_of(request)
    if before is not None:
        return _saved(request, handle, before)
    form = correct_form(here, patient, row, sealed, request.POST)
    act: Any = None
    if form.is_valid():
        data, person = form.cleaned_data, _reader(request)
        act = correct(
            dose_of_row(row, _corrections(row)),
            form.common(by=person.code, by_name=person.name),
            act=request.POST.get("act_key") or new_key(),
            who=Who(account=person.code, name=person.name, role=person.role),
            status=data["status"],
            given_at=form.happened_ms,
            dose_value=data["dose_value"],
            reason=data["reason"],
            note=data["note"].strip(),
            why=data["why"].strip(),
            place=data["place"],
            now_ms=here.now_ms,
        )
    if isinstance(act, CareAct):
        return _record(request, handle, act)
    if act is not None:
        put(form, act)
    return grid_page(request, handle, patient, lines_of(patient), status=422, form=form, fixed=row)


def _record(request: HttpRequest, handle: str, act: CareAct) -> HttpResponse:
    return _saved(request, handle, record_act(request, draft_of(act)), _named(act))


def _named(act: CareAct) -> str:
    """Return what was recorded, as the receipt says it: "dose" alone is read as given."""
    if isinstance(act, DoseOmitted):
        return _("dose not given")
    if isinstance(act, DoseGiven):
        return {
            "partial": _("dose given in part"),
            "started": _("infusion started"),
            "ended": _("infusion stopped"),
        }.get(act.status, _("dose given"))
    return _("charting put right")


def _saved(request: HttpRequest, handle: str, receipt: Any, what: str = "") -> HttpResponse:
    """`what` is empty where the same form was pressed again: the first press has said it."""
    shown = wait_until_folded(receipt)
    return saved(
        request, receipt, reverse("patient-grid", args=[handle]), what=what or _("dose"), shown=shown
    )
