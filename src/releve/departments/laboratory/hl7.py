"""HL7 v2 orders and results of medical biology become facts. Pure.

Sources: HL7 v2.5 §4.4 (OML), §4.5.1 (ORC), §7.3.1 (ORU), §7.4.1 (OBR), §7.4.2 (OBX); IHE LAB-1, LAB-3.
"""

import math
from collections.abc import Iterator
from typing import Any

import msgspec

from releve.codecs.hl7v2.reader import NULL, Message, Segment
from releve.departments.laboratory.facts import ResultReported
from releve.record.facts import ServiceRequested
from releve.record.first_said import first_said, number_said
from releve.record.hl7 import instant_of
from releve.record.orders import is_imaging, read_orders
from releve.views.numbers import extended
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

# OBR-25 (table 0123). A: some results, not all of them.
ANSWERED = {"F": "completed", "C": "completed", "X": "cancelled"}

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
    pending: ResultReported | None = None
    notes: list[str] = []
    told: dict[tuple[str, str], int] = {}
    rank = 0
    for segment in message.all_segments():
        name = segment.name
        if name == "ORC":
            orc = segment
        elif name == "OBR":
            yield from _with_note(pending, notes)
            pending, notes, panel, rank = None, [], _panel(segment, orc, context), 0
            if not panel.imaging:
                yield _request(segment, orc, context)
        elif name == "OBX":
            yield from _with_note(pending, notes)
            pending, notes = None, []
            if panel is None:
                # A result is a result, even from a sender that does not say of which request.
                panel = _panel(None, orc, context)
            rank += 1
            result = None if panel.imaging else _result(message, segment, panel, context, rank)
            if type(result) is ResultReported:
                # The same measure twice in a report (before and after a meal, two swabs) is two results.
                place = (result.sample, result.series)
                told[place] = told.get(place, 0) + 1
                if told[place] > 1:
                    result = msgspec.structs.replace(
                        result, sample=extended(result.sample, f"#{told[place]}")
                    )
                pending = result
            elif result is not None:
                yield result
        elif name == "NTE" and pending is not None:
            note = first_said(segment, "3")
            if note:
                notes.append(note)
    yield from _with_note(pending, notes)


def _with_note(pending: ResultReported | None, notes: list[str]) -> Iterator[ResultReported]:
    if pending is None or (pending.value is None and pending.status == "final" and not notes):
        return  # an empty line of a report says nothing; with a comment ("clotted") it does
    yield msgspec.structs.replace(pending, note="\n".join(notes)) if notes else pending


def _request(obr: Segment, orc: Segment | None, context: Context) -> ServiceRequested:
    """The request behind a report: answered, whatever was known of it."""
    return ServiceRequested(
        person=context.person,
        placer=number_said(obr, "2")
        or number_said(orc, "2")
        or number_said(obr, "3")
        or f"{obr['4.1']}@{obr['7']}",
        department="laboratory",
        visit=context.visit or None,
        filler=first_said(obr, "3.1"),
        label=first_said(obr, "4.2", "4.1"),
        code=first_said(obr, "4.1"),
        system=first_said(obr, "4.3"),
        status=ANSWERED.get(obr["25"] or "F", "in-progress"),
    )


def _panel(obr: Segment | None, orc: Segment | None, context: Context) -> Panel:
    placer, filler = number_said(obr, "2"), number_said(obr, "3")
    return Panel(
        placer=placer,
        request=placer or number_said(orc, "2"),
        filler=filler or number_said(orc, "3"),
        report=first_said(obr, "4.2", "4.1") if obr is not None else None,
        sampled_at=instant_of(obr["7"], context) if obr is not None else None,
        issued_at=instant_of(obr["22"], context) if obr is not None else None,
        imaging=obr is not None and is_imaging(obr),
    )


def _analyte(message: Message, obx: Segment) -> Analyte:
    key = (message.reading, *(obx.raw_field(field) for field in (2, 3, 6, 7, 8)))
    found: Analyte | None = _measured.get(key)
    if found is None:
        signs = [(repetition["1"] or "").upper() for repetition in obx.repetitions(8)]
        flags = [FLAGS[sign] for sign in signs if sign in FLAGS]
        analyte = Analyte(
            kind=obx["2"] or "", code=first_said(obx, "3.1"), label=first_said(obx, "3.2", "3.5"),
            system=first_said(obx, "3.3"), unit=first_said(obx, "6.1", "6.2"), range=first_said(obx, "7"),
            flag=_worst(flags),
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
    text = _text(obx, kind)
    status = STATUSES.get(obx["11"] or "F", "final")
    if text is NULL:
        status = "cancelled"  # the null takes back what was reported
    value = None if not text or text is NULL else text
    sampled = instant_of(obx["14"], context) or panel.sampled_at
    issued = panel.issued_at or context.stamp
    sub = first_said(obx, "4")
    numeric = kind in ("NM", "SN")
    sample = panel.filler or panel.placer or str(sampled or context.stamp)
    return ResultReported(
        person=context.person,
        series=f"{code or label}^{system or ''}" + (f"/{sub}" if sub and not numeric else ""),
        sample=extended(sample, f".{sub}") if sub and numeric else sample,
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
        flag=None if status == "cancelled" else analyte.flag,
        status=status,
        value_type=kind or None,
        # A result without a moment would be on no page: it was taken, at the latest, when it was reported.
        sampled_at=sampled or issued,
        issued_at=issued,
        validated_by=obx["16.2.1"] or obx["16.2"],
    )


def _text(obx: Segment, kind: str) -> str | None:
    """Return OBX-5 in words; every repetition counts (two germs in one culture)."""
    if kind in ("TX", "FT", "ST"):
        return NULL if obx["5"] is NULL else obx.text(5)
    if kind == "SN":
        parts = (obx["5.1"], obx["5.2"], obx["5.3"], obx["5.4"])
        return NULL if obx["5"] is NULL else "".join(part for part in parts if part)
    said = []
    for repetition in obx.repetitions(5):
        text = repetition["2"] or repetition["1"] or repetition["9"]
        if text is NULL:
            return NULL
        if text:
            said.append(text)
    return ", ".join(said) or None


def _number(value: str | None, kind: str) -> float | None:
    """Return a number for plots; the text received stays what is shown."""
    if value is None or kind not in ("NM", "SN", "ST", ""):
        return None
    try:
        number = float(value.strip().lstrip("<>=≤≥ ").replace(",", "."))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _worst(flags: list[str]) -> str | None:
    order = ("critical-high", "critical-low", "critical-abnormal", "high", "low", "abnormal", "normal")
    return next((flag for flag in order if flag in flags), None)
