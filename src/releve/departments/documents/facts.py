"""What can be said of documents. Pure. Source: FHIR R4 DocumentReference; HL7 v2.5 §9.6.2 (TXA)."""

import msgspec

__all__ = ["DocumentReceived"]


class DocumentReceived(msgspec.Struct, frozen=True, kw_only=True, tag="document-received.1"):
    """A document, or its new state. Its bytes stay in the entry, at `place`."""

    person: str
    number: str
    visit: str | None = None
    parent: str | None = None
    title: str | None = None
    type_code: str | None = None
    author: str | None = None
    written_at: int | None = None  # UTC ms
    status: str | None = None  # preliminary, final, replaced, cancelled
    media_type: str | None = None
    body: str | None = None  # plain text only
    size: int | None = None  # bytes
    unreadable: str | None = None
    place: str | None = None  # "OBX[1]-5.5"
