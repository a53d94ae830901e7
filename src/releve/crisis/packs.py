"""The packs as they lie in the data folder: which ward, set when, how many pages, which documents."""

from pathlib import Path

import msgspec

from releve.hospital.map import Directory, Ward
from releve.paper.lying import numbers_lying
from releve.paper.press import ward_prefix

__all__ = ["DOCUMENTS", "Document", "PressState", "WardPacks", "document_path", "press_state", "ward_packs"]

# The end of a document's name, in the order of printing (see `releve.paper.press`).
DOCUMENTS = {"cover": "1-couverture", "sheets": "2-feuilles", "forms": "3-formulaires", "received": "4-recu-"}


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """One PDF of a pack."""

    kind: str  # cover, sheets, forms, received
    name: str
    at_ms: int
    number: int = 0  # of a received print
    forms: tuple[str, str] | None = None  # the first and last number of forms that lie ready


class WardPacks(msgspec.Struct, frozen=True, kw_only=True):
    """What lies ready for a ward. `at_ms` is when its cover was set; `sheets_at_ms` when its sheets last changed."""

    ward: Ward
    documents: tuple[Document, ...]
    at_ms: int | None = None
    sheets_at_ms: int | None = None
    pages: int | None = None

    @property
    def has_forms(self) -> bool:
        """Whether numbered forms lie ready that nobody has."""
        return any(document.forms for document in self.documents)


class PressState(msgspec.Struct, frozen=True, kw_only=True):
    """What the process that sets packs says of itself (`DATA/runtime/packs.json`), as far as it is shown."""

    state: str  # idle, setting, disk, waiting
    at_ms: int
    done: int = 0
    total: int = 0
    set_at_ms: int = 0
    pages: int = 0
    problems: tuple[str, ...] = ()


class _Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What the press remembers of a ward's sheets (`manifest.json`), as far as it is shown."""

    pages: int = 0


class _Manifest(msgspec.Struct, kw_only=True):
    wards: dict[str, _Kept] = {}


def ward_packs(folder: Path, directory: Directory) -> list[WardPacks]:
    """Return one line for each ward of the map that has beds, packs or not."""
    names = sorted(path.name for path in folder.glob("UF*.pdf"))
    kept = _read_manifest(folder / "manifest.json").wards
    lines = []
    for ward in directory.map.wards:
        prefix = f"{ward_prefix(ward.code)}-"
        own = [name for name in names if name.startswith(prefix)]
        if not own and not directory.beds_of(ward.code):
            continue
        documents = tuple(
            document for name in own if (document := _document(folder / name, prefix)) is not None
        )
        sheets = kept.get(ward.code)
        lines.append(
            WardPacks(
                ward=ward,
                documents=documents,
                at_ms=_latest(documents, "cover"),
                sheets_at_ms=_latest(documents, "sheets"),
                pages=sheets.pages if sheets else None,
            )
        )
    return lines


def document_path(folder: Path, ward: str, name: str) -> Path | None:
    """Return the file of a ward's document, None for anything that is not one: no other file can be named."""
    path = folder / name
    if path.name != name or _document(path, f"{ward_prefix(ward)}-") is None:
        return None
    return path


def press_state(data: Path) -> PressState | None:
    """Return what the process that sets packs is doing, None when it never ran."""
    try:
        return msgspec.json.decode((data / "runtime" / "packs.json").read_bytes(), type=PressState)
    except (OSError, msgspec.MsgspecError):
        return None


def _document(path: Path, prefix: str) -> Document | None:
    """Return what a file is by its name, None when it is no document of this ward."""
    end = path.name.removeprefix(prefix).removesuffix(".pdf")
    if not path.name.startswith(prefix) or not path.name.endswith(".pdf"):
        return None
    for kind, stem in DOCUMENTS.items():
        number = end.removeprefix(stem) if kind == "received" and end.startswith(stem) else ""
        if end != stem and not number.isdecimal():
            continue
        try:
            at_ms = path.stat().st_mtime_ns // 1_000_000
        except OSError:
            return None
        forms = numbers_lying(path) if kind == "forms" else None
        return Document(kind=kind, name=path.name, at_ms=at_ms, number=int(number or 0), forms=forms)
    return None


def _read_manifest(path: Path) -> _Manifest:
    try:
        return msgspec.json.decode(path.read_bytes(), type=_Manifest)
    except (OSError, msgspec.MsgspecError):
        # It may be deleted at any time: the packs themselves still lie there.
        return _Manifest()


def _latest(documents: tuple[Document, ...], kind: str) -> int | None:
    return max((document.at_ms for document in documents if document.kind == kind), default=None)
