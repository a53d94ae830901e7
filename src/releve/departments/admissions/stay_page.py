"""A stay: where somebody is, every movement of it, and what can be written next."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from releve.codecs.identifiers.ins import check_ins
from releve.codecs.identifiers.numbers import check_ipp, check_sinus
from releve.departments.admissions import ranges, rules
from releve.departments.admissions.beds import beds_of
from releve.departments.admissions.desk import CARING, FUNCTION, Desk, desk_of
from releve.departments.admissions.facts import Event, Moved, MovementCancelled, MovementCorrected
from releve.departments.admissions.forms import bed_of, ward_of
from releve.departments.admissions.move_forms import CancelForm, CorrectForm, MoveForm, StayForm
from releve.departments.admissions.movements import Line, last_standing, movements_of, place_of
from releve.departments.admissions.sentences import doubt_text, event_name, event_said
from releve.departments.admissions.tables import Arrival
from releve.record.acts import CareAct, draft_of
from releve.record.chart import Chart, chart_of, chart_page
from releve.record.numbers_said import with_doubts
from releve.record.persons import stay_of
from releve.record.tables import Encounter, Identifier
from releve.web import words
from releve.web.access import CARE, needs_role
from releve.web.acting import new_key, receipt_of, record_act, saved, wait_until_folded
from releve.web.opaque import open_handle

__all__ = ["movement", "stay"]

EVENTS: tuple[Event, ...] = ("A02", "A21", "A22", "A03")


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@needs_role(*CARE)
def stay(request: HttpRequest, handle: str) -> HttpResponse:
    """Return the page of a stay; its forms, sent, become a movement."""
    chart, desk = chart_of(request, handle), desk_of(request)
    row = stay_of(chart.persons)
    if request.method == "GET" or row is None:
        return _stay_page(request, chart, desk, row)
    event = request.POST.get("step", "")
    if event not in EVENTS:
        raise Http404
    before = receipt_of(request)
    if before is not None:
        return saved(request, before, _here(chart), what=event_said(event), shown=True)
    lines = movements_of(row, desk.here.directory)
    form = _move_form(desk, row, lines, event, request.POST)
    if not form.is_valid():
        return _stay_page(request, chart, desk, row, bound=form, status=422)
    act = _act_key(request)
    numbers = ranges.take(request, act)
    place: dict[str, Any] = {}
    if event == "A02":
        value = form.cleaned_data["bed"]
        place = _place(value, desk) | {"medical_ward": ward_of(value, desk.here.directory)}
    said = Moved(
        **form.common(by=desk.reader.code, by_name=desk.reader.name),
        act=act,
        person=row.person,
        visit=row.visit,
        place=form.place,
        event=event,
        movement=numbers.movement,
        discharge_mode=form.cleaned_data.get("discharge_mode", ""),
        destination=form.cleaned_data.get("destination", "").strip(),
        **place,
    )
    what = with_doubts(event_said(event), said.destination, said.told_by)
    return _record(request, said, _here(chart), what)


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@needs_role(*CARE)
def movement(request: HttpRequest, handle: str, movement_handle: str) -> HttpResponse:
    """Return the page that puts one movement right, or withdraws it."""
    chart, desk = chart_of(request, handle), desk_of(request)
    row = stay_of(chart.persons)
    key = open_handle(movement_handle, "movement")
    lines = movements_of(row, desk.here.directory) if row is not None else []
    line = next((one for one in lines if one.row.id == key), None)
    if row is None or line is None or not desk.writes(row.ward or ""):
        raise Http404
    correct = _correct_form(desk, row, lines, line)
    cancel = _stay_form(CancelForm, desk, row, lines)
    status = 200
    if request.method == "POST":
        before = receipt_of(request)
        cancelling = request.POST.get("step") == "cancel"
        what = gettext("cancellation") if cancelling else gettext("correction")
        if before is not None:
            return saved(request, before, _here(chart), what=what, shown=True)
        act = _act_key(request)
        if cancelling:
            cancel = _stay_form(CancelForm, desk, row, lines, request.POST)
            last = last_standing(lines)
            if cancel.is_valid():
                cancel.refuse(
                    rules.check_cancel(
                        line.row.number or "",
                        standing=[one.row.number or "" for one in lines if one.standing],
                        last=last.row.number or "" if last is not None else "",
                    )
                )
            if not cancel.errors:
                return _record(request, _cancelled(cancel, desk, row, line, act), _here(chart), what)
        else:
            correct = _correct_form(desk, row, lines, line, request.POST)
            if correct.is_valid():
                return _record(request, _corrected(correct, desk, row, line, act), _here(chart), what)
        status = 422
    return chart_page(
        request, chart, "admissions/movement.html", status=status, tab="stay", desk=desk, line=line, correct=correct,
        cancel=cancel, event=event_name(line.event), place=place_of(lines), last=last_standing(lines) == line,
    )  # fmt: skip


def _cancelled(form: CancelForm, desk: Desk, row: Encounter, line: Line, act: str) -> MovementCancelled:
    return MovementCancelled(
        **form.common(by=desk.reader.code, by_name=desk.reader.name),
        act=act,
        person=row.person,
        visit=row.visit,
        place=form.place,
        event=rules.UNDONE_BY.get(line.event, "A12"),
        cancels=line.event,
        movement=line.row.number or "",
        reason=form.cleaned_data["reason"].strip(),
    )


def _corrected(form: CorrectForm, desk: Desk, row: Encounter, line: Line, act: str) -> MovementCorrected:
    place = _place(form.cleaned_data["bed"], desk) if form.changes_place else {}
    return MovementCorrected(
        **form.common(by=desk.reader.code, by_name=desk.reader.name),
        act=act,
        person=row.person,
        visit=row.visit,
        place=form.place,
        event=line.event,
        movement=line.row.number or "",
        at=form.cleaned_data["at"],
        reason=form.cleaned_data["reason"].strip(),
        **place,
    )


def _record(request: HttpRequest, said: CareAct, url: str, what: str) -> HttpResponse:
    receipt = record_act(request, draft_of(said))
    shown = wait_until_folded(receipt)
    return saved(request, receipt, url, what=what, shown=shown)


def _act_key(request: HttpRequest) -> str:
    return (request.POST.get("act_key") or new_key())[:64]


def _here(chart: Chart) -> str:
    return reverse("stay", args=[chart.handle])


def _place(value: str, desk: Desk) -> dict[str, Any]:
    """Return where the value of a bed field is, as PV1-3 names it."""
    directory = desk.here.directory
    ward = ward_of(value, directory)
    bed = directory.beds.get(bed_of(value))
    room = directory.rooms.get(bed.room) if bed is not None else None
    building = directory.building_of(ward)
    return {
        "to_ward": ward,
        "building": building.code if building is not None else "",
        "room": room.name if room is not None else "",
        "bed": (bed.name or bed.code) if bed is not None else "",
        "bed_code": bed.code if bed is not None else "",
    }


def _stay_form(
    kind: type[StayForm], desk: Desk, row: Encounter, lines: list[Line], data: Any = None, **more: Any
) -> Any:
    home = row.ward or ""
    wards = [ward for ward in desk.here.directory.map.wards if ward.kind in CARING and desk.writes(ward.code)]
    wards.sort(key=lambda ward: ward.code != home)
    return kind(
        data,
        who=desk.who,
        stay=row,
        place=place_of(lines),
        beds=beds_of(wards, desk.here.directory, desk.reader),
        here=desk.here,
        function=FUNCTION,
        ward=home,
        **more,
    )


def _move_form(desk: Desk, row: Encounter, lines: list[Line], event: Event, data: Any = None) -> MoveForm:
    form: MoveForm = _stay_form(MoveForm, desk, row, lines, data, event=event, auto_id=f"id_{event}_%s")
    return form


def _correct_form(desk: Desk, row: Encounter, lines: list[Line], line: Line, data: Any = None) -> CorrectForm:
    at = line.at
    language = get_language() or "fr"
    bed = desk.here.directory.bed_at(line.row.ward or "", line.row.room or "", line.row.bed or "")
    initial = {
        "at": words.moment(at, desk.here.zone, language) if at is not None else "",
        "bed": f"bed:{bed.code}" if bed is not None else "",
    }
    form: CorrectForm = _stay_form(CorrectForm, desk, row, lines, data, initial=initial)
    return form


def _stay_page(
    request: HttpRequest,
    chart: Chart,
    desk: Desk,
    row: Encounter | None,
    *,
    bound: MoveForm | None = None,
    status: int = 200,
) -> HttpResponse:
    lines = movements_of(row, desk.here.directory) if row is not None else []
    ward = row.ward or "" if row is not None else ""
    writes = row is not None and desk.writes(ward) and desk.who.role in rules.WRITERS
    forms: dict[str, MoveForm] = {}
    if row is not None and writes:
        for event in EVENTS:
            if (row.status or "") in rules.FROM[event]:
                forms[event] = _move_form(desk, row, lines, event)
    if bound is not None:
        forms[bound.event] = bound
    found = desk.here.directory.ward(ward) if ward else None
    return chart_page(
        request, chart, "admissions/stay.html", status=status, tab="stay", desk=desk, row=row, lines=lines,
        names={line.row.id: event_name(line.event) for line in lines}, forms=forms, bound=bound,
        place=place_of(lines), writes=writes, where=desk.place(ward) if ward else "",
        last=last_standing(lines), ward=found, may_be_mother=_may_be_mother(chart),
        arrival=Arrival.objects.filter(person__in=chart.persons, visit=chart.visit).first(),
        doubts=[] if chart.covered else _doubts(chart, exercise=desk.here.directory.map.exercise),
    )  # fmt: skip


def _may_be_mother(chart: Chart) -> bool:
    traits = chart.context.get("traits")
    return getattr(traits, "sex", None) == "F" and not chart.covered


def _doubts(chart: Chart, *, exercise: bool) -> list[tuple[str, str, list[str]]]:
    """Return the numbers that look wrong, each with why: they are kept as they were given, and never refused."""
    found = []
    for row in Identifier.objects.filter(person__in=chart.persons, type__in=("INS", "NH", "SINUS")):
        said = check_sinus(row.value) if row.type == "SINUS" else check_ins(row.value, exercise=exercise)
        if said:
            found.append((str(row.type), row.value, [doubt_text(one) for one in said]))
    identity = chart.here.directory.map.identity
    for row in Identifier.objects.filter(
        person__in=chart.persons, type="PI", system=identity.namespace, until=None
    ):
        if said := check_ipp(row.value, pattern=identity.ipp):
            found.append((gettext("IPP"), row.value, [doubt_text(one) for one in said]))
    return found
