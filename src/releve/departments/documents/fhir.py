"""FHIR R4 documents and reports become facts. Pure. Source: FHIR R4 DocumentReference, DiagnosticReport."""

import base64
import binascii
from collections.abc import Iterator
from typing import Any

from releve.codecs.fhir.reader import Document, Node, Resource
from releve.departments.documents.facts import DocumentReceived
from releve.record.fhir import instant_at, place_number, words
from releve.views.reading import Context

__all__ = ["READERS", "attachment_at"]

STATUSES = {"current": "final", "superseded": "replaced", "entered-in-error": "cancelled"}
REPORTS = {
    "final": "final", "amended": "final", "corrected": "final", "appended": "final", "partial": "preliminary",
    "preliminary": "preliminary", "registered": "preliminary", "cancelled": "cancelled",
    "entered-in-error": "cancelled",
}  # fmt: skip


def attachment_at(node: Node) -> tuple[bytes | None, str]:
    """Return the bytes of an Attachment, and why there are none."""
    data = node.text("data")
    if not data:
        return None, "Attachment.data: the document stayed in the other system"
    try:
        return base64.b64decode("".join(data.split()), validate=True), ""
    except (binascii.Error, ValueError):
        return None, "Attachment.data: expected base64 that can be decoded"


def _with_attachment(node: Node | None, resource: Resource) -> dict[str, Any]:
    if node is None:
        return {}
    data, why = attachment_at(node)
    media = node.text("contentType") or None
    place = f"{resource.address} {node.address}"
    if data is None:
        return {"media_type": media, "unreadable": why, "place": place}
    body = data.decode("utf-8", "replace") if media is not None and media.startswith("text/plain") else None
    return {"media_type": media, "size": len(data), "body": body, "place": place}


def read_reference(document: Resource, all_: Document, context: Context) -> Iterator[Any]:
    """Read a DocumentReference."""
    attachment = next((part for node in document.nodes("content") for part in node.nodes("attachment")), None)
    yield DocumentReceived(
        person=context.person,
        number=place_number(document),
        title=document.text("description") or words(document, "type"),
        type_code=document.text("type.coding.code") or None,
        author=document.text("author.display") or None,
        written_at=instant_at(document, "date", context),
        status=STATUSES.get(document.text("status"), "final"),
        **_with_attachment(attachment, document),
    )


def read_report(report: Resource, all_: Document, context: Context) -> Iterator[Any]:
    """Read a DiagnosticReport: its presented form, or its conclusion."""
    form = next(iter(report.nodes("presentedForm")), None)
    conclusion = report.text("conclusion") or None
    content = _with_attachment(form, report)
    if conclusion is not None and content.get("body") is None:
        content["body"] = conclusion
    yield DocumentReceived(
        person=context.person,
        number=place_number(report),
        title=words(report, "code"),
        type_code=report.text("code.coding.code") or None,
        author=report.text("performer.display") or None,
        written_at=instant_at(report, "issued", context) or instant_at(report, "effectiveDateTime", context),
        status=REPORTS.get(report.text("status"), "final"),
        **content,
    )


READERS = {"DocumentReference": read_reference, "DiagnosticReport": read_report}
