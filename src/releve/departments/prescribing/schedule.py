"""The hours of a medication line: TQ1 segments, or the older quantity/timing, become one plan. Pure.

A plan only names hours that the prescription names. Parts that do not agree (a dose that falls from day to day, a
weekly rhythm next to a daily one) are never melted into one: the line then has no hours, and its words say why.
Source: HL7 v2.5 §4.5.4 (TQ1), §4.3 (TQ, in ORC-7 and RXE-1); FHIR R4 Period (an end that is a day includes it).
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from releve.codecs.hl7v2.reader import NULL, Segment
from releve.codecs.hl7v2.timestamp import read_moment
from releve.departments.prescribing.timing import Timing, read_pattern, read_time
from releve.views.reading import Context

__all__ = ["Plan", "read_plan"]

DAY_MS = 86_400_000
DAYS = ("day", "month", "year")
# TQ1-6 is a quantity with units; the older form is a letter and a number. Milliseconds.
DURATIONS = {
    "S": 1_000, "SEC": 1_000, "M": 60_000, "MIN": 60_000, "H": 3_600_000, "HR": 3_600_000, "HEURE": 3_600_000,
    "HEURES": 3_600_000, "D": DAY_MS, "J": DAY_MS, "DAY": DAY_MS, "DAYS": DAY_MS, "JOUR": DAY_MS, "JOURS": DAY_MS,
    "W": 7 * DAY_MS, "WK": 7 * DAY_MS, "SEM": 7 * DAY_MS, "SEMAINE": 7 * DAY_MS, "SEMAINES": 7 * DAY_MS,
}  # fmt: skip
OLD_DURATION = re.compile(r"([SMHDW])(\d{1,4})")
PERIOD_UNITS = {
    "S": "S",
    "MIN": "M",
    "M": "M",
    "H": "H",
    "HR": "H",
    "D": "D",
    "DAY": "D",
    "J": "D",
    "W": "W",
    "WK": "W",
}


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """When a line is given. `told` is False when the message said nothing of it."""

    told: bool = False
    times: tuple[str, ...] = ()
    interval_hours: float | None = None
    as_needed: bool = False
    condition: str | None = None
    start_at: int | None = None
    end_at: int | None = None
    words: str | None = None
    dose: str | None = None  # doses that differ from hour to hour, in words with their units


class Phase(msgspec.Struct, kw_only=True):
    """One TQ1, or one repetition of the older field."""

    patterns: list[str]
    times: list[str]
    start: int | None = None
    start_is_day: bool = False
    end: int | None = None
    dose: str | None = None
    unit: str | None = None
    condition: str | None = None
    text: list[str] = []
    once: bool = False

    def rhythms(self) -> list[Timing]:
        """Return what each pattern says."""
        return [read_pattern(pattern) for pattern in self.patterns]


def read_plan(
    timings: Sequence[Segment],
    drug: Segment | None,
    orc: Segment | None,
    context: Context,
    ordered_at: int | None,
) -> Plan:
    """Return when a line is given; `ordered_at` bounds a single dose whose start is not said."""
    phases = [_from_tq1(tq1, context) for tq1 in timings]
    if not phases:
        old = drug.repetitions(1) if drug is not None and drug.name == "RXE" else []
        old = [one for one in old if one.raw] or (
            [] if orc is None else [one for one in orc.repetitions(7) if one.raw]
        )
        phases = [_from_tq(one, context) for one in old]
        # RXE-1 is often filled with the quantity alone, which says nothing of hours.
        phases = [
            one
            for one in phases
            if one.patterns or one.times or one.start or one.end or one.text or one.condition
        ]
    if not phases:
        return Plan()
    return _plan(phases, ordered_at, context.zone)


def _plan(phases: list[Phase], ordered_at: int | None, zone: ZoneInfo) -> Plan:
    words = [word for phase in phases for word in (*phase.patterns, *phase.text)]
    planned = [phase for phase in phases if not _as_needed(phase)]
    conditions = list(dict.fromkeys(phase.condition for phase in phases if phase.condition))
    found: dict[str, Any] = {
        "told": True,
        "condition": ", ".join(conditions) or None,
        "dose": _doses(phases),
    }
    spans = {(phase.start, phase.end) for phase in planned or phases}
    starts, ends = [one for one, _ in spans], [one for _, one in spans]
    start = min((one for one in starts if one is not None), default=None)
    end = None if None in ends else max(one for one in ends if one is not None)
    times: tuple[str, ...] = ()
    interval: float | None = None
    if not planned:
        interval = next((one.interval_hours for phase in phases for one in phase.rhythms()), None)
    elif len(spans) == 1:
        times, interval = _hours(planned)
    if len(spans) > 1 or (not times and interval is None):
        # What the grid cannot hold stands in the words: hours too, and from when to when.
        words += [time for phase in phases for time in phase.times]
    if any(phase.once for phase in planned):
        if len(planned) > 1:
            times, interval = (), None
        else:
            start = start if start is not None else ordered_at
            times, interval = (times if len(times) == 1 and start is not None else ()), None
            if not planned[0].times and planned[0].start is not None and not planned[0].start_is_day:
                begun = datetime.fromtimestamp(planned[0].start / 1000, UTC).astimezone(zone)
                times = (begun.strftime("%H:%M"),)
            if start is not None:
                end = min(start + DAY_MS, end if end is not None else start + DAY_MS)
    return Plan(
        times=times,
        interval_hours=interval,
        as_needed=not planned,
        start_at=start,
        end_at=end,
        words=", ".join(dict.fromkeys(words)) or None,
        **found,
    )


def _as_needed(phase: Phase) -> bool:
    rhythms = phase.rhythms()
    if any(one.as_needed for one in rhythms):
        return True
    return bool(phase.condition) and not phase.times and not any(one.interval_hours for one in rhythms)


def _hours(phases: list[Phase]) -> tuple[tuple[str, ...], float | None]:
    """Return the hours of the day and the interval, both empty when the parts do not tell one rhythm."""
    every: list[str] = []
    intervals: set[float | None] = set()
    for phase in phases:
        rhythms = phase.rhythms()
        if any(not one.known for one in rhythms):
            return (), None  # an unknown word may mean "on Mondays": its hours are not every day's
        found = {one.interval_hours for one in rhythms if not one.once}
        if len(found) > 1:
            return (), None
        interval = next(iter(found), None)
        asked = [one.per_day for one in rhythms if one.per_day is not None]
        if phase.times and asked and round(sum(asked)) != len(phase.times):
            return (), None  # four times a day, and two hours: one of them is wrong
        if not phase.times and phase.start_is_day:
            interval = None  # a day is no hour to count from
        if interval is not None and interval > 24 and phase.start is None:
            return (), None  # every seven days from nobody knows when
        intervals.add(interval)
        every += phase.times
    if len(intervals) > 1 or (len(phases) > 1 and any(not phase.times for phase in phases)):
        return (), None
    return tuple(sorted(set(every))), next(iter(intervals), None)


def _doses(phases: list[Phase]) -> str | None:
    """Return the doses in words when they differ, such as "10 UI (08:00) · 6 UI (20:00)"."""
    said = [(phase.dose, phase.unit) for phase in phases]
    if len(set(said)) < 2 or sum(1 for dose, _ in said if dose) < 2:
        return None
    parts = []
    for phase in phases:
        when = ", ".join([*phase.times, *phase.patterns] if not phase.times else phase.times)
        dose = " ".join(part for part in (phase.dose or "?", phase.unit) if part)
        parts.append(f"{dose} ({when})" if when else dose)
    return " · ".join(parts)


def _told(text: str | None) -> str | None:
    return None if text is None or text is NULL else str(text)


def _from_tq1(tq1: Segment, context: Context) -> Phase:
    patterns = []
    for repetition in tq1.repetitions(3):
        code, unit = _told(repetition["1"]), PERIOD_UNITS.get((repetition["6"] or "").upper())
        if code is None and unit and (repetition["5"] or "").isdigit():
            code = f"Q{repetition['5']}{unit}"
        if code:
            patterns.append(code)
    times = [time for moment in tq1.repetitions(4) if (time := read_time(moment["1"])) is not None]
    phase = Phase(
        patterns=patterns,
        times=sorted(set(times)),
        dose=_told(tq1["2.1"]),
        unit=_told(tq1["2.2.1"]) or _told(tq1["2.2"]),
        condition=_told(tq1["10"]),
        text=[text for text in (_told(tq1["11"]),) if text],
    )
    duration = _told(tq1["6.1"])
    length = None
    if duration is not None:
        unit = _told(tq1["6.2.1"]) or _told(tq1["6.2"]) or ""
        phase.text.append(f"{duration} {unit}".strip())
        if duration.isdigit() and unit.upper() in DURATIONS:
            length = int(duration) * DURATIONS[unit.upper()]
    _bound(phase, tq1["7"], tq1["8"], length, context)
    _count(phase, _told(tq1["14"]))
    return phase


def _from_tq(old: Any, context: Context) -> Phase:
    pattern, condition, text = _told(old["2.1"]), _told(old["7"]), _told(old["8"])
    listed = [read_time(part) for part in (_told(old["2.2"]) or "").split(",")]
    phase = Phase(
        patterns=[pattern] if pattern else [],
        times=sorted({time for time in listed if time is not None}),
        dose=_told(old["1.1"]),
        unit=_told(old["1.2"]),
        condition=condition,
        text=[text] if text else [],
    )
    duration = _told(old["3"])
    length = None
    if duration is not None:
        phase.text.append(duration)
        match = OLD_DURATION.fullmatch(duration.upper())
        length = int(match[2]) * DURATIONS[match[1]] if match else None
    _bound(phase, old["4"], old["5"], length, context)
    _count(phase, _told(old["12"]) or (duration[1:] if duration and duration[:1].upper() == "X" else None))
    return phase


def _bound(phase: Phase, start: str | None, end: str | None, length: int | None, context: Context) -> None:
    begun = read_moment(start, context.zone) if start and start is not NULL else None
    if begun is not None:
        phase.start, phase.start_is_day = begun.at_us // 1000, begun.precision in DAYS
    ended = read_moment(end, context.zone) if end and end is not NULL else None
    if ended is not None:
        phase.end = ended.at_us // 1000
        if ended.precision == "day":
            day = datetime.fromtimestamp(phase.end / 1000, UTC).astimezone(context.zone).date() + timedelta(
                days=1
            )
            phase.end = int(datetime(day.year, day.month, day.day, tzinfo=context.zone).timestamp() * 1000)
    elif phase.start is not None and length:
        phase.end = phase.start + length
    for said, read in ((start, begun), (end, ended)):
        if said and said is not NULL and read is None:
            phase.text.append(str(said))


def _count(phase: Phase, occurrences: str | None) -> None:
    phase.once = any(one.once for one in phase.rhythms()) or occurrences == "1"
    if occurrences and occurrences != "1":
        phase.text.append(f"× {occurrences}")
