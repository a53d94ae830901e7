"""Vital signs of one person: chart them, see the course, correct what was wrong."""

from typing import Any

import msgspec
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from releve.departments.observations import balance
from releve.departments.observations.facts import FluidCharted, ObservationCharted
from releve.departments.observations.forms import FluidForm, VitalsForm
from releve.departments.observations.reading import age_on, charts_of, standing_of
from releve.departments.observations.rules import CHARTERS, Refusal
from releve.departments.observations.sheet_page import course_of, standing_words
from releve.departments.observations.signs import SIGNS
from releve.departments.observations.tables import Chart as ChartRow
from releve.departments.observations.tables import Fluid
from releve.departments.observations.words import refusal_text
from releve.hospital.writing import Opening
from releve.record.acts import draft_of
from releve.record.chart import Chart, chart_of, chart_page
from releve.web import words
from releve.web.access import CARE, needs_role
from releve.web.accounts.people import Person
from releve.web.acting import new_key, record_act, saved, wait_until_folded
from releve.web.opaque import open_handle
from releve.web.outbox.late import takes_late, waited

__all__ = ["chart", "correct", "fluid", "observations"]

FUNCTION = "observe"
REASON_CHARS_MAX = 300
DAYS_BACK = 10
DAY_MS = 86_400_000


def _reader(request: HttpRequest) -> Person:
    person: Person = request.person  # type: ignore[attr-defined]
    return person


def opening_of(chart: Chart) -> Opening:
    """Return whether vital signs of this person are written here now."""
    return chart.here.opening(FUNCTION, chart.ward)


def was_open(chart: Chart) -> bool:
    """Tell whether vital signs were ever written here: what was done then may still be entered."""
    return chart.here.was_open(FUNCTION, chart.ward)


def _vitals(
    request: HttpRequest, chart: Chart, data: Any = None, initial: dict[str, Any] | None = None
) -> VitalsForm:
    wait = waited(request)
    form = VitalsForm(
        data,
        here=chart.here,
        function=FUNCTION,
        ward=chart.ward,
        initial=initial or {},
        offline=wait is not None,
    )
    if wait is not None:
        form.happened_ms = wait.at_ms  # left empty, the hour is the one at which it was pressed
    return form


def _fluids(chart: Chart, data: Any = None) -> FluidForm:
    return FluidForm(data, here=chart.here, function=FUNCTION, ward=chart.ward, prefix="fluid")


