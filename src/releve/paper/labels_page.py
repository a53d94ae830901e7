"""Wristband and labels of one person: on a label printer of the ward, or as a sheet of A4 that any printer takes."""

import hashlib
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language, gettext, override
from django.views.decorators.http import require_GET, require_http_methods

from releve.codecs.zpl import TextTooLong
from releve.hospital.map import Printer
from releve.journal.entry import Draft
from releve.paper.hours import local_text
from releve.paper.labels import (
    KINDS,
    Bearer,
    Kind,
    LabelPrinted,
    bed_sheet,
    label_sheet,
    zpl_of,
)
from releve.paper.printers import PrinterAddress, print_document
from releve.paper.tube_numbers import take
from releve.paper.words import exercise_mark
from releve.record.chart import Chart, chart_of, chart_page, here_of
from releve.record.persons import persons_behind
from releve.record.tables import Link, Person
from releve.record.tubes import PRINTED_KIND
from releve.web import words
from releve.web.access import CARE, needs_role
from releve.web.acting import new_key, receipt_of, record_act, saved, wait_until_folded
from releve.web.templatetags.releve import sex_name

__all__ = ["bed_labels", "label_file", "labels"]

COPIES_MAX = 50
NEWBORN_DAYS = 28
_encode = msgspec.msgpack.Encoder().encode
# The browser's own reader of PDF needs its styles; nothing else is let in.
_POLICY = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'"


@require_http_methods(["GET", "POST"])
@needs_role(*CARE)
def labels(request: HttpRequest, handle: str) -> HttpResponse:
    """Return what can be printed for this person; a form sent prints it and records what came out."""
    chart = chart_of(request, handle)
    bearer = None if chart.covered else bearer_of(chart, get_language() or "fr")
    ward = chart.ward or next(iter(request.person.wards), "")  # type: ignore[attr-defined]
    directory = chart.here.directory
    machines = list(directory.printers_of(ward, "label"))
    sheets = list(directory.printers_of(ward, "a4"))
    problem, status = "", 200
    if request.method == "POST":
        before = receipt_of(request)
        if before is not None:
            return saved(
                request, before, reverse("labels", args=[handle]), what=gettext("labels"), shown=True
            )
        if bearer is None:
            raise PermissionDenied
        kind = next((one for one in KINDS if one == request.POST.get("kind")), None)
        allowed = sheets if kind == "sheet" else machines
        printer = next((one for one in allowed if one.code == request.POST.get("printer")), None)
        copies = _copies(request.POST.get("copies", "1"))
        if kind is None or printer is None:
            problem = gettext("Choose a printer of the map.")
        elif copies is None:
            problem = gettext("Between 1 and %d labels.") % COPIES_MAX
        else:
            problem, receipt = _print(request, chart, kind, printer, copies)
            if not problem:
                return saved(
                    request, receipt, reverse("labels", args=[handle]), what=gettext("labels sent to the printer"),
                    shown=wait_until_folded(receipt),
                )  # fmt: skip
        status = 422
    return chart_page(
        request, chart, "paper/labels.html", status=status, tab="stay", bearer=bearer, machines=machines,
        sheets=sheets, problem=problem,
    )  # fmt: skip


@require_GET
@needs_role(*CARE)
def label_file(request: HttpRequest, handle: str) -> HttpResponse:
    """Return the A4 sheet of one person as PDF."""
    chart = chart_of(request, handle)
    if chart.covered:
        raise PermissionDenied
    pdf = _sheet(chart, tube_ipp="tube_ipp" in request.GET)
    return HttpResponse(
        pdf,
        content_type="application/pdf",
        headers={
            "Content-Disposition": 'inline; filename="labels.pdf"',
            "Cache-Control": "no-store, private",
            "Content-Security-Policy": _POLICY,
        },
    )


@require_GET
@needs_role(*CARE)
def bed_labels(request: HttpRequest, code: str) -> HttpResponse:
    """Return the labels of a ward's beds as PDF: what a scan needs besides the wristband."""
    directory = here_of(request).directory
    found = directory.ward(code)
    beds = []
    for bed in directory.beds_of(code):
        room = directory.rooms.get(bed.room)
        alone = room is None or not bed.name or room.name in bed.name
        beds.append((bed.code, bed.name or bed.code if alone or room is None else f"{room.name} {bed.name}"))
    if found is None or not beds:
        raise Http404
    language = directory.map.language
    mark = exercise_mark(language, exercise=directory.map.exercise)
    pdf = bed_sheet(beds, ward=found.name, language=language, hospital=directory.map.name, exercise=mark)
    return HttpResponse(
        pdf,
        content_type="application/pdf",
        headers={"Content-Disposition": 'inline; filename="beds.pdf"', "Content-Security-Policy": _POLICY},
    )


