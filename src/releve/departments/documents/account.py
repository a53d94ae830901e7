"""What was written here, in words and as FHIR R4, for the account of the downtime.

Source: FHIR R4 DocumentReference (content.attachment, relatesTo); LOINC for the kinds of document.
"""

import base64
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext_noop as _

from releve.departments.documents.note_facts import KINDS

__all__ = ["RESOURCES", "TITLES", "WORDS"]

Words = list[tuple[str, str]]
LOINC = "http://loinc.org"

TITLES = {
    "note.written.1": _("Note or letter signed"),
    "note.added.1": _("Addition to a note signed"),
}


def _at(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _note(body: Mapping[str, Any]) -> Words:
    return [
        (_("Title"), str(body.get("title", ""))),
        (_("For"), str(body.get("to", ""))),
        (_("Text"), str(body.get("text", ""))),
        (_("Withdraws the note"), str(body.get("note", "")) if body.get("withdraws") else ""),
    ]


WORDS: dict[str, Callable[[Mapping[str, Any]], Words]] = {"note.written.1": _note, "note.added.1": _note}


def document(body: Mapping[str, Any], ids: Mapping[str, str]) -> dict[str, Any]:
    """Return a note, or what was added to one, as a DocumentReference that carries its text."""
    kind = KINDS.get(str(body.get("kind", "")))
    text = str(body.get("text", "")).encode("utf-8", "surrogatepass")
    found: dict[str, Any] = {
        "resourceType": "DocumentReference",
        "status": "current",
        "docStatus": "final",
        "masterIdentifier": {"system": "urn:releve:act", "value": body["act"]},
        "type": {"coding": [{"system": LOINC, "code": kind[0]}], "text": kind[1]}
        if kind
        else {"text": "Addition"},
        "subject": {"reference": ids["patient"]},
        "date": _at(body["happened_at"]),
        "description": str(body.get("title", "")),
        "content": [
            {
                "attachment": {
                    "contentType": "text/plain; charset=utf-8",
                    "data": base64.b64encode(text).decode(),
                    "title": str(body.get("title", "")),
                    "creation": _at(body["happened_at"]),
                }
            }
        ],
    }
    if ids.get("performer"):
        found["author"] = [{"reference": ids["performer"]}]
    if ids.get("encounter"):
        found["context"] = {"encounter": [{"reference": ids["encounter"]}]}
    if body.get("note"):
        found["relatesTo"] = [
            {
                "code": "replaces" if body.get("withdraws") else "appends",
                "target": {"identifier": {"system": "urn:releve:act", "value": body["note"]}},
            }
        ]
    return found


RESOURCES: dict[str, Callable[[Mapping[str, Any], Mapping[str, str]], dict[str, Any]]] = {
    "note.written.1": document,
    "note.added.1": document,
}
