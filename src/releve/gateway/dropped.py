"""What a dropped file is, and the drafts it becomes. Reads files; moves, writes and remembers nothing.

The name decides first, the content confirms: a file that is not what its name says is refused, never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from releve.codecs.census import CensusError, read_census
from releve.codecs.dropped import DroppedDocument, Sidecar, encode_document
from releve.codecs.fhir.reader import DocumentError, read_document
from releve.codecs.hl7v2.batch import split_batch
from releve.journal.entry import Draft

# A document travels and is stored whole; a ward's printed sheets weigh a few megabytes.
DOCUMENT_BYTES_MAX = 256 * 1024 * 1024

_WINDOW_BYTES = 1024 * 1024

_HL7_SUFFIXES = ("", ".hl7", ".er7", ".txt", ".dat", ".msg")
_WARD = re.compile(r"UF[-_ ]?([0-9A-Za-z]{1,12})(?![0-9A-Za-z])", re.IGNORECASE)
# Namespaces and roots of PN13-SIPh2 messages; the text itself is read by the departments.
_PN13 = re.compile(rb"phast|pn13|<(?:\w+:)?(?:m_prescription|m_dispensation|m_administration)", re.IGNORECASE)


class Refusal(Exception):
    """The file will never pass as it is. Both sentences are for the person who dropped it; neither holds a value."""

    def __init__(self, english: str, french: str) -> None:
        super().__init__(english)
        self.english = english
        self.french = french


class Waits(Exception):
    """The file may be completed by another one (a sidecar): look again later."""


class Part(NamedTuple):
    """One draft of a file, and how far into the file it reaches (bytes)."""

    draft: Draft
    reached: int


def parts(path: Path, digest: str, *, made_at_us: int, patient: bool) -> Iterator[Part]:
    """Yield the drafts of the file, in its order, always the same for the same bytes.

    `digest` is the SHA-256 of the file (hexadecimal), the drafts' source. `patient`: a companion may still come.

    Raises:
        Refusal: it is not what its name says.
        Waits: its companion is not there yet and `patient` holds.
    """
    source = f"file:{digest}"
    name, suffix = path.name.lower(), path.suffix.lower()
    if suffix == ".csv":
        yield _census(path, name, source, made_at_us)
    elif suffix in (".json", ".ndjson"):
        yield from _fhir(path, suffix, source, patient)
    elif suffix == ".pdf":
        yield _document(path, source, made_at_us, patient)
    elif suffix == ".xml":
        yield _pn13(path, source, made_at_us)
    elif suffix in _HL7_SUFFIXES:
        yield from _hl7(path, source)
    else:
        raise Refusal(
            "Expected a file of HL7 v2 (.hl7), FHIR (.json, .ndjson), census (census*.csv), PDF or PN13 (.xml).",
            "Attendu : un fichier HL7 v2 (.hl7), FHIR (.json, .ndjson), un recensement (census*.csv), un PDF "
            "ou du PN13 (.xml).",
        )


def sidecar_of(path: Path) -> Path | None:
    """Return the file that describes the document `path`, if it is there."""
    for candidate in (path.with_suffix(".json"), path.with_name(path.name + ".json")):
        if candidate.is_file():
            return candidate
    return None


def is_sidecar(path: Path) -> bool:
    """Return whether `path` describes a document that lies beside it."""
    if path.suffix.lower() != ".json":
        return False
    beside = [path.with_suffix(suffix) for suffix in (".pdf", ".PDF")]
    if Path(path.stem).suffix.lower() == ".pdf":  # sheet.pdf.json describes sheet.pdf
        beside.append(path.with_name(path.stem))
    return any(document.is_file() for document in beside)


def _census(path: Path, name: str, source: str, made_at_us: int) -> Part:
    if not name.startswith("census"):
        raise Refusal(
            "Expected the name of a CSV file to begin with census.",
            "Attendu : un nom de fichier CSV qui commence par census.",
        )
    raw = _read(path)
    try:
        census = read_census(raw)
    except CensusError as error:
        raise Refusal(f"Census: {error}.", f"Recensement : {error}.") from None
    if not census.rows:
        raise Refusal(
            "Census: expected at least one patient. An empty list is not believed.",
            "Recensement : au moins un patient attendu. Une liste vide n’est pas crue.",
        )
    return Part(Draft(kind="initial.census", body=raw, source=source, occurred_at_us=made_at_us), len(raw))


def _fhir(path: Path, suffix: str, source: str, patient: bool) -> Iterator[Part]:
    if suffix == ".json":
        raw = _read(path)
        try:
            read_document(raw)
        except DocumentError as error:
            if patient and _may_describe(raw):
                raise Waits from None
            raise Refusal(f"FHIR: {error}.", f"FHIR : {error}.") from None
        yield Part(Draft(kind="initial.fhir", body=raw, source=source), len(raw))
        return
    reached = 0
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            reached += len(line)
            body = line.rstrip(b"\r\n")
            if not body.strip():
                continue
            try:
                read_document(body)
            except DocumentError as error:
                raise Refusal(
                    f"FHIR: line {number}: {error}. The lines before it are recorded.",
                    f"FHIR : ligne {number} : {error}. Les lignes précédentes sont enregistrées.",
                ) from None
            yield Part(Draft(kind="initial.fhir", body=body, source=source), reached)


def _may_describe(raw: bytes) -> bool:
    try:
        msgspec.json.decode(raw, type=Sidecar)
    except msgspec.MsgspecError:
        return False
    return True


def _document(path: Path, source: str, made_at_us: int, patient: bool) -> Part:
    sidecar = sidecar_of(path)
    said = Sidecar()
    medication = any(folder.lower().startswith("medication") for folder in path.parts[-3:-1])
    if sidecar is not None:
        try:
            said = msgspec.json.decode(_read(sidecar), type=Sidecar)
        except msgspec.MsgspecError:
            raise Refusal(
                "Sidecar: expected JSON with kind, ward, ipp, encounter, title, all of them text.",
                "Fichier d’accompagnement : attendu du JSON avec kind, ward, ipp, encounter, title, tous du texte.",
            ) from None
    elif patient:
        raise Waits
    found = _WARD.search(path.stem) or _WARD.search(path.parent.name)
    ward = said.ward or (found.group(1) if found else "")
    if sidecar is None and not (medication and ward):
        raise Refusal(
            "PDF: expected a folder medication and a name such as UF2140.pdf, or a .json file of the same name.",
            "PDF : attendu un dossier medication et un nom comme UF2140.pdf, ou un fichier .json du même nom.",
        )
    raw = _read(path)
    if b"%PDF-" not in raw[:1024]:
        raise Refusal("Expected a PDF.", "Un PDF est attendu.")
    document = DroppedDocument(
        kind="medication-sheet" if sidecar is None else said.kind,
        media_type="application/pdf",
        content=raw,
        ward=ward,
        ipp=said.ipp,
        encounter=said.encounter,
        title=said.title,
        made_at_us=made_at_us,
    )
    body = encode_document(document)
    return Part(Draft(kind="initial.document", body=body, source=source, occurred_at_us=made_at_us), len(raw))


def _pn13(path: Path, source: str, made_at_us: int) -> Part:
    raw = _read(path)
    if not _PN13.search(raw[:8192]) and not path.name.lower().startswith("pn13"):
        raise Refusal(
            "XML: expected a PN13 message (or a file name that begins with pn13).",
            "XML : un message PN13 est attendu (ou un nom de fichier qui commence par pn13).",
        )
    return Part(Draft(kind="initial.pn13", body=raw, source=source, occurred_at_us=made_at_us), len(raw))


def _hl7(path: Path, source: str) -> Iterator[Part]:
    found = False
    for window, reached in _windows(path):
        for message in split_batch(window).messages:
            found = True
            yield Part(Draft(kind="initial.hl7v2", body=message, source=source), reached)
    if not found:
        raise Refusal(
            "HL7 v2: expected at least one message (a line that begins with MSH).",
            "HL7 v2 : au moins un message attendu (une ligne qui commence par MSH).",
        )


def _windows(path: Path) -> Iterator[tuple[bytes, int]]:
    """Yield the file in pieces cut between messages, and how far each reaches: a first fill may be gigabytes."""
    kept = b""
    reached = 0
    with path.open("rb") as file:
        while block := file.read(_WINDOW_BYTES):
            reached += len(block)
            kept += block
            cut = _last_message(kept)
            if cut:
                yield kept[:cut], reached - len(kept) + cut
                kept = kept[cut:]
            elif len(kept) > DOCUMENT_BYTES_MAX:
                break
    yield kept, reached


def _last_message(content: bytes) -> int:
    """Return where the last message of `content` begins, 0 when that is its start or nowhere."""
    end = len(content)
    while (found := content.rfind(b"MSH", 1, end)) > 0:
        start = found - 1 if content[found - 1 : found] == b"\x0b" else found
        if content[start - 1 : start] in (b"\r", b"\n") and not content[found + 3 : found + 4].isalnum():
            return start
        end = found + 2
    return 0


def _read(path: Path) -> bytes:
    size = path.stat().st_size
    if size > DOCUMENT_BYTES_MAX:
        raise Refusal(
            f"Expected up to {DOCUMENT_BYTES_MAX} bytes.", f"Attendu : au plus {DOCUMENT_BYTES_MAX} octets."
        )
    return path.read_bytes()
