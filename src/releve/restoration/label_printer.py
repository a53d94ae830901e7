"""The page that sends labels of this room to a label printer of the map, or gives them as a file for one."""

import hashlib
import tempfile
from pathlib import Path
from typing import Any

import msgspec
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import urlencode
from django.utils.translation import gettext

from releve.hospital.map import HospitalMap, Printer
from releve.journal.entry import Draft
from releve.paper.printers import PrinterAddress, print_document
from releve.paper.words import exercise_mark
from releve.restoration.labels import STOCK_MM, Labels
from releve.restoration.labels_printed import LABELS_KIND, LabelsPrinted
from releve.web.acting import receipt_of, record_act, record_beside
from releve.web.shell import now_ms

__all__ = ["labels_file", "labels_page", "mark_of"]


def mark_of(hospital: HospitalMap | None) -> str:
    """Return the mark of an exercise island in the hospital's language, "" elsewhere."""
    return exercise_mark(hospital.language, exercise=hospital.exercise) if hospital is not None else ""


def labels_file(made: Labels) -> HttpResponse:
    """Return labels as a file for a printer that hangs on a workstation.

    Raises:
        Http404: there is none.
    """
    if not made.printed:
        raise Http404
    answer = HttpResponse(made.content, content_type="application/octet-stream")
    answer["Content-Disposition"] = 'attachment; filename="labels.zpl"'
    return answer


def labels_page(
    request: HttpRequest,
    made: Labels,
    *,
    hospital: HospitalMap | None,
    title: str,
    pdf: str,
    file: str,
    back: str,
    left: int = 0,
) -> HttpResponse:
    """Return the page of these labels; posted, send them to the printer that was chosen.

    `pdf`: where the same stand on sheets of A4; `file`: in one file; `back`: the page they were asked for on; `left`:
    how many more there are than are printed at once.
    """
    printers = [one for one in hospital.printers if one.kind == "label"] if hospital is not None else []
    asked = {name: request.GET.get(name, "") for name in request.GET if name != "sent"}
    problem = ""
    if request.method == "POST":
        chosen = next((one for one in printers if one.code == request.POST.get("printer")), None)
        if chosen is None:
            problem = gettext("Choose a printer of the map.")
        elif not made.printed:
            problem = gettext("There is nothing to print.")
        elif receipt_of(request) is not None or _sent(request, made, chosen):  # pressed twice, printed once
            return HttpResponseRedirect(f"{request.path}?{urlencode(asked | {'sent': chosen.code})}")
        else:
            problem = gettext("%s does not answer: choose another printer, or the A4 sheet.") % chosen.name
    context = {
        "title": title,
        "made": made,
        "left": gettext("%(n)s more are not printed: choose a team") % {"n": left} if left else "",
        "printers": printers,
        "chosen": request.POST.get("printer", request.GET.get("sent", "")),
        "problem": problem,
        "sent": next(
            (one.name for one in printers if one.code == request.GET.get("sent") and not problem), ""
        ),
        "stock": f"{STOCK_MM[0]} × {STOCK_MM[1]} mm",
        "pdf": pdf,
        "back": back,
        "file": f"{file}?{urlencode(asked)}",
    }
    return render(request, "restoration/labels.html", context, status=422 if problem else 200)


def _sent(request: HttpRequest, made: Labels, printer: Printer) -> bool:
    """Send labels to a printer and record that they were, or that it would not take them."""
    with tempfile.TemporaryDirectory(prefix="labels-") as folder:
        path = Path(folder) / "labels.zpl"
        path.write_bytes(made.content)
        done = print_document(path, 1, [PrinterAddress(code=printer.code, address=printer.address)])
    person: Any = request.person  # type: ignore[attr-defined]
    at_ms = now_ms()
    fact = LabelsPrinted(
        symbols=made.symbols, printer=printer.code, digest=hashlib.sha256(made.content).hexdigest(),
        outcome="printed" if done.done else "failed", printed_at_ms=at_ms, by=person.code, by_name=person.name,
        error=done.error,
    )  # fmt: skip
    body = msgspec.msgpack.encode(fact)
    # What came out is the form's act, once; what did not may be sent again by the same form.
    record_it = record_act if done.done else record_beside
    record_it(request, Draft(kind=LABELS_KIND, body=body, source="", occurred_at_us=at_ms * 1000))
    return done.done