def bearer_of(chart: Chart, language: str) -> Bearer:
    """Return what the labels of a person say, in a language: on paper the hospital's, whoever prints them.

    Raises:
        Http404: nobody is known under her number any more.
    """
    with override(language):
        return _bearer(chart, language)


def _bearer(chart: Chart, language: str) -> Bearer:
    behind = persons_behind([chart.person]).get(chart.person)
    if behind is None:
        raise Http404
    head, members = behind
    row = next((member for member in members if member.id == head), members[0])
    ward = chart.here.directory.ward(chart.ward) if chart.ward else None
    today = words.local(chart.here.now_ms, chart.here.zone).date()
    doubts = row.doubts
    exercise = chart.here.directory.map.exercise
    return Bearer(
        name=row.birth_name or row.used_name or "",
        given=row.given_name or row.given_names or "",
        used=(row.used_name or "") if row.birth_name and row.used_name != row.birth_name else "",
        sex=sex_name(row.sex, row.birth_date),
        birth=words.birth(row.birth_date, today, language)
        if row.birth_date
        else gettext("Birth date not known"),
        ipp=head.partition(":")[2],
        visit=chart.visit,
        place=" ".join(part for part in (ward.name if ward else chart.ward, chart.bed) if part),
        mother=_mother(chart),
        doubtful=bool(doubts & {"DOUB", "FICT"}),
        exercise=exercise_mark(language[:2], exercise=exercise),
    )


def _mother(chart: Chart) -> str:
    """Return the mother's name and number for a newborn, whose own name is hardly hers yet."""
    link = Link.objects.filter(other__in=chart.persons, kind="mother", status="active").order_by("id").first()
    if link is None or not _newborn(chart):
        return ""
    row = Person.objects.filter(id=link.person).first()
    if row is None or row.confidential:
        return ""
    return f"{row.birth_name or row.used_name or ''} {row.given_name or ''} {link.person.partition(':')[2]}".strip()


def _newborn(chart: Chart) -> bool:
    row = Person.objects.filter(id=chart.person).first()
    born = row.birth_date if row is not None else None
    if not born or len(born) != 10:
        return False
    today = words.local(chart.here.now_ms, chart.here.zone).date()
    return 0 <= (today - datetime.fromisoformat(born).date()).days <= NEWBORN_DAYS


def _sheet(chart: Chart, *, tube_ipp: bool) -> bytes:
    language = chart.here.directory.map.language
    return label_sheet(
        bearer_of(chart, language),
        language=language,
        hospital=chart.here.directory.map.name,
        printed_at=local_text(chart.here.now_ms, chart.here.zone),
        newborn=_newborn(chart),
        tube_ipp=tube_ipp,
    )


def _copies(text: str) -> int | None:
    typed = text.strip() or "1"
    if not (typed.isascii() and typed.isdigit() and len(typed) <= 3):
        return None
    return int(typed) if 1 <= int(typed) <= COPIES_MAX else None


def _print(request: HttpRequest, chart: Chart, kind: Kind, printer: Printer, copies: int) -> tuple[str, Any]:
    """Print, record what came out, and return why nothing did ("" when all did), with the receipt."""
    language = chart.here.directory.map.language
    # A tube carries its own number: the sample is found again by it, the person by her name and birth date beside it.
    with_ipp = "tube_ipp" in request.POST
    act = str(request.POST.get("act_key") or new_key())
    tubes = take(request, act, copies) if kind == "tube" and not with_ipp else ()
    try:
        content = (
            _sheet(chart, tube_ipp=with_ipp)
            if kind == "sheet"
            else zpl_of(kind, bearer_of(chart, language), language=language, copies=copies, tubes=tubes)
        )
    except (TextTooLong, ValueError):
        return gettext("This name does not fit a label: print the A4 sheet, which takes it."), None
    with tempfile.TemporaryDirectory(prefix="labels-") as folder:
        # Its name stands in no queue and no log: nothing of the patient is in it.
        path = Path(folder) / ("labels.pdf" if kind == "sheet" else "labels.zpl")
        path.write_bytes(content)
        done = print_document(path, 1, [PrinterAddress(code=printer.code, address=printer.address)])
    person: Any = request.person  # type: ignore[attr-defined]
    fact = LabelPrinted(
        person=chart.person,
        visit=chart.visit,
        ward=chart.ward,
        what=kind,
        copies=copies,
        printer=printer.code,
        digest=hashlib.sha256(content).hexdigest(),
        outcome="printed" if done.done else "failed",
        printed_at_ms=chart.here.now_ms,
        by=person.code,
        error=done.error,
        tubes=tubes,
    )
    draft = Draft(
        kind=PRINTED_KIND, body=_encode(fact), source="", occurred_at_us=chart.here.now_ms * 1000,
        subjects=(chart.person,),
    )  # fmt: skip
    receipt = record_act(request, draft)
    if not done.done:
        return gettext("%s does not answer: choose another printer, or the A4 sheet.") % printer.name, receipt
    return "", receipt
