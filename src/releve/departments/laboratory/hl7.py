"""HL7 v2 orders and results of medical biology become facts. Pure.

Sources: HL7 v2.5 §4.4 (OML), §4.5.1 (ORC), §7.3.1 (ORU), §7.4.1 (OBR), §7.4.2 (OBX); IHE LAB-1, LAB-3.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from releve.codecs.hl7v2.reader import NULL, Message, Segment
from releve.departments.laboratory.facts import ResultReported
from releve.record.facts import ServiceRequested
from releve.record.hl7 import instant_of
from releve.record.orders import is_imaging, read_orders
from releve.views.reading import Context, NotRead
from releve.views.recall import Recall

__all__ = ["read_order", "read_oru"]

# OBX-8 (HL7 table 0078). A delta flag (U, D, B, W) is no reading against a range.
FLAGS = {
    "L": "low", "H": "high", "LL": "critical-low", "HH": "critical-high", "<": "critical-low", ">": "critical-high",
    "N": "normal", "A": "abnormal", "AA": "critical-abnormal", "LU": "critical-low", "HU": "critical-high",
}  # fmt: skip
# OBX-11 (table 0085).
STATUSES = {
    "F": "final", "U": "final", "V": "final", "P": "preliminary", "R": "preliminary", "S": "preliminary",
    "I": "preliminary", "C": "corrected", "X": "cancelled", "D": "cancelled", "W": "cancelled",
}  # fmt: skip

# What OBX-2, 3, 6, 7 and 8 said: a laboratory has some hundred analytes, each with a few ranges and flags.
# Measured, with `Panel`: a report is read in half the time.
_measured = Recall(8192)


class Analyte(msgspec.Struct, frozen=True, kw_only=True):
    """What an OBX says of the measure, apart from its value."""

    kind: str
    code: str | None
    label: str | None
    system: str | None
    unit: str | None
    range: str | None
    flag: str | None


class Panel(msgspec.Struct, frozen=True, kw_only=True):
    """What an OBR, and the ORC before it, say of each of its results."""

    placer: str | None
    request: str | None
    filler: str | None
    report: str | None
    sampled_at: int | None
    issued_at: int | None
    imaging: bool


def read_order(message: Message, context: Context) -> Iterator[Any]:
    """Read OML^O21 and its like: each ORC/OBR is a request to the laboratory."""
    if not context.person:
        yield NotRead(reason="PID-3: expected an identifier of type PI")
        return
    for request in read_orders(message, context):
        if request.obr is None or not is_imaging(request.obr):
            yield request.fact("laboratory")


def read_oru(message: Message, context: Context) -> Iterator[Any]:
    """Read ORU^R01: each OBX that holds a result; reports of imaging are left to imaging."""
    if not context.person:
        yield NotRead(reason="PID-3: expected an identifier of type PI")
        return
    orc: Segment | None = None
    panel: Panel | None = None
    pending: list[Any] = []
    notes: list[str] = []
    rank = 0
    for segment in message.all_segments():
        name = segment.name
        if name == "ORC":
            orc = segment
        elif name == "OBR":
            yield from _with_note(pending, notes)
            pending, notes, panel, rank = [], [], _panel(segment, orc, context), 0
            if not panel.imaging:
                yield _request(segment, orc, context)
        elif name == "OBX" and panel is not None and not panel.imaging:
            yield from _with_note(pending, notes)
            rank += 1
            result = _result(message, segment, panel, context, rank)
            pending, notes = ([result] if result is not None else []), []
        elif name == "NTE" and pending:
            note = segment["3"]
            if note:
                notes.append(note)
    yield from _with_note(pending, notes)


def _with_note(pending: list[Any], notes: list[str]) -> Iterator[Any]:
    for fact in pending:
        if notes and type(fact) is ResultReported:
            yield msgspec.structs.replace(fact, note="\n".join(notes))
        else:
            yield fact


def _request(obr: Segment, orc: Segment | None, context: Context) -> ServiceRequested:
    """The request behind a report: answered, whatever was known of it."""
    placer = (
        obr["2.1"] or (orc["2.1"] if orc is not None else None) or obr["3.1"] or f"{obr['4.1']}@{obr['7']}"
    )
    done = (obr["25"] or "F") in ("F", "C", "A")
    return ServiceRequested(
        person=context.person,
        placer=placer,
        department="laboratory",
        visit=context.visit or None,
        filler=obr["3.1"],
        label=obr["4.2"] or obr["4.1"],
        code=obr["4.1"],
        system=obr["4.3"],
        status="completed" if done else "in-progress",
    )


def _panel(obr: Segment, orc: Segment | None, context: Context) -> Panel:
    placer = obr["2.1"]
    return Panel(
        placer=placer,
        request=placer or (orc["2.1"] if orc is not None else None),
        filler=obr["3.1"] or (orc["3.1"] if orc is not None else None),
        report=obr["4.2"] or obr["4.1"],
        sampled_at=instant_of(obr["7"], context),
        issued_at=instant_of(obr["22"], context),
        imaging=is_imaging(obr),
    )


def _analyte(message: Message, obx: Segment) -> Analyte:
    key = (message.reading, *(obx.raw_field(field) for field in (2, 3, 6, 7, 8)))
    found: Analyte | None = _measured.get(key)
    if found is None:
        flags = [FLAGS[sign] for repetition in obx.repetitions(8) if (sign := repetition["1"] or "") in FLAGS]
        analyte = Analyte(
            kind=obx["2"] or "", code=obx["3.1"], label=obx["3.2"] or obx["3.5"], system=obx["3.3"], unit=obx["6.1"],
            range=obx["7"], flag=_worst(flags),
        )  # fmt: skip
        found = _measured.keep(key, analyte)
    return found


def _result(message: Message, obx: Segment, panel: Panel, context: Context, rank: int) -> Any:
    analyte = _analyte(message, obx)
    kind = analyte.kind
    if kind in ("ED", "RP"):
        return None  # a document, read by the documents department
    code, label, system = analyte.code, analyte.label, analyte.system
    if not (code or label):
        return NotRead(reason=f"OBX[{rank}]-3: expected what was measured")
    text = obx.text(5) if kind in ("TX", "FT", "ST") else obx["5.2"] or obx["5.1"]
    if kind == "SN":
        text = "".join(part for part in (obx["5.1"], obx["5.2"], obx["5.3"], obx["5.4"]) if part)
    value = None if text in ("", None) or text is NULL else text
    status = STATUSES.get(obx["11"] or "F", "final")
    if value is None and status == "final":
        return None
    sampled = instant_of(obx["14"], context) or panel.sampled_at
    sub = obx["4"]
    return ResultReported(
        person=context.person,
        series=f"{code or label}^{system or ''}" + (f"/{sub}" if sub and kind not in ("NM", "SN") else ""),
        sample=panel.filler or panel.placer or str(sampled or context.stamp),
        visit=context.visit or None,
        request=panel.request,
        report=panel.report,
        label=label or code,
        code=code,
        system=system,
        value=value,
        number=_number(value, kind),
        unit=analyte.unit,
        range=analyte.range,
        flag=analyte.flag,
        status=status,
        value_type=kind or None,
        sampled_at=sampled,
        issued_at=panel.issued_at or context.stamp,
        validated_by=obx["16.2.1"] or obx["16.2"],
    )


def _number(value: str | None, kind: str) -> float | None:
    """Return a number for plots; the text received stays what is shown."""
    if value is None or kind not in ("NM", "SN", "ST", ""):
        return None
    try:
        return float(value.strip().lstrip("<>=≤≥ ").replace(",", "."))
    except ValueError:
        return None


def _worst(flags: list[str]) -> str | None:
    order = ("critical-high", "critical-low", "critical-abnormal", "high", "low", "abnormal", "normal")
    return next((flag for flag in order if flag in flags), None)
