"""What an OBX of type ED, TX or RP holds: a text to show, or bytes to fetch from the entry. Pure.

Source: HL7 v2.5 §2.A.24 (ED): source application, type, subtype, encoding (A, Hex, Base64), data.
"""

import base64
import binascii

import msgspec

from releve.codecs.hl7v2.reader import Message, Segment

__all__ = ["Content", "bytes_at", "content_of"]

MEDIA = {
    "PDF": "application/pdf", "XML": "text/xml", "HTML": "text/html", "RTF": "application/rtf", "JPEG": "image/jpeg",
    "JPG": "image/jpeg", "PNG": "image/png", "TIFF": "image/tiff", "PLAIN": "text/plain", "TEXT": "text/plain",
    "X-HL7-CDA-LEVEL-ONE": "text/xml", "CDA": "text/xml", "DICOM": "application/dicom",
}  # fmt: skip
# Beginnings of files that say what they are, whatever the sender declared.
SIGNATURES = (
    (b"%PDF", "application/pdf"),
    (b"<?xml", "text/xml"),
    (b"{\\rtf", "application/rtf"),
    (b"\x89PNG", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
)
TEXT_CHARS_MAX = 100_000


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """What is in one place of a message."""

    media_type: str | None = None
    text: str | None = None
    size: int | None = None
    unreadable: str | None = None


def content_of(obx: Segment) -> Content:
    """Return what an OBX holds."""
    kind = obx["2"] or ""
    if kind == "ED":
        data, why = _decoded(obx)
        declared = MEDIA.get((obx["5.3"] or obx["5.2"] or "").upper())
        if data is None:
            return Content(media_type=declared, unreadable=why)
        found = (
            next((media for mark, media in SIGNATURES if data.lstrip().startswith(mark)), None) or declared
        )
        if found == "text/plain":
            return Content(
                media_type=found, text=data.decode("utf-8", "replace")[:TEXT_CHARS_MAX], size=len(data)
            )
        return Content(media_type=found or "application/octet-stream", size=len(data))
    if kind == "RP":
        return Content(unreadable="RP: the document stayed in the other system")
    text = obx.text(5) if kind in ("TX", "FT", "ST", "") else obx["5.2"] or obx["5.1"] or ""
    return Content(media_type="text/plain", text=text[:TEXT_CHARS_MAX] or None, size=len(text))


def bytes_at(raw: bytes, place: str) -> bytes:
    """Return the bytes of a document inside a received message; `place` is such as "OBX[2]-5".

    Raises:
        LookupError: the place holds no document that can be decoded.
    """
    number = int(place.partition("[")[2].partition("]")[0] or 1)
    segments = Message(raw).segments("OBX")
    if number > len(segments):
        raise LookupError(f"{place}: expected an OBX there")
    data, why = _decoded(segments[number - 1])
    if data is None:
        raise LookupError(f"{place}: {why}")
    return data


def _decoded(obx: Segment) -> tuple[bytes | None, str | None]:
    encoding, text = (obx["5.4"] or "").upper(), obx["5.5"] or ""
    if not text:
        return None, "ED.5: expected the data"
    try:
        if encoding == "BASE64":
            return base64.b64decode("".join(text.split()), validate=True), None
        if encoding == "HEX":
            return bytes.fromhex(text), None
    except (binascii.Error, ValueError):
        return None, f"ED.5: expected {encoding.title()} that can be decoded"
    return text.encode(), None
