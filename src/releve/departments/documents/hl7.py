"""HL7 v2 documents become facts. Pure.

Sources: HL7 v2.5 §9.3 (MDM), §9.6.2 (TXA); ORU^R01 whose OBX is of type ED (IHE LAB-3 PDF, French CDA in HL7 v2).
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from releve.codecs.hl7v2.reader import Message, Segment
from releve.departments.documents.content import content_of
from releve.departments.documents.facts import DocumentReceived
from releve.record.first_said import first_said
from releve.record.hl7 import instant_of, name_of
from releve.views.reading import Context, NotRead

__all__ = ["read_mdm", "read_oru"]

# TXA-17 (HL7 table 0271); TXA-19 (table 0273).
STATUSES = {
    "AU": "final",
    "LA": "final",
    "DO": "preliminary",
    "DI": "preliminary",
    "IP": "preliminary",
    "IN": "preliminary",
    "PA": "preliminary",
}
CANCELS = {"T11"}
REPLACES = {"T09", "T10"}


def read_mdm(message: Message, context: Context) -> Iterator[Any]:
    """Read one MDM message: a document, its new state, its replacement or its cancellation."""
    txa = message.segment("TXA")
    number = first_said(txa, "12.1", "12.3", "16") if txa is not None else None
    if txa is None or not number:
        yield NotRead(reason="TXA-12: expected the number of the document")
        return
    if not context.person:
        yield NotRead(reason="PID-3: expected an identifier of type PI")
        return
    status = (
        "cancelled"
        if message.trigger in CANCELS or txa["19"] in ("CA", "OB")
        else STATUSES.get(txa["17"] or "", "final")
    )
    parent = first_said(txa, "13.1", "13.3")
    fact = DocumentReceived(
        person=context.person,
        number=number,
        visit=context.visit or None,
        parent=parent,
        title=txa["16"] or txa["2.2"] or _title(message) or txa["2.1"],
        type_code=txa["2.1"],
        author=name_of(txa, 9) or name_of(txa, 5),
        written_at=instant_of(txa["4"], context) or instant_of(txa["6"], context),
        status=status,
    )
    yield from _with_content(fact, list(message.segments("OBX")))
    if parent and message.trigger in REPLACES:
        yield DocumentReceived(person=context.person, number=parent, status="replaced")


def read_oru(message: Message, context: Context) -> Iterator[Any]:
    """Read the documents inside ORU^R01."""
    if not context.person:
        return
    obr: Segment | None = None
    rank = 0
    for segment in message.all_segments():
        if segment.name == "OBR":
            obr = segment
        elif segment.name == "OBX":
            rank += 1
            if segment["2"] not in ("ED", "RP"):
                continue
            filler = (obr["3.1"] or obr["2.1"] if obr is not None else None) or message.control_id
            content = content_of(segment)
            yield DocumentReceived(
                person=context.person,
                number=f"{filler}.{segment['1'] or rank}",
                visit=context.visit or None,
                title=segment["3.2"] or (obr["4.2"] if obr is not None else None),
                type_code=segment["3.1"],
                author=(name_of(obr, 16) if obr is not None else None),
                written_at=(instant_of(obr["22"], context) if obr is not None else None) or context.stamp,
                status="preliminary" if segment["11"] in ("P", "R", "S") else "final",
                media_type=content.media_type,
                size=content.size,
                unreadable=content.unreadable,
                place=f"OBX[{rank}]-5",
            )


def _title(message: Message) -> str | None:
    obx = message.segment("OBX")
    return obx["3.2"] if obx is not None else None


def _with_content(fact: DocumentReceived, parts: list[Segment]) -> Iterator[DocumentReceived]:
    if not any(obx["5"] for obx in parts):
        yield fact  # a new state of a document whose content came before
        return
    texts: list[str] = []
    held = None
    for rank, obx in enumerate(parts, start=1):
        content = content_of(obx)
        if content.text is not None and obx["2"] != "ED":
            texts.append(content.text)
        elif held is None and (content.size or content.unreadable or content.text):
            held = (content, f"OBX[{rank}]-5")
    if held is not None:
        content, place = held
        yield msgspec.structs.replace(
            fact, media_type=content.media_type, size=content.size, unreadable=content.unreadable, place=place,
            body=content.text or "\n".join(texts) or None,
        )  # fmt: skip
    else:
        body = "\n".join(texts)
        yield msgspec.structs.replace(
            fact, media_type="text/plain", body=body or None, size=len(body.encode())
        )
