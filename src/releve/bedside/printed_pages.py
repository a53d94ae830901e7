"""The pages of medication sheets received as prints: those of a ward; a person's are reached from her own page."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from releve.bedside.census import present_in
from releve.bedside.cover import is_covered
from releve.bedside.now import island_now
from releve.bedside.printed import elements_of, sheet_bytes
from releve.departments.prescribing.tables import MedicationSheet
from releve.web.access import CARE, needs_role
from releve.web.opaque import open_handle

__all__ = ["printed_context", "printed_file", "ward_prints_open", "ward_sheet", "ward_sheet_file"]


def printed_context(row: MedicationSheet) -> dict[str, Any]:
    """Return what `_printed_one.html` shows of a sheet: its elements when it is PN13, or that it cannot be read."""
    content = sheet_bytes(row)
    is_pdf = row.media_type == "application/pdf"
    return {
        "elements": elements_of(content) if content is not None and not is_pdf else None,
        "is_pdf": is_pdf,
        "gone": content is None,
        "size": len(content) if content is not None else 0,
    }


def printed_file(row: MedicationSheet) -> HttpResponse:
    """Return the bytes of a sheet, to be saved and opened outside our pages.

    Raises:
        Http404: the entry that holds them is not on this island.
    """
    content = sheet_bytes(row)
    if content is None:
        raise Http404
    ending, media = ("pdf", "application/pdf") if row.media_type == "application/pdf" else ("xml", "text/xml")
    return HttpResponse(
        content,
        content_type=media,
        headers={
            # No name, no number: file names travel.
            "Content-Disposition": f'attachment; filename="sheet.{ending}"',
            "Content-Security-Policy": "sandbox; default-src 'none'",
        },
    )


def ward_prints_open(request: HttpRequest, code: str) -> bool:
    """Tell whether this reader may open what names everybody of a ward: not while a stay there is covered for her."""
    now = island_now(request)
    reader = request.person  # type: ignore[attr-defined]
    directory = now.directory if now is not None else None
    return not any(is_covered(one, reader, directory) for one in present_in(code))


def _row(request: HttpRequest, code: str, sheet_handle: str) -> MedicationSheet:
    key = open_handle(sheet_handle, "sheet")
    row = MedicationSheet.objects.filter(id=key, ward=code, person=None).first() if key is not None else None
    if row is None or not ward_prints_open(request, code):
        raise Http404
    return row


@require_GET
@needs_role(*CARE)
def ward_sheet(request: HttpRequest, code: str, sheet_handle: str) -> HttpResponse:
    """Return a medication sheet of a whole ward to read."""
    row, now = _row(request, code, sheet_handle), island_now(request)
    ward = now.directory.ward(code) if now is not None else None
    context = {
        "sheet": row,
        "code": code,
        "ward_name": ward.name if ward is not None else code,
        "file_url": reverse("ward-sheet-file", args=[code, sheet_handle]),
        **printed_context(row),
    }
    return render(request, "bedside/ward-sheet.html", context)


@require_GET
@needs_role(*CARE)
def ward_sheet_file(request: HttpRequest, code: str, sheet_handle: str) -> HttpResponse:
    """Return a ward's medication sheet as it was received, to be saved."""
    return printed_file(_row(request, code, sheet_handle))
