"""HL7 v2 orders and reports of imaging become facts. Pure.

Sources: HL7 v2.5 §4.4.3 (OMG), §4.4.6 (OMI), §4.4.1 (ORM), §7.3.1 (ORU), §4.5.6 (IPC); IHE SWF.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from releve.codecs.hl7v2.reader import NULL, Message, Segment
from releve.departments.imaging.facts import ImagingReported
from releve.record.facts import ServiceRequested
from releve.record.first_said import number_said
from releve.record.hl7 import instant_of, name_of
from releve.record.orders import LABORATORY_SECTIONS, is_imaging, read_orders
from releve.views.reading import Context, NotRead

__all__ = ["read_imaging_order", "read_order", "read_oru"]

STATUSES = {
    "F": "final",
    "C": "corrected",
    "P": "preliminary",
    "R": "preliminary",
    "S": "preliminary",
    "X": "cancelled",
    "A": "preliminary",
    "I": "preliminary",
    "O": "preliminary",
}


def read_imaging_order(message: Message, context: Context) -> Iterator[Any]:
    """Read OMI^O23: each order is a request to imaging."""
    yield from _read_orders(message, context, otherwise="imaging")


def read_order(message: Message, context: Context) -> Iterator[Any]:
    """Read ORM^O01 or OMG^O19, which any department may use: OBR-24 tells imaging from biology."""
    yield from _read_orders(message, context, otherwise="other")


def _read_orders(message: Message, context: Context, *, otherwise: str) -> Iterator[Any]:
    if not context.person:
        yield NotRead(reason="PID-3: expected an identifier of type PI")
        return
    for order in read_orders(message, context):
        section = (order.obr["24"] or "").upper() if order.obr is not None else ""
        imaging = order.accession is not None or (order.obr is not None and is_imaging(order.obr))
        department = "imaging" if imaging else "laboratory" if section in LABORATORY_SECTIONS else otherwise
        yield order.fact(department)


def read_oru(message: Message, context: Context) -> Iterator[Any]:
    """Read ORU^R01 of imaging: the texts of one OBR are one report."""
    if not context.person:
        return
    yield from _as_one(_reports(message, context))


def _as_one(reports: Iterator[Any]) -> Iterator[Any]:
    """Two examinations reported under one number are one report with both texts: neither may hide the other."""
    held: dict[str, ImagingReported] = {}
    for fact in reports:
        if type(fact) is not ImagingReported:
            yield fact
        elif fact.number not in held:
            held[fact.number] = fact
        else:
            first = held[fact.number]
            held[fact.number] = msgspec.structs.replace(
                first,
                label=", ".join(dict.fromkeys(word for word in (first.label, fact.label) if word)) or None,
                body="\n\n".join(text for text in (first.body, fact.body) if text) or None,
                status=first.status if first.status == fact.status else "preliminary",
            )
    yield from held.values()


def _reports(message: Message, context: Context) -> Iterator[Any]:
    obr: Segment | None = None
    orc: Segment | None = None
    lines: list[str] = []
    for segment in message.all_segments():
        if segment.name == "ORC":
            orc = segment
        elif segment.name == "OBR":
            if obr is not None:
                yield from _report(obr, orc, lines, context)
            obr, lines = (segment if is_imaging(segment) else None), []
        elif segment.name == "OBX" and obr is not None and segment["2"] in ("TX", "FT", "ST", "CE", "CWE"):
            text = (
                segment.text(5)
                if segment["2"] in ("TX", "FT", "ST")
                else segment["5.2"] or segment["5.1"] or ""
            )
            if text and text is not NULL:
                lines.append(text)
    if obr is not None:
        yield from _report(obr, orc, lines, context)


def _report(obr: Segment, orc: Segment | None, lines: list[str], context: Context) -> Iterator[Any]:
    placer = number_said(obr, "2") or number_said(orc, "2")
    number = number_said(obr, "3") or placer
    if not number:
        yield NotRead(reason="OBR-3: expected the number of the report")
        return
    status = STATUSES.get(obr["25"] or "F", "final")
    yield ImagingReported(
        person=context.person,
        number=number,
        visit=context.visit or None,
        request=placer,
        label=obr["4.2"] or obr["4.1"],
        accession=obr["18"],
        body="\n".join(lines) or None,
        status=status,
        performed_at=instant_of(obr["7"], context),
        issued_at=instant_of(obr["22"], context) or context.stamp,
        author=_author(obr),
    )
    if placer:
        yield ServiceRequested(
            person=context.person,
            placer=placer,
            department="imaging",
            visit=context.visit or None,
            filler=obr["3.1"],
            label=obr["4.2"] or obr["4.1"],
            code=obr["4.1"],
            status="completed" if status in ("final", "corrected") else "in-progress",
        )


def _author(obr: Segment) -> str | None:
    """OBR-32 is an NDL: its first component holds the name as subcomponents."""
    family, given = obr["32.1.2"], obr["32.1.3"]
    return " ".join(part for part in (family, given) if part) or name_of(obr, 16)