def _page(
    request: HttpRequest,
    chart: Chart,
    *,
    form: VitalsForm | None = None,
    fluid_form: FluidForm | None = None,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    language = get_language() or "fr"
    # Under a cover name nothing of the stay is read; whoever helps at the bed may still say what she measured.
    rows = [] if chart.covered else charts_of(chart.persons, since_ms=chart.here.now_ms - DAYS_BACK * DAY_MS)
    patient = chart.context["patient"]
    age = age_on(patient.present.person.birth_date, chart.here.now_ms, chart.here.zone)
    standing = standing_of(rows, age)
    opened = opening_of(chart)
    may = _reader(request).role in CHARTERS
    late = not opened.open and was_open(chart) and ("late" in request.GET or request.method == "POST")
    writing = may and (opened.open or late)
    last_scale = next((row.spo2_scale for row in rows if row.spo2 and not row.corrected_by), 1)
    return chart_page(
        request,
        chart,
        "observations/observations.html",
        status=status,
        tab="observations",
        form=form or _vitals(request, chart, initial={"spo2_scale": str(last_scale or 1)}),
        fluid_form=fluid_form or _fluids(chart),
        writing=writing,
        may=may,
        late=late,
        may_be_late=may and not opened.open and was_open(chart),
        where=opened.where.label(language),
        standing=standing,
        said=standing_words(standing, language),
        course=course_of(rows, age, language, may=writing),
        fluids=balance.page_of(chart),
        days_back=DAYS_BACK,
        **more,
    )


@require_GET
@needs_role(*CARE)
def observations(request: HttpRequest, handle: str) -> HttpResponse:
    """Return vital signs and balance of one person."""
    return _page(request, chart_of(request, handle))


def _act_of(request: HttpRequest, chart: Chart, form: VitalsForm, **more: Any) -> ObservationCharted:
    person = _reader(request)
    data = form.cleaned_data
    return ObservationCharted(
        act=request.POST.get("act_key", "")[:64] or new_key(),
        person=chart.person,
        visit=chart.visit,
        values=form.measurements,
        consciousness=data.get("consciousness") or "",
        oxygen=data.get("oxygen") or "",
        spo2_scale=2 if data.get("spo2_scale") == "2" else 1,
        note=(data.get("note") or "").strip(),
        confirmed=form.confirmed,
        offline=waited(request) is not None,
        **form.common(by=person.code, by_name=person.name),
        **more,
    )


@takes_late
@require_POST
@needs_role(*CHARTERS)
def chart(request: HttpRequest, handle: str) -> HttpResponse:
    """Chart one form of vital signs."""
    found = chart_of(request, handle)
    form = _vitals(request, found, request.POST)
    if not form.is_valid():
        return _page(request, found, form=form, status=422)
    receipt = record_act(request, draft_of(_act_of(request, found, form)))
    shown = wait_until_folded(receipt)
    return saved(
        request, receipt, reverse("observations", args=[handle]), what=gettext("vital signs"), shown=shown
    )


@takes_late
@require_POST
@needs_role(*CHARTERS)
def fluid(request: HttpRequest, handle: str) -> HttpResponse:
    """Chart one volume in or out."""
    found = chart_of(request, handle)
    withdrawn = _withdrawn(request, found)
    data: Any = request.POST
    if withdrawn is not None:
        data = request.POST.copy()
        data.update({"fluid-kind": f"{withdrawn.direction}:{withdrawn.kind}", "fluid-volume": "1"})
    form = _fluids(found, data)
    if withdrawn is not None and withdrawn.corrected_by:
        form.add_error(None, refusal_text(Refusal(code="corrected"), get_language() or "fr"))
    if not form.is_valid():
        return _page(request, found, fluid_form=form, status=422)
    person = _reader(request)
    direction, _, kind = form.cleaned_data["kind"].partition(":")
    act = FluidCharted(
        act=request.POST.get("act_key", "")[:64] or new_key(),
        person=found.person,
        visit=found.visit,
        direction="in" if direction == "in" else "out",
        kind=kind,
        volume_ml=0 if withdrawn is not None else form.volume_ml,
        corrects=(withdrawn.act or "") if withdrawn is not None else "",
        note=(form.cleaned_data.get("note") or "").strip(),
        offline=waited(request) is not None,
        **form.common(by=person.code, by_name=person.name),
    )
    draft = (
        draft_of(act) if withdrawn is None else msgspec.structs.replace(draft_of(act), occurred_at_us=None)
    )
    receipt = record_act(request, draft)
    shown = wait_until_folded(receipt)
    url = reverse("observations", args=[handle])
    return saved(request, receipt, f"{url}#h-fluid", what=gettext("fluid balance"), shown=shown)


def _withdrawn(request: HttpRequest, found: Chart) -> Fluid | None:
    """Return the volume that the form withdraws, None when it adds one."""
    sealed = request.POST.get("withdraws", "")
    if not sealed:
        return None
    key = open_handle(sealed, "fluid")
    row = Fluid.objects.filter(id=key, person__in=list(found.persons)).first() if key is not None else None
    if row is None or found.covered:
        raise Http404
    return row


def _row_of(found: Chart, handle: str) -> ChartRow:
    key = open_handle(handle, "observation")
    row = ChartRow.objects.filter(id=key).first() if key is not None else None
    if row is None or found.covered or row.person not in found.persons:
        raise Http404
    return row


def _initial(row: ChartRow, form_time: str) -> dict[str, Any]:
    said = {sign.code: getattr(row, sign.code) or "" for sign in SIGNS}
    said |= {
        "oxygen": row.oxygen or "",
        "consciousness": row.consciousness or "",
        "spo2_scale": str(row.spo2_scale or 1),
        "glucose_unit": row.glucose_unit or "g/L",
        "note": row.note or "",
        "happened_at": form_time,
    }
    return said


@require_http_methods(["GET", "POST"])
@needs_role(*CHARTERS)
def correct(request: HttpRequest, handle: str, chart_handle: str) -> HttpResponse:
    """Correct or withdraw one form of vital signs: a new entry takes its place, the old one stays readable."""
    found = chart_of(request, handle)
    row = _row_of(found, chart_handle)
    language = get_language() or "fr"
    if request.method == "GET":
        at = words.moment(row.happened_at or 0, found.here.zone, language)
        form = _vitals(request, found, initial=_initial(row, at))
        return _correct_page(request, found, row, chart_handle, form)
    withdraw = request.POST.get("what") == "withdraw"
    reason = request.POST.get("reason", "").replace("\x00", "").strip()[:REASON_CHARS_MAX]
    data: Any = request.POST
    if withdraw:
        # Nothing of the figures is said by a withdrawal, so none of them can be refused.
        data = request.POST.copy()
        for name in (*(sign.code for sign in SIGNS), "oxygen", "consciousness"):
            data[name] = ""
        data["pain"] = "0"
    form = _vitals(request, found, data)
    if row.corrected_by:
        form.add_error(None, refusal_text(Refusal(code="corrected"), language))
    if withdraw and not reason:
        form.add_error(None, refusal_text(Refusal(code="reason"), language))
    if not form.is_valid():
        return _correct_page(request, found, row, chart_handle, form, status=422)
    act = _act_of(
        request, found, form, corrects=row.act or "", corrects_at=row.happened_at or 0, reason=reason,
        place=f"{row.log}#{row.index}",
    )  # fmt: skip
    if withdraw:
        act = msgspec.structs.replace(
            act,
            values=(),
            consciousness="",
            oxygen="",
            note="",
            confirmed=(),
            happened_at=row.happened_at or 0,
        )
    # The moment that orders a correction is the one at which it was made: it must follow what it corrects.
    draft = msgspec.structs.replace(draft_of(act), occurred_at_us=None)
    receipt = record_act(request, draft)
    shown = wait_until_folded(receipt)
    what = gettext("vital signs withdrawn") if withdraw else gettext("vital signs corrected")
    return saved(request, receipt, reverse("observations", args=[handle]), what=what, shown=shown)


def _correct_page(
    request: HttpRequest,
    found: Chart,
    row: ChartRow,
    chart_handle: str,
    form: VitalsForm,
    *,
    status: int = 200,
) -> HttpResponse:
    opened = opening_of(found)
    newer = ChartRow.objects.filter(person=row.person, corrects=row.act).order_by("-recorded_at").first()
    return chart_page(
        request,
        found,
        "observations/correct.html",
        status=status,
        tab="observations",
        form=form,
        row=row,
        chart_handle=chart_handle,
        newer=newer,
        writing=opened.open or was_open(found),
        where=opened.where.label(get_language() or "fr"),
        reason=request.POST.get("reason", "")[:REASON_CHARS_MAX],
    )
