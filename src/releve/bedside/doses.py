"""When a medication line is to be given, and what was charted: the grid of screen and paper. Pure.

A slot is only made where the prescription says a time: fixed hours, or an interval from a known start. A line
"three times a day" without hours has none, and says so; hours are never invented.
Interval rule: [start, end[ (half-open). Hours are the hospital's; nights of 23 and 25 hours have that many.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

__all__ = ["Charted", "Line", "Slot", "doubted", "hours_of", "next_due", "past_end", "slots_of"]

HOUR_MS = 3_600_000
# A dose may be charted this long before or after its hour and still be that dose.
NEAR_MS = 2 * HOUR_MS
LATE_MS = HOUR_MS  # over one hour past its time and nothing charted: late
TWIN_MS = HOUR_MS // 2  # two chartings "as needed" this near may be one dose
GIVEN = ("given", "partial")


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """What the grid needs of a medication line. Instants are UTC milliseconds."""

    status: str
    times: tuple[str, ...] = ()
    interval_hours: float | None = None
    as_needed: bool = False
    start_at: int | None = None
    end_at: int | None = None


class Charted(msgspec.Struct, frozen=True, kw_only=True):
    """One dose charted on the line."""

    at: int
    status: str  # given, partial, omitted, refused, unknown; "deleted" is no dose
    dose: str = ""
    by: str = ""
    reason: str = ""
    due_at: int | None = None  # the hour it answers, when whoever charted it said so
    row: str = ""  # of the views; "" where nobody asks


class Slot(msgspec.Struct, frozen=True, kw_only=True):
    """One place of the grid.

    `due`: to be given, not yet time or just now. `late`: past its time, the feed of administrations was still
    heard since. `unknown`: past its time, but nothing is heard since then: it may have been given; or nobody may give
    it any more, because the line has reached its end.
    """

    at: int
    state: Literal["due", "late", "unknown", "given", "partial", "omitted", "refused"]
    planned: bool = True  # False: charted outside any planned hour
    charted: Charted | None = None
    twice: bool = False  # perhaps the same dose charted twice: both are kept, somebody must ask


def past_end(line: Line, now_ms: int) -> bool:
    """Tell whether a line that nobody stopped has reached the end that was prescribed: to be checked, never due.

    >>> past_end(Line(status="active", end_at=5), 5), past_end(Line(status="active"), 5)
    (True, False)
    """
    return line.status == "active" and line.end_at is not None and line.end_at <= now_ms


def hours_of(from_ms: int, zone: ZoneInfo, hours: int = 24) -> list[tuple[int, str]]:
    """Return the beginning of each hour of a day from `from_ms` and its label; 23 or 25 of them when clocks change.

    The doubled hour is "02 A" and "02 B".

    >>> from zoneinfo import ZoneInfo
    >>> len(hours_of(1792879200000, ZoneInfo("Europe/Paris")))  # 25 October 2026, 00:00
    25
    """
    start = (
        datetime.fromtimestamp(from_ms / 1000, UTC)
        .astimezone(zone)
        .replace(minute=0, second=0, microsecond=0)
    )
    end_wall = start.replace(tzinfo=None) + timedelta(hours=hours)
    end = end_wall.replace(tzinfo=zone).astimezone(UTC)
    found: list[tuple[int, str]] = []
    moment = start.astimezone(UTC)
    while moment < end:
        local = moment.astimezone(zone)
        twin = local.replace(fold=1 - local.fold)
        doubled = (
            twin.utcoffset() != local.utcoffset() and twin.astimezone(UTC).astimezone(zone).hour == local.hour
        )
        label = f"{local.hour:02d}" + ((" B" if local.fold else " A") if doubled else "")
        found.append((int(moment.timestamp() * 1000), label))
        moment += timedelta(hours=1)
    return found


def slots_of(
    line: Line,
    charted: Sequence[Charted],
    *,
    from_ms: int,
    to_ms: int,
    now_ms: int,
    heard_ms: int | None,
    zone: ZoneInfo,
) -> list[Slot]:
    """Return the slots of a line in [from, to[, in order.

    `heard_ms` is the latest message of the feed of administrations: past it, nothing charted proves nothing.
    """
    left = sorted((dose for dose in charted if dose.status != "deleted"), key=lambda dose: dose.at)
    slots: list[Slot] = []
    ended = past_end(line, now_ms)
    planned = _planned(line, left, from_ms - NEAR_MS, to_ms, zone)
    for at in planned:
        dose = _answers(left, at, planned, _reach(line))
        if dose is not None:
            left.remove(dose)
            slots.append(Slot(at=at, state=_state(dose), charted=dose))
        elif ended:
            slots.append(Slot(at=at, state="unknown"))
        elif at >= now_ms - LATE_MS:
            slots.append(Slot(at=at, state="due"))
        elif heard_ms is not None and heard_ms >= at + LATE_MS:
            slots.append(Slot(at=at, state="late"))
        else:
            slots.append(Slot(at=at, state="unknown"))
    slots += [Slot(at=dose.at, state=_state(dose), planned=False, charted=dose) for dose in left]
    slots = _suspected(slots, line)
    return sorted((slot for slot in slots if from_ms <= slot.at < to_ms), key=lambda slot: slot.at)


def _answers(left: Sequence[Charted], at: int, planned: Sequence[int], reach: int) -> Charted | None:
    """Return the charting that answers a planned hour: the one that says so, else the nearest; given before not given.

    Of two that say the same dose, one given and one not, given is the safer to believe: nothing is given again.
    """
    named = [dose for dose in left if dose.due_at == at]
    if named:
        return min(named, key=lambda dose: (dose.status not in GIVEN, abs(dose.at - at)))
    free = [dose for dose in left if dose.due_at is None or dose.due_at not in planned]
    dose = min(free, key=lambda dose: abs(dose.at - at), default=None)
    return dose if dose is not None and abs(dose.at - at) <= reach else None


def _suspected(slots: list[Slot], line: Line) -> list[Slot]:
    """Return the slots with those marked that may be one dose charted twice."""
    marked: set[int] = set()
    for place, slot in enumerate(slots):
        if slot.charted is None:
            continue
        for other_place, other in enumerate(slots):
            if other_place <= place or other.charted is None or (slot.planned and other.planned):
                continue
            if slot.charted.status not in GIVEN and other.charted.status not in GIVEN:
                continue
            same = slot.charted.due_at is not None and slot.charted.due_at == other.charted.due_at
            apart = abs(slot.charted.at - other.charted.at)
            if same or apart <= (TWIN_MS if line.as_needed else _reach(line)):
                marked |= {place, other_place}
    return [
        msgspec.structs.replace(slot, twice=True) if place in marked else slot
        for place, slot in enumerate(slots)
    ]


def doubted(
    slots: Sequence[Slot],
    *,
    now_ms: int,
    frozen: bool,
    back_ms: int | None = None,
    here_ms: int | None = None,
) -> list[Slot]:
    """Return the slots as a screen shows them: while charting is not heard, what was due by now may have been given.

    `frozen`: the application that charts is down, or its feed silent. A dose is then asked about, never called due.
    `back_ms`: it was down and is back since; what was due before may have been charted on paper, which is not here.
    `here_ms`: since then this ward charts here: what was due since is known, what was due before is asked about.
    """
    until = here_ms - 1 if here_ms is not None else now_ms if frozen else back_ms
    if until is None:
        return list(slots)
    return [
        msgspec.structs.replace(slot, state="unknown")
        if slot.state in ("due", "late") and slot.at <= until
        else slot
        for slot in slots
    ]


def next_due(slots: Sequence[Slot]) -> Slot | None:
    """Return the slot that comes first for the nurse: a late one, else the next due."""
    late = [slot for slot in slots if slot.state == "late"]
    if late:
        return late[0]
    return next((slot for slot in slots if slot.state == "due"), None)


def _planned(line: Line, charted: Sequence[Charted], from_ms: int, to_ms: int, zone: ZoneInfo) -> list[int]:
    if line.status != "active" or line.as_needed:
        return []
    start = max(from_ms, line.start_at if line.start_at is not None else from_ms)
    end = min(to_ms, line.end_at if line.end_at is not None else to_ms)
    every_days = int(line.interval_hours / 24) if line.interval_hours and line.interval_hours % 24 == 0 else 0
    if line.times:
        hours = [at for at in _at_hours(line.times, start, end, zone) if start <= at < end]
        if not line.interval_hours or line.interval_hours <= 24:
            return hours
        # Weekly methotrexate at eight is not methotrexate every day at eight.
        if line.start_at is None or not every_days:
            return []
        first_day = _day(line.start_at, zone)
        return [at for at in hours if (_day(at, zone) - first_day).days % every_days == 0]
    if not line.interval_hours or line.interval_hours <= 0:
        return []
    anchor = line.start_at if line.start_at is not None else (charted[0].at if charted else None)
    if anchor is None:
        return []
    if every_days:
        # Once a day stays at its hour when the clocks change.
        begun = datetime.fromtimestamp(anchor / 1000, UTC).astimezone(zone)
        seconds = anchor % 60_000
        hours = [at + seconds for at in _at_hours((begun.strftime("%H:%M"),), start, end, zone)]
        return [
            at for at in hours if start <= at < end and (_day(at, zone) - begun.date()).days % every_days == 0
        ]
    step = int(line.interval_hours * HOUR_MS)
    if step < 1:
        return []
    first = anchor + max(0, -(-(start - anchor) // step)) * step
    return list(range(first, end, step))


def _day(at_ms: int, zone: ZoneInfo) -> date:
    return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(zone).date()


def _at_hours(times: Sequence[str], from_ms: int, to_ms: int, zone: ZoneInfo) -> list[int]:
    day = datetime.fromtimestamp(from_ms / 1000, UTC).astimezone(zone).date() - timedelta(days=1)
    last = datetime.fromtimestamp(to_ms / 1000, UTC).astimezone(zone).date() + timedelta(days=1)
    found = []
    while day <= last:
        for time in times:
            # An hour that a night skips is read as the hour after it; a doubled one is given once, at its first.
            moment = datetime(day.year, day.month, day.day, int(time[:2]), int(time[3:5]), tzinfo=zone)
            found.append(int(moment.timestamp() * 1000))
        day += timedelta(days=1)
    return sorted(set(found))


def _reach(line: Line) -> int:
    if line.interval_hours and not line.times:
        return min(NEAR_MS, int(line.interval_hours * HOUR_MS / 2))
    return NEAR_MS


def _state(dose: Charted) -> Literal["given", "partial", "omitted", "refused", "unknown"]:
    # Charted with a code that nobody here knows: it may have been given.
    known = ("partial", "omitted", "refused", "unknown")
    return dose.status if dose.status in known else "given"  # type: ignore[return-value]
