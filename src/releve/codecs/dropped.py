"""A document dropped as a file (a medication sheet the hospital can only print), with what is known of it. Pure.

It is the body of `initial.document` entries: MessagePack, because a PDF does not say which ward or patient it is for.
"""

from __future__ import annotations

from typing import Literal

import msgspec

# The file's own bytes are under `content`, untouched.
KINDS = ("medication-sheet", "document")


class DroppedDocument(msgspec.Struct, frozen=True, kw_only=True, tag="initial.document.1"):
    """A file as it was dropped. `ward` (UF), `ipp` and `encounter` are `""` when not said; `made_at_us` is UTC."""

    kind: Literal["medication-sheet", "document"]
    media_type: str
    content: bytes
    ward: str = ""
    ipp: str = ""
    encounter: str = ""
    title: str = ""
    made_at_us: int | None = None


class Sidecar(msgspec.Struct, frozen=True, kw_only=True):
    """The JSON file beside a document, of the same name: what the sender says about it."""

    kind: Literal["medication-sheet", "document"] = "document"
    ward: str = ""
    ipp: str = ""
    encounter: str = ""
    title: str = ""


def encode_document(document: DroppedDocument) -> bytes:
    """Return the body of the entry."""
    return msgspec.msgpack.encode(document)


def decode_document(body: bytes) -> DroppedDocument:
    """Return the document in the body of an `initial.document` entry.

    Raises:
        msgspec.MsgspecError: the body is not one.
    """
    return msgspec.msgpack.decode(body, type=DroppedDocument)
