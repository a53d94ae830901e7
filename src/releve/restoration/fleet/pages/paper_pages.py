"""On paper: the work sheet of a batch, the labels of its machines, as PDF or on a label printer."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext, ngettext, pgettext
from django.views.decorators.http import require_GET, require_http_methods

from releve.hospital.map import HospitalMap
from releve.restoration.fleet.desk import BatchLine, Desk, batches_in_order, desk_of, place_name, rows_of
from releve.restoration.fleet.facts import KINDS
from releve.restoration.fleet.rules import FLEET_ROLES
from releve.restoration.fleet.sheets import SheetLine, label_data, sheet_data, things_of
from releve.restoration.fleet.tables import MachineRow
from releve.restoration.fleet.words import KIND_WORDS, STATE_WORDS
from releve.restoration.label_printer import labels_file, labels_page, mark_of
from releve.restoration.labels import Labels, labels_of
from releve.restoration.leaf import leaf
from releve.web.access import needs_role
from releve.web.paper_language import on_paper

__all__ = ["batch_labels", "batch_sheet", "machine_label", "printer_labels", "printer_labels_file"]

# Some forty leaves: a larger batch is printed in parts, by ward.
MACHINES_MAX = 600


@require_GET
@needs_role(*FLEET_ROLES)
@on_paper
def batch_sheet(request: HttpRequest, code: str) -> HttpResponse:
    """Return the work sheet of a batch."""
    desk, batch = desk_of(request), _batch(code)
    lines = _lines(rows_of(batch.tags[:MACHINES_MAX]), desk)
    back = sum(line.state == "returned" for line in lines)
    data = sheet_data(
        lines,
        step_words={state: str(word).capitalize() for state, word in STATE_WORDS.items()},
        kinds={kind: str(word) for kind, word in KIND_WORDS.items()},
    )
    data |= {
        "title": gettext("Work sheet: %s") % batch.name,
        "state": ngettext("%(n)d machine, %(back)d back", "%(n)d machines, %(back)d back", len(lines))
        % {"n": len(lines), "back": back},
        "words": {
            "label": gettext("Label"),
            "machine": gettext("Machine"),
            "where": gettext("Where it belongs"),
            "remark": gettext("Initials, remark"),
            "image": gettext("SHA-256 of the image:"),
            "place": gettext("Workshop:"),
            "rule": gettext("None is returned without the hash of its image and the scanner’s report."),
            "symbol": gettext("Symbol"),
        },
    }
    return _pdf("fleet-sheet", data, desk, "work-sheet.pdf")


@require_GET
@needs_role(*FLEET_ROLES)
@on_paper
def batch_labels(request: HttpRequest, code: str) -> HttpResponse:
    """Return a label for each machine of a batch."""
    desk, batch = desk_of(request), _batch(code)
    return _labels(rows_of(batch.tags[:MACHINES_MAX]), batch.name, desk)


@require_GET
@needs_role(*FLEET_ROLES)
@on_paper
def machine_label(request: HttpRequest, tag: str) -> HttpResponse:
    """Return the label of one machine."""
    return _labels(rows_of([tag]), tag, desk_of(request))


@require_http_methods(["GET", "POST"])
@needs_role(*FLEET_ROLES)
def printer_labels(request: HttpRequest) -> HttpResponse:
    """Return the labels of a batch (`?batch=`) or of one machine (`?tag=`) for a label printer."""
    made, hospital, name = _asked(request)
    tag = request.GET.get("tag", "")
    code = tag or request.GET.get("batch", "")
    pdf, back = ("fleet-label", "fleet-machine") if tag else ("fleet-batch-labels", "fleet-batch")
    return labels_page(
        request,
        made,
        hospital=hospital,
        title=gettext("Labels: %s") % name,
        pdf=reverse(pdf, args=[code]),
        file=reverse("fleet-labels-file"),
        back=reverse(back, args=[code]),
    )


@require_GET
@needs_role(*FLEET_ROLES)
def printer_labels_file(request: HttpRequest) -> HttpResponse:
    """Return the same labels as one file."""
    made, _hospital, _name = _asked(request)
    return labels_file(made)


def _asked(request: HttpRequest) -> tuple[Labels, HospitalMap | None, str]:
    """Return the labels that are asked for, whose they are, and what they are called.

    Raises:
        Http404: no such batch, no such machine.
    """
    desk, tag = desk_of(request), request.GET.get("tag", "")
    batch = None if tag else _batch(request.GET.get("batch", ""))
    rows = rows_of(batch.tags[:MACHINES_MAX] if batch is not None else [tag])
    if not rows:
        raise Http404
    hospital = desk.directory.map if desk.directory is not None else None
    made = labels_of(things_of(_lines(rows, desk)), exercise=mark_of(hospital))
    return made, hospital, batch.name if batch is not None else tag


def _labels(rows: list[MachineRow], name: str, desk: Desk) -> HttpResponse:
    if not rows:
        raise Http404
    data = label_data(_lines(rows, desk)) | {
        "title": gettext("Labels: %s") % name,
        "words": {
            "symbol": gettext("Symbol"),
            "stock": gettext("Sheet of 21 labels, 63.5 × 38.1 mm, 3 × 7"),
        },
    }
    return _pdf("fleet-labels", data, desk, "labels.pdf")


def _batch(code: str) -> BatchLine:
    found = next((one for one in batches_in_order(closed=True) if one.id == code), None)
    if found is None or not found.tags:
        raise Http404
    return found


def _lines(rows: list[MachineRow], desk: Desk) -> list[SheetLine]:
    return [
        SheetLine(
            tag=row.id,
            name=row.name or "",
            kind=row.kind if row.kind in KINDS else "other",
            place=place_name(row, desk.directory),
            network=row.network or "",
            serial=row.serial or "",
            state=row.state or "",
            note=_note(row),
        )
        for row in rows
    ]


def _note(row: MachineRow) -> str:
    if row.two:
        return pgettext("machine", "two reports: settle first")
    return pgettext("machine", "said returned, without evidence") if row.claimed else ""


def _pdf(template: str, data: dict[str, Any], desk: Desk, name: str) -> HttpResponse:
    return leaf(
        template,
        data,
        hospital=desk.directory.map if desk.directory is not None else None,
        now_ms=desk.now_ms,
        zone=desk.zone,
        name=name,
        symbols=tuple(one["symbol"] for one in data["machines"]),
    )
