"""HL7 v2 prescriptions and administrations become facts. Pure.

Sources: HL7 v2.5 §4.8 (OMP^O09, RDE^O11), §4.13.1 (RXO), §4.14.4 (RXE), §4.14.2 (RXR), §4.14.7 (RXA), §4.14.14 (RAS).
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from releve.codecs.hl7v2.reader import NULL, Message, Segment
from releve.departments.prescribing.facts import MedicationAdministered, MedicationRequested
from releve.departments.prescribing.highalert import is_high_alert
from releve.departments.prescribing.timing import Timing, read_pattern, read_time
from releve.record.hl7 import instant_of, name_of
from releve.views.reading import Context, NotRead

__all__ = ["read_administration", "read_prescription"]

# ORC-1 (HL7 table 0119).
STATUSES = {
    "NW": "active", "PA": "active", "CH": "active", "RL": "active", "XO": "active", "XR": "active", "XX": "active",
    "RP": "active", "RO": "active", "RU": "active", "OK": None, "SC": None, "RE": None, "NA": None, "SN": "active",
    "HD": "suspended", "OH": "suspended", "HR": "suspended", "DC": "stopped", "OD": "stopped", "DR": "stopped",
    "CA": "cancelled", "OC": "cancelled", "CR": "cancelled", "OE": "active",
}  # fmt: skip
# ORC-5 (table 0038) where ORC-1 tells no state.
BY_STATUS = {
    "CM": "completed",
    "DC": "stopped",
    "CA": "cancelled",
    "HD": "suspended",
    "IP": "active",
    "A": "active",
    "SC": "active",
}
# RXA-20 (table 0322).
COMPLETIONS = {"CP": "given", "PA": "partial", "NA": "omitted", "RE": "refused", "": "given"}


class Group(msgspec.Struct, kw_only=True):
    """The segments of one order."""

    orc: Segment
    drug: Segment | None = None
    route: Segment | None = None
    timings: list[Segment] = []
    notes: list[str] = []
    given: list[Segment] = []


def read_prescription(message: Message, context: Context) -> Iterator[Any]:
    """Read OMP^O09 or RDE^O11: each order is a medication line, new or changed."""
    if not context.person:
        yield NotRead(reason="PID-3: expected an identifier of type PI")
        return
    for rank, group in enumerate(_groups(message), start=1):
        if group.drug is None and (group.orc["1"] or "NW") not in (
            "HD",
            "RL",
            "DC",
            "CA",
            "OC",
            "OD",
            "CR",
            "DR",
        ):
            yield NotRead(reason=f"ORC[{rank}]: expected RXE or RXO with the product")
            continue
        placer = group.orc["2.1"] or group.orc["3.1"]
        if not placer:
            yield NotRead(reason=f"ORC[{rank}]-2: expected the number of the order")
            continue
        yield _line(group, str(placer), context)


def read_administration(message: Message, context: Context) -> Iterator[Any]:
    """Read RAS^O17: each RXA is a dose charted."""
    if not context.person:
        yield NotRead(reason="PID-3: expected an identifier of type PI")
        return
    rank = 0
    for group in _groups(message):
        for rxa in group.given:
            rank += 1
            yield _dose(rxa, group, rank, context)


def _groups(message: Message) -> Iterator[Group]:
    group: Group | None = None
    for segment in message.all_segments():
        name = segment.name
        if name == "ORC":
            if group is not None:
                yield group
            group = Group(orc=segment)
        elif group is None:
            continue
        elif name in ("RXE", "RXO") and (group.drug is None or name == "RXE"):
            group.drug = segment  # RXE is what the pharmacist encoded; it says more than RXO
        elif name == "RXR" and group.route is None:
            group.route = segment
        elif name == "TQ1":
            group.timings.append(segment)
        elif name == "RXA":
            group.given.append(segment)
        elif name == "NTE" and segment["3"]:
            group.notes.append(str(segment["3"]))
    if group is not None:
        yield group


def _line(group: Group, placer: str, context: Context) -> MedicationRequested:
    orc, drug, route = group.orc, group.drug, group.route
    control = orc["1"] or "NW"
    status = STATUSES.get(control, "active")
    if status is None or (status == "active" and orc["5"] in ("DC", "CM", "CA", "HD")):
        status = BY_STATUS.get(orc["5"] or "", status)
    common: dict[str, Any] = {
        "person": context.person, "placer": placer, "visit": context.visit or None, "status": status,
        "prescriber": name_of(orc, 12), "ordered_at": instant_of(orc["9"], context),
    }  # fmt: skip
    if drug is None:
        # A suspension or a stop: what the line says stays.
        ended = instant_of(orc["15"], context) if status in ("stopped", "cancelled") else None
        return MedicationRequested(**common, end_at=ended)
    encoded = drug.name == "RXE"
    place = {"code": 2, "low": 3, "high": 4, "unit": 5, "form": 6, "words": 7} if encoded else {
        "code": 1, "low": 2, "high": 3, "unit": 4, "form": 5, "words": 6,
    }  # fmt: skip
    code, label = drug[f"{place['code']}.1"], drug[f"{place['code']}.2"]
    timing, times, start, end, condition, words = _timing(group, context)
    rate = " ".join(part for part in (drug["23"], drug["24.1"]) if part) if encoded else None
    note = [
        *group.notes,
        *(text for text in (drug[f"{place['words']}.2"] or drug[f"{place['words']}.1"],) if text),
    ]
    return MedicationRequested(
        **common,
        label=label or code,
        code=code,
        system=drug[f"{place['code']}.3"],
        dose_value=_dose_words(drug[str(place["low"])], drug[str(place["high"])]),
        dose_unit=drug[f"{place['unit']}.1"],
        form=drug[f"{place['form']}.2"] or drug[f"{place['form']}.1"],
        route=(route["1.2"] or route["1.1"]) if route is not None else None,
        route_code=route["1.1"] if route is not None else None,
        rate=rate or None,
        times=times or None,
        interval_hours=timing.interval_hours,
        schedule_text=words,
        as_needed=timing.as_needed or (condition is not None and not times and timing.interval_hours is None),
        condition=condition,
        start_at=start,
        end_at=end,
        high_alert=is_high_alert(label or code),
        note="\n".join(note) or None,
    )


def _dose_words(low: str | None, high: str | None) -> str | None:
    if low and high and low is not NULL and high is not NULL and low != high:
        return f"{low}-{high}"
    return low or high


def _timing(
    group: Group, context: Context
) -> tuple[Timing, tuple[str, ...], int | None, int | None, str | None, str | None]:
    """Return pattern, named hours, start, end, condition and the words received."""
    timing = Timing()
    times: list[str] = []
    start = end = None
    condition: str | None = None
    words: list[str] = []
    for tq1 in group.timings:
        for pattern in tq1.repetitions(3):
            found = read_pattern(pattern["1"])
            if pattern["1"]:
                words.append(str(pattern["1"]))
            timing = found if found.known or found.as_needed else timing
            # RPT.11: explicit times in the pattern itself are rare; TQ1-4 is where they stand.
        for moment in tq1.repetitions(4):
            time = read_time(moment["1"])
            if time is not None and time not in times:
                times.append(time)
        start = start or instant_of(tq1["7"], context)
        end = instant_of(tq1["8"], context) or end
        condition = condition or tq1["10"]
        if tq1["11"]:
            words.append(str(tq1["11"]))
    if not group.timings and group.drug is not None and group.drug.name == "RXE":
        old = group.drug
        timing = read_pattern(old["1.2.1"] or old["1.2"])
        start, end = instant_of(old["1.4"], context), instant_of(old["1.5"], context)
        condition = old["1.7"]
        words = [text for text in (old["1.2"], old["1.8"]) if text]
    return timing, tuple(sorted(times)), start, end, condition, ", ".join(words) or None


def _dose(rxa: Segment, group: Group, rank: int, context: Context) -> MedicationAdministered:
    placer = group.orc["2.1"] or group.orc["3.1"]
    status = COMPLETIONS.get(rxa["20"] or "", "given")
    value = rxa["6"]
    return MedicationAdministered(
        person=context.person,
        request=placer,
        rank=rank,
        visit=context.visit or None,
        label=rxa["5.2"] or rxa["5.1"],
        code=rxa["5.1"],
        given_at=instant_of(rxa["3"], context) or context.stamp,
        status=status,
        # HL7 writes 999 for an amount that is not known (§4.14.7.6).
        dose_value=None if value == "999" else value,
        dose_unit=rxa["7.1"],
        reason=rxa["18.2"] or rxa["18.1"],
        by=name_of(rxa, 10),
        route=group.route["1.2"] if group.route is not None else None,
        lot=rxa["15"],
    )
