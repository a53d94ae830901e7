"""A leaf of this room as PDF: who prints, when, for which hospital; set by the templates of `releve.paper`."""

from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.utils.translation import get_language, gettext

from releve.hospital.map import HospitalMap
from releve.paper.set_sheet import set_sheet
from releve.paper.symbols import datamatrix
from releve.paper.words import exercise_mark
from releve.web import words

__all__ = ["leaf"]

# The browser's own reader of PDF needs its styles; nothing else is let in.
_POLICY = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'"


def leaf(
    template: str,
    data: dict[str, Any],
    *,
    hospital: HospitalMap | None,
    now_ms: int,
    zone: ZoneInfo,
    name: str,
    symbols: tuple[str, ...] = (),
) -> HttpResponse:
    """Return the PDF of a template, opened in the browser under this file name; `symbols` are drawn as DataMatrix."""
    language = "fr" if (get_language() or "fr").startswith("fr") else "en"
    exercise = hospital is not None and hospital.exercise
    told = data | {
        "hospital": hospital.name if hospital is not None else "",
        "exercise": exercise_mark(language, exercise=exercise),
        "made": gettext("Printed %s") % words.moment(now_ms, zone, language),
        "symbols": {one: datamatrix(one) for one in symbols},
    }
    return HttpResponse(
        set_sheet(template, told, language=language),
        content_type="application/pdf",
        headers={
            "Content-Disposition": f'inline; filename="{name}"',
            "Cache-Control": "no-store, private",
            "Content-Security-Policy": _POLICY,
        },
    )
