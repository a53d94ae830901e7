"""The bytes of a document, taken from the journal entry that brought it."""

from typing import NamedTuple

from releve.departments.documents.content import bytes_at
from releve.departments.documents.tables import Document
from releve.journal.errors import JournalError
from releve.journal.folder import logs
from releve.journal.store import LogReader
from releve.web.database import data_folder

__all__ = ["Kept", "kept_bytes"]

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


def kept_bytes(document: Document) -> Kept | None:
    """Return a document's bytes from the entry that brought it, or None when they are not there or unreadable."""
    if not document.place or document.log is None or document.index is None:
        return None
    log = next((log for log in logs(data_folder()) if log.name == document.log), None)
    if log is None:
        return None
    reader = LogReader(log.path)
    try:
        data = bytes_at(reader.get(document.index).body, document.place)
    except (LookupError, JournalError, OSError):
        return None
    finally:
        reader.close()
    media = document.media_type or ""
    return Kept(data, media if media in NAMES else "application/octet-stream", NAMES.get(media, "bin"))
