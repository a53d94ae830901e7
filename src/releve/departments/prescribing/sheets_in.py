"""Medication sheets that the hospital can only print (PDF), or sends as PN13: kept as they came. Pure.

Nothing is read from them but whom they are about: `initial.document` says it beside its bytes, PN13 inside.
Source: PN13-SIPh2 (Phast), where the elements of a prescription name patient, stay and ward; the schema was not
readable here, so a name is looked for by its meaning, and a message that names nobody is said to be not understood.
"""

import re
from collections.abc import Iterator

import msgspec

from releve.codecs.dropped import decode_document
from releve.departments.prescribing.facts import MedicationSheetKept
from releve.journal.entry import Entry
from releve.record.identity import person_key
from releve.views.reading import Context, NotRead

__all__ = ["read_dropped_document", "read_pn13"]

HEAD_BYTES = 65_536
_PERSON = re.compile(
    rb"<(?:\w+:)?(?:ipp|id_?patient|identifiant_?patient)\b[^>]*>\s*([^<\s][^<]{0,60})<", re.I
)
_WARD = re.compile(
    rb"<(?:\w+:)?(?:uf_?hebergement|id_?uf_?hebergement|uf)\b[^>]*>\s*([^<\s][^<]{0,20})<", re.I
)


def read_dropped_document(entry: Entry, context: Context) -> Iterator[MedicationSheetKept | NotRead]:
    """Return the medication sheet of an `initial.document`; another document is listed as not understood yet."""
    try:
        document = decode_document(entry.body)
    except msgspec.MsgspecError:
        yield NotRead(reason="initial.document: expected a document with its content")
        return
    if document.kind != "medication-sheet":
        yield NotRead(reason="initial.document: no department reads this kind of document yet")
        return
    if not document.ward and not document.ipp:
        yield NotRead(reason="initial.document: expected a ward or a patient number")
        return
    made = document.made_at_us
    yield MedicationSheetKept(
        ward=document.ward or None,
        about=person_key(document.ipp, context.namespace) if document.ipp else None,
        media_type=document.media_type,
        dated_at=made // 1000 if made is not None else context.recorded_at,
    )


def read_pn13(entry: Entry, context: Context) -> Iterator[MedicationSheetKept | NotRead]:
    """Return the prescription of a PN13 message as a sheet to show: its content is not interpreted."""
    head = entry.body[:HEAD_BYTES]
    person, ward = _found(_PERSON, head), _found(_WARD, head)
    if not person and not ward:
        yield NotRead(reason="initial.pn13: expected an element that names the patient or the ward")
        return
    yield MedicationSheetKept(
        ward=ward or None,
        about=person_key(person, context.namespace) if person else None,
        media_type="application/xml",
        dated_at=context.stamp,
    )


def _found(pattern: re.Pattern[bytes], head: bytes) -> str:
    match = pattern.search(head)
    return match[1].decode("utf-8", "replace").strip() if match else ""
