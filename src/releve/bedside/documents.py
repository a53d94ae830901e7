"""The bytes of a document, taken from the journal entry that brought it."""

from typing import NamedTuple

from releve.departments.documents.content import bytes_at
from releve.departments.documents.tables import Document
from releve.views.carried import entry_at
from releve.web.database import data_folder

__all__ = ["Kept", "entry_body", "kept_bytes"]

# What a browser may be handed under its own type; anything else is saved as plain bytes.
NAMES = {
    "application/pdf": "pdf",
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/tiff": "tif",
    "application/rtf": "rtf",
    "text/xml": "xml",
    "application/dicom": "dcm",
}


class Kept(NamedTuple):
    """The bytes as received, their type and the ending of their file."""

    data: bytes
    media_type: str
    ending: str


def entry_body(name: str | None, index: int | None) -> tuple[str, bytes | None]:
    """Return kind and body of the entry at a place of a log; no body when it is not on this island or unreadable."""
    if not name or index is None:
        return "", None
    entry = entry_at(data_folder(), name, index)
    return ("", None) if entry is None else (entry.kind, entry.body)


def kept_bytes(document: Document) -> Kept | None:
    """Return a document's bytes from the entry that brought it, or None when they are not there or unreadable."""
    # The row's own entry may only have told a new state: its bytes would be another document's.
    log = document.content_log if document.content_log is not None else document.log
    index = document.content_index if document.content_index is not None else document.index
    if not document.place or log is None or index is None:
        return None
    _kind, body = entry_body(log, index)
    if body is None:
        return None
    try:
        data = bytes_at(body, document.place)
    except LookupError:
        return None
    media = document.media_type or ""
    return Kept(data, media if media in NAMES else "application/octet-stream", NAMES.get(media, "bin"))
