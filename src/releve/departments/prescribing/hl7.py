"""HL7 v2 prescriptions and administrations become facts. Pure.

Sources: HL7 v2.5 §4.8 (OMP^O09, RDE^O11), §4.13.1 (RXO), §4.13.3 (RXC), §4.14.4 (RXE), §4.14.2 (RXR), §4.14.7 (RXA),
§4.14.14 (RAS); §4.5.1.1 (ORC-1: RP and RU name what is replaced, RO what replaces it).
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from releve.codecs.hl7v2.reader import NULL, Message, Segment
from releve.departments.prescribing.facts import MedicationAdministered, MedicationRequested
from releve.departments.prescribing.highalert import is_high_alert
from releve.departments.prescribing.schedule import read_plan
from releve.record.first_said import first_said, number_said
from releve.record.hl7 import instant_of, name_of
from releve.views.numbers import entity
from releve.views.reading import Context, NotRead

__all__ = ["read_administration", "read_prescription"]

# ORC-1 (HL7 table 0119). None: the message changes the line, not its state.
STATUSES = {
    "NW": "active", "PA": "active", "CH": "active", "RL": "active", "RO": "active", "SN": "active", "OE": "active",
    "XO": None, "XR": None, "XX": None, "OK": None, "SC": None, "RE": None, "NA": None, "UC": None, "UD": None,
    "UH": None, "UR": None, "UX": None, "SR": None, "SS": None,
    "HD": "suspended", "OH": "suspended", "HR": "suspended", "DC": "stopped", "OD": "stopped", "DR": "stopped",
    "CA": "cancelled", "OC": "cancelled", "CR": "cancelled", "UA": "cancelled",
}  # fmt: skip
REPLACED = ("RP", "RU", "RQ")
ENDED = ("stopped", "cancelled")
# ORC-5 (table 0038) where ORC-1 tells no state.
BY_STATUS = {
    "CM": "completed",
    "DC": "stopped",
    "CA": "cancelled",
    "RP": "stopped",
    "HD": "suspended",
    "IP": "active",
    "A": "active",
    "SC": "active",
}
# RXA-20 (table 0322).
COMPLETIONS = {"CP": "given", "PA": "partial", "NA": "omitted", "RE": "refused"}


class Group(msgspec.Struct, kw_only=True):
    """The segments of one order."""

    orc: Segment | None
    drug: Segment | None = None
    route: Segment | None = None
    timings: list[Segment] = []
    parts: list[Segment] = []
    notes: list[str] = []
    given: list[Segment] = []


def read_prescription(message: Message, context: Context) -> Iterator[Any]:
    """Read OMP^O09 or RDE^O11: each order is a medication line, new or changed."""
    if not context.person:
        yield NotRead(reason="PID-3: expected an identifier of type PI")
        return
    groups = list(_groups(message))
    if not groups:
        yield NotRead(reason="ORC: expected at least one order")
    replacing = any(group.orc is not None and group.orc["1"] == "RO" for group in groups)
    for rank, group in enumerate(groups, start=1):
        orc = group.orc
        placer = number_said(orc, "2", "3")
        if orc is None or not placer:
            yield NotRead(reason=f"ORC[{rank}]-2: expected the number of the order")
            continue
        control, parent = orc["1"] or "NW", _parent(orc)
        status = STATUSES.get(control, "active")
        if control in REPLACED:
            # With a parent it is the new order that speaks; before an RO it is the old one, whose doses end here.
            status = "stopped" if replacing and parent in (None, placer) else "active"
        if status in (None, "active") and orc["5"] in BY_STATUS:
            status = (
                BY_STATUS[str(orc["5"])] if status is None or orc["5"] in ("DC", "CM", "CA", "HD") else status
            )
        if group.drug is None and (control == "NW" or (status is None and not group.timings)):
            yield NotRead(reason=f"ORC[{rank}]: expected RXE or RXO with the product")
            continue
        yield _line(group, orc, placer, status, context)
        if parent and parent != placer and control in (*REPLACED, "RO"):
            yield MedicationRequested(person=context.person, placer=parent, status="stopped")


def read_administration(message: Message, context: Context) -> Iterator[Any]:
    """Read RAS^O17: each RXA is a dose charted."""
    if not context.person:
        yield NotRead(reason="PID-3: expected an identifier of type PI")
        return
    said: dict[tuple[Any, ...], int] = {}
    for group in _groups(message):
        for rxa in group.given:
            dose = _dose(rxa, group, context)
            if dose.status == "unknown":
                yield NotRead(reason="RXA-20: expected CP, PA, NA or RE")
            place = (dose.request, dose.code, dose.given_at)
            said[place] = said.get(place, 0) + 1
            yield msgspec.structs.replace(dose, rank=said[place])
    if not said:
        yield NotRead(reason="RXA: expected at least one dose")


def _groups(message: Message) -> Iterator[Group]:
    group: Group | None = None
    for segment in message.all_segments():
        name = segment.name
        if name == "ORC" or (name == "RXA" and group is None):
            if group is not None:
                yield group
            group = Group(orc=segment if name == "ORC" else None)
        if group is None or name == "ORC":
            continue
        if name in ("RXE", "RXO") and (group.drug is None or name == "RXE"):
            group.drug = segment  # RXE is what the pharmacist encoded; it says more than RXO
        elif name == "RXR" and group.route is None:
            group.route = segment
        elif name == "RXC":
            group.parts.append(segment)
        elif name == "TQ1":
            group.timings.append(segment)
        elif name == "RXA":
            group.given.append(segment)
        elif name == "NTE" and segment["3"] and segment["3"] is not NULL:
            group.notes.append(str(segment["3"]))
    if group is not None:
        yield group


def _line(
    group: Group, orc: Segment, placer: str, status: str | None, context: Context
) -> MedicationRequested:
    drug, route = group.drug, group.route
    ordered_at = instant_of(orc["9"], context)
    plan = read_plan(group.timings, drug, orc, context, ordered_at)
    ended = None
    if status in ENDED:
        ended = instant_of(orc["15"], context)
        if ended is None and drug is None:
            ended = plan.end_at
        if ended is not None and ended > context.stamp:
            # "Stop tomorrow at eight": until then it is given.
            status = None
        plan = msgspec.structs.replace(plan, end_at=ended if ended is not None else plan.end_at)
    common: dict[str, Any] = {
        "person": context.person, "placer": placer, "visit": context.visit or None, "status": status,
        "prescriber": name_of(orc, 12), "ordered_at": ordered_at,
    }  # fmt: skip
    if ended is not None and drug is None:
        return MedicationRequested(**common, end_at=ended)
    if plan.told and (drug is not None or status not in ENDED):
        common |= {
            "times": plan.times or None, "interval_hours": plan.interval_hours, "schedule_text": plan.words,
            "as_needed": plan.as_needed, "condition": plan.condition, "start_at": plan.start_at,
            "end_at": plan.end_at, "timed": True,
        }  # fmt: skip
    elif ended is not None:
        common["end_at"] = ended
    if drug is None:
        # A suspension, a stop, or new hours: what the line says stays.
        return MedicationRequested(**common)
    encoded = drug.name == "RXE"
    place = {"code": 2, "low": 3, "high": 4, "unit": 5, "form": 6, "words": (7,), "rate": 23} if encoded else {
        "code": 1, "low": 2, "high": 3, "unit": 4, "form": 5, "words": (6, 7), "rate": 21,
    }  # fmt: skip
    code, label = (
        first_said(drug, f"{place['code']}.1"),
        first_said(drug, f"{place['code']}.2", f"{place['code']}.5"),
    )
    product = label or code
    others = [words for part in group.parts if (words := _part(part)) and not _is_product(part, code, label)]
    if others:
        # What is mixed in is given too, and may be what two people check.
        product = " + ".join([product, *others] if product else others)
    rate = (first_said(drug, f"{place['rate']}"), first_said(drug, f"{int(str(place['rate'])) + 1}.1",
            f"{int(str(place['rate'])) + 1}.2"))  # fmt: skip
    note = [
        *group.notes,
        *(text for field in place["words"] if (text := first_said(drug, f"{field}.2", f"{field}.1"))),  # type: ignore[attr-defined]
    ]
    unit = first_said(drug, f"{place['unit']}.1", f"{place['unit']}.2")
    return MedicationRequested(
        **common,
        label=product,
        code=code,
        system=first_said(drug, f"{place['code']}.3"),
        dose_value=plan.dose
        or _dose_words(first_said(drug, str(place["low"])), first_said(drug, str(place["high"]))),
        dose_unit=None if plan.dose else unit,
        form=first_said(drug, f"{place['form']}.2", f"{place['form']}.1"),
        route=first_said(route, "1.2", "1.1") if route is not None else None,
        route_code=first_said(route, "1.1") if route is not None else None,
        rate=" ".join(part for part in rate if part) or None,
        high_alert=is_high_alert(product),
        note="\n".join(dict.fromkeys(note)) or None,
        whole=True,
        status_if_new="active",
    )


def _parent(orc: Segment) -> str | None:
    """Return the placer number in ORC-8 (EIP, whose first component holds the number and its namespace)."""
    number = first_said(orc, "8.1.1", "8.1")
    return entity(number, first_said(orc, "8.1.2", "8.1.3")) if number else None


def _part(part: Segment) -> str:
    """Return a component in words: product, amount, unit."""
    words = (first_said(part, "2.2", "2.1"), first_said(part, "3"), first_said(part, "4.1", "4.2"))
    return " ".join(word for word in words if word)


def _is_product(part: Segment, code: str | None, label: str | None) -> bool:
    return (code is not None and part["2.1"] == code) or (label is not None and part["2.2"] == label)


def _dose_words(low: str | None, high: str | None) -> str | None:
    if low and high and low != high:
        return f"{low}-{high}"
    return low or high


def _dose(rxa: Segment, group: Group, context: Context) -> MedicationAdministered:
    placer = number_said(group.orc, "2", "3")
    reason, value = first_said(rxa, "18.2", "18.1"), first_said(rxa, "6")
    said = rxa["20"] or ""
    if rxa["21"] == "D":
        status = "deleted"
    elif said:
        status = COMPLETIONS.get(said, "unknown")
    else:
        # RXA-18 is only filled when the patient refused; an amount of nothing is a dose that was not given.
        status = "refused" if reason else "omitted" if _is_nothing(value) else "given"
    return MedicationAdministered(
        person=context.person,
        request=placer,
        rank=1,
        visit=context.visit or None,
        label=first_said(rxa, "5.2", "5.1"),
        code=first_said(rxa, "5.1"),
        given_at=instant_of(rxa["3"], context) or context.stamp,
        status=status,
        # HL7 writes 999 for an amount that is not known (§4.14.7.6).
        dose_value=None if value == "999" else value,
        dose_unit=first_said(rxa, "7.1", "7.2"),
        reason=reason,
        by=name_of(rxa, 10),
        route=first_said(group.route, "1.2", "1.1") if group.route is not None else None,
        lot=first_said(rxa, "15"),
        number=first_said(rxa, "2"),
        action=first_said(rxa, "21"),
    )


def _is_nothing(value: str | None) -> bool:
    return value is not None and not value.strip("0.,")
