"""Medication sheets that the hospital could only print or send as PN13: kept as received, shown with their age."""

import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from releve.bedside.documents import entry_body
from releve.codecs.dropped import decode_document
from releve.departments.prescribing.tables import MedicationSheet

__all__ = ["PrintedSheet", "elements_of", "of_persons", "of_ward", "sheet_bytes"]

KEPT_EACH = 3  # earlier ones stay in the journal and in the pack's list
XML_BYTES_MAX = 4 * 1024 * 1024
XML_LINES_MAX = 2_000
XML_DEPTH_MAX = 40


class PrintedSheet(msgspec.Struct, frozen=True, kw_only=True):
    """One sheet as a page lists it. Instants are UTC ms."""

    row: MedicationSheet
    printed_at: int | None  # when the hospital made it, as far as it said
    received_at: int | None
    is_pdf: bool
    newest: bool  # the later ones of the same ward or person replace the earlier


def of_ward(ward: str) -> list[PrintedSheet]:
    """Return the latest sheets of a whole ward, newest first."""
    return _newest(MedicationSheet.objects.filter(ward=ward, person=None).order_by("-dated_at", "id"))


def of_persons(persons: Sequence[str]) -> list[PrintedSheet]:
    """Return the latest sheets of one person, all her linked numbers together, newest first."""
    return _newest(MedicationSheet.objects.filter(person__in=list(persons)).order_by("-dated_at", "id"))


def _newest(rows: Iterable[MedicationSheet]) -> list[PrintedSheet]:
    found: list[PrintedSheet] = []
    for row in rows:
        if len(found) == KEPT_EACH:
            break
        found.append(
            PrintedSheet(
                row=row,
                printed_at=row.dated_at,
                received_at=row.recorded_at,
                is_pdf=row.media_type == "application/pdf",
                newest=all(row.media_type != other.row.media_type for other in found),
            )
        )
    return found


def sheet_bytes(row: MedicationSheet) -> bytes | None:
    """Return the sheet as it was received, or None when its entry is not here or cannot be read."""
    kind, body = entry_body(row.log, row.index)
    if body is None:
        return None
    if kind != "initial.document":
        return body
    try:
        return decode_document(body).content
    except msgspec.MsgspecError:
        return None


def elements_of(content: bytes) -> list[tuple[str, str]] | None:
    """Return the elements of a PN13 message (name, text) in their order, not interpreted; None when unreadable.

    Only element names and texts are taken: no entity is ever resolved, because no document type is accepted.
    """
    if len(content) > XML_BYTES_MAX or b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        return None
    try:
        root = ET.fromstring(content)
    except ET.ParseError:
        return None
    lines: list[tuple[str, str]] = []
    for name, text in _walk(root, 0):
        if len(lines) == XML_LINES_MAX:
            break
        lines.append((name, text))
    return lines


def _walk(element: ET.Element, depth: int) -> Iterator[tuple[str, str]]:
    text = (element.text or "").strip()
    if text:
        yield element.tag.rpartition("}")[2], text
    if depth < XML_DEPTH_MAX:
        for child in element:
            yield from _walk(child, depth + 1)
