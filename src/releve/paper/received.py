"""Prints that the hospital made itself, kept in the journal: taken out to be bound behind the sheets of a ward.

A PDF is bound as it came; on an exercise island each page of it is marked. PN13 is not a page: its elements are set
one after the other, under their own names, not interpreted.
"""

import ctypes
import io
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pypdfium2
import pypdfium2.raw as pdfium

from releve.bedside.printed import elements_of
from releve.codecs.dropped import decode_document
from releve.departments.prescribing.tables import MedicationSheet
from releve.journal.errors import JournalError
from releve.paper.gather_frame import Frame
from releve.paper.glyphs import Signs
from releve.paper.pack import ReceivedPrint
from releve.paper.typeset import TypesetError, coverage, pages_of, typeset
from releve.paper.words import labels
from releve.paper.worker import write_whole
from releve.views.carried import entry_at

__all__ = ["Bound", "bind"]

MARK_POINTS = 11.0


class Bound(msgspec.Struct, frozen=True, kw_only=True):
    """Received prints ready to be bound: what the cover says of each, and its file."""

    prints: tuple[ReceivedPrint, ...] = ()
    paths: tuple[Path, ...] = ()


def bind(
    data: Path, sheets: Sequence[MedicationSheet], folder: Path, frame: Frame, *, ward: str, exercise: bool
) -> Bound:
    """Write these received prints into `folder` and return them; one that cannot be read is named all the same."""
    prints, paths = [], []
    for number, row in enumerate(sheets, 1):
        title = (
            frame.words("print_person", ipp=(row.person or "").partition(":")[2])
            if row.person
            else frame.words("print_ward")
        )
        pages = 0
        content = _content(data, row)
        pdf = b""
        if content is not None and row.media_type == "application/pdf":
            pdf, pages = _readable(content, labels(frame.language)["exercise"] if exercise else "")
        elif content is not None:
            pdf, pages = _pn13(content, title, frame, exercise=exercise)
        received = row.recorded_at or row.dated_at or frame.now_ms
        prints.append(
            ReceivedPrint(
                title=title if pages else frame.words("print_unreadable"),
                received_at=frame.local(received),
                pages=pages,
            )
        )
        if pages:
            path = folder / f"{ward}-{number}.pdf"
            write_whole(path, pdf)
            paths.append(path)
    return Bound(prints=tuple(prints), paths=tuple(paths))


def _content(data: Path, row: MedicationSheet) -> bytes | None:
    """Return the bytes that the entry holds, None when the log or the entry cannot be read."""
    entry = entry_at(data, row.log or "", row.index or 0)
    if entry is None:
        return None
    try:
        return decode_document(entry.body).content if entry.kind == "initial.document" else entry.body
    except (JournalError, msgspec.MsgspecError):
        return None


def _readable(content: bytes, mark: str) -> tuple[bytes, int]:
    """Return a PDF and its pages, marked when `mark` is not empty; 0 pages when it cannot be opened."""
    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError:
        return b"", 0
    try:
        pages = len(document)
        if not mark or not pages:
            return content, pages
        for page in document:
            _write_mark(document, page, mark)
        out = io.BytesIO()
        document.save(out)
        return out.getvalue(), pages
    except pypdfium2.PdfiumError:
        return (content, len(document)) if not mark else (b"", 0)
    finally:
        document.close()


def _write_mark(document: pypdfium2.PdfDocument, page: pypdfium2.PdfPage, mark: str) -> None:
    """Write a line of text at the top and at the foot of a page."""
    width, height = page.get_size()
    # The standard fonts of PDF know Latin 1 only.
    text = mark.replace("’", "'").encode("latin-1", "replace").decode("latin-1")
    encoded = (text + "\0").encode("utf-16-le")
    for y in (height - MARK_POINTS - 4, 4.0):
        line = pdfium.FPDFPageObj_NewTextObj(document.raw, b"Helvetica-Bold", ctypes.c_float(MARK_POINTS))
        buffer = ctypes.create_string_buffer(encoded, len(encoded))
        pdfium.FPDFText_SetText(line, ctypes.cast(buffer, pdfium.FPDF_WIDESTRING))
        pdfium.FPDFPageObj_Transform(line, 1, 0, 0, 1, max(4.0, width / 2 - 3 * len(text)), y)
        pdfium.FPDFPage_InsertObject(page.raw, line)
    pdfium.FPDFPage_GenerateContent(page.raw)


def _pn13(content: bytes, title: str, frame: Frame, *, exercise: bool) -> tuple[bytes, int]:
    """Return a PN13 message as pages of its own elements, 0 pages when it is not XML."""
    lines = elements_of(content)
    if lines is None:
        return b"", 0
    signs = Signs(coverage())
    data = signs.tree({"title": title, "state": frame.words("pn13_title"), "lines": lines})
    data |= {"lang": frame.language, "exercise": labels(frame.language)["exercise"] if exercise else ""}
    try:
        pdf = typeset("listing", data)
        return pdf, pages_of(pdf)
    except TypesetError:
        return b"", 0
