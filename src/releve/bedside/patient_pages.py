"""A patient's pages: who, what must be known first, treatment, results, requests, documents, the course of events."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from releve.bedside.documents import kept_bytes
from releve.bedside.medication import med_lines
from releve.bedside.paper_doubts import paper_words
from releve.bedside.patient import Patient, patient_of
from releve.bedside.patient_words import first_of_patient, function_names, member_rows, unknown_words
from releve.bedside.printed import of_persons
from releve.bedside.printed_pages import printed_context, printed_file
from releve.bedside.results import series_of
from releve.bedside.timeline import timeline_of
from releve.bedside.where import places_to_write
from releve.departments.documents.tables import Document
from releve.departments.observations.care_plan import CareLine, care_lines
from releve.departments.observations.reading import age_on, charts_of, standing_of
from releve.departments.observations.sheet_page import standing_words
from releve.departments.prescribing.rules import ACTORS
from releve.departments.prescribing.tables import MedicationSheet
from releve.web.access import CARE, needs_role
from releve.web.opaque import open_handle, seal

__all__ = [
    "document",
    "document_file",
    "identity",
    "patient",
    "results",
    "sheet",
    "sheet_file",
    "timeline",
]

DAY_MS = 86_400_000
OVERVIEW_SERIES = 14
RESULT_DAYS = 3650
TIMELINE_DAYS = 90


def _patient(request: HttpRequest, handle: str, **reach: int) -> Patient:
    person = open_handle(handle)
    found = patient_of(person, request, **reach) if person is not None else None
    if found is None:
        raise Http404
    return found


def _page(request: HttpRequest, name: str, patient: Patient, handle: str, **more: Any) -> HttpResponse:
    context = {
        "patient": patient,
        "traits": patient.traits,
        "stay": patient.present.encounter,
        "handle": handle,
    }
    return render(request, f"bedside/{name}.html", {**context, **more})


def _care(found: Patient) -> list[CareLine]:
    """Return what runs of her care plan; nothing of it under a cover name."""
    if found.covered:
        return []
    lines = care_lines(found.present.persons, now_ms=found.now.now_ms, zone=found.now.zone)
    return [
        line for key in found.present.persons for line in lines.get(key, ()) if line.row.stopped_at is None
    ]


@require_GET
@needs_role(*CARE)
def patient(request: HttpRequest, handle: str) -> HttpResponse:
    """Return the overview of one person."""
    found = _patient(request, handle)
    file, of = found.file, found.provenance.of
    lines = med_lines(file, found.now, found.sources, found.provenance)
    series = series_of(file.results, found.provenance)
    language = get_language() or "fr"
    printed = [] if found.covered else of_persons(found.present.persons)
    return _page(
        request,
        "patient",
        found,
        handle,
        tab="overview",
        lines=[line for line in lines if line.running],
        past=[line for line in lines if not line.running],
        series=series[:OVERVIEW_SERIES],
        series_total=len(series),
        requests=[(row, of(row)) for row in file.requests],
        appointments=[(row, of(row)) for row in file.appointments],
        printed=[(one, seal(one.row.id, "sheet")) for one in printed],
        documents=[(row, of(row), seal(row.id, "document")) for row in file.documents],
        reports=[(row, of(row)) for row in file.reports],
        problems=[(row, of(row)) for row in file.problems],
        care=_care(found),
        days=timeline_of(
            file, found.now, found.sources, found.provenance, since_ms=found.now.now_ms - 2 * DAY_MS,
            covered=found.covered,
        ),
        first=first_of_patient(found, lines, series, language) + paper_words(found),
        unknown=unknown_words(found, language),
        said=_watch(found, language),
        prescribes=request.person.role in ACTORS,  # type: ignore[attr-defined]
        functions=function_names(language),
        places=places_to_write(found.present.encounter.ward or "", found.now, language) if found.here else [],
    )  # fmt: skip


@require_GET
@needs_role(*CARE)
def results(request: HttpRequest, handle: str) -> HttpResponse:
    """Return every result received, series by series."""
    found = _patient(request, handle, days=RESULT_DAYS)
    return _page(
        request,
        "results",
        found,
        handle,
        tab="results",
        series=series_of(found.file.results, found.provenance),
    )


@require_GET
@needs_role(*CARE)
def timeline(request: HttpRequest, handle: str) -> HttpResponse:
    """Return the course of events of three months."""
    found = _patient(request, handle, days=TIMELINE_DAYS, dose_days=TIMELINE_DAYS)
    days = timeline_of(
        found.file, found.now, found.sources, found.provenance,
        since_ms=found.now.now_ms - TIMELINE_DAYS * DAY_MS, covered=found.covered,
    )  # fmt: skip
    return _page(
        request, "timeline", found, handle, tab="timeline", days=days, back=TIMELINE_DAYS,
        functions=function_names(get_language() or "fr"),
    )  # fmt: skip


@require_GET
@needs_role(*CARE)
def identity(request: HttpRequest, handle: str) -> HttpResponse:
    """Return identity, numbers, links, stays and movements."""
    found = _patient(request, handle)
    of, wards = found.provenance.of, found.now.directory.wards
    return _page(
        request,
        "identity",
        found,
        handle,
        tab="identity",
        members=member_rows(found),
        identifiers=[(row, of(row)) for row in found.identifiers],
        links=[(row, of(row)) for row in found.links],
        stays=[(row, of(row)) for row in found.file.encounters],
        movements=[
            (row, of(row), named.name if (named := wards.get(row.ward or "")) else row.ward)
            for row in reversed(found.file.movements)
        ],
        contacts=found.file.contacts,
        directory=found.now.directory,
    )


def _watch(found: Patient, language: str) -> dict[str, Any]:
    """Return how she stands by the vital signs of a day, in words."""
    now_ms = found.now.now_ms
    rows = charts_of(found.present.persons, since_ms=now_ms - DAY_MS)
    age = age_on(found.present.person.birth_date, now_ms, found.now.zone)
    return standing_words(standing_of(rows, age), language)


def _document(request: HttpRequest, handle: str, document_handle: str) -> tuple[Patient, Document]:
    found = _patient(request, handle)
    key = open_handle(document_handle, "document")
    row = Document.objects.filter(id=key).first() if key is not None else None
    # A document of somebody else, or of a covered stay, is no page of this patient.
    if (
        row is None
        or found.covered
        or (row.person not in found.present.persons and row.id not in _ids(found))
    ):
        raise Http404
    return found, row


def _ids(found: Patient) -> set[str]:
    return {row.id for row in found.file.documents}


@require_GET
@needs_role(*CARE)
def document(request: HttpRequest, handle: str, document_handle: str) -> HttpResponse:
    """Return one document to read."""
    found, row = _document(request, handle, document_handle)
    return _page(
        request, "document", found, handle, tab="documents", document=row, origin=found.provenance.of(row),
        document_handle=document_handle,
    )  # fmt: skip


@require_GET
@needs_role(*CARE)
def document_file(request: HttpRequest, handle: str, document_handle: str) -> HttpResponse:
    """Return the document's bytes as they were received, to be saved: never run inside our pages."""
    found, row = _document(request, handle, document_handle)
    kept = kept_bytes(row)
    if kept is None:
        return _page(
            request, "document", found, handle, tab="documents", document=row, origin=found.provenance.of(row),
            document_handle=document_handle, gone=True,
        )  # fmt: skip
    return HttpResponse(
        kept.data,
        content_type=kept.media_type,
        headers={
            # No name, no number: file names travel.
            "Content-Disposition": f'attachment; filename="document.{kept.ending}"',
            "Content-Security-Policy": "sandbox; default-src 'none'",
        },
    )


def _sheet(request: HttpRequest, handle: str, sheet_handle: str) -> tuple[Patient, MedicationSheet]:
    found = _patient(request, handle)
    key = open_handle(sheet_handle, "sheet")
    row = MedicationSheet.objects.filter(id=key).first() if key is not None else None
    if row is None or found.covered or row.person not in found.present.persons:
        raise Http404
    return found, row


@require_GET
@needs_role(*CARE)
def sheet(request: HttpRequest, handle: str, sheet_handle: str) -> HttpResponse:
    """Return a medication sheet of one person, received as a print or as PN13, to read."""
    found, row = _sheet(request, handle, sheet_handle)
    return _page(
        request, "sheet", found, handle, tab="documents", sheet=row,
        file_url=reverse("patient-sheet-file", args=[handle, sheet_handle]), **printed_context(row),
    )  # fmt: skip


@require_GET
@needs_role(*CARE)
def sheet_file(request: HttpRequest, handle: str, sheet_handle: str) -> HttpResponse:
    """Return a person's medication sheet as it was received, to be saved."""
    _found, row = _sheet(request, handle, sheet_handle)
    return printed_file(row)
