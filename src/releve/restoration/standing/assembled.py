"""The case as it stands: lines of the catalogue, what was reported, what was announced, put together. Pure.

A catalogue is written in quiet times; its hours count from the cut, whenever it comes, unless it names the date they
count from. Then what has a date (windows, absences, holidays) keeps it, and what counts from the cut moves with it.
Lines of dates (`facts.DatedHours`) keep them always.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from releve.restoration.case import (
    HOUR_MS,
    Calendar,
    CalendarException,
    Case,
    Person,
    PublishedDate,
    TaskState,
    Uncertainty,
    Window,
)
from releve.restoration.facts import DatedHours, PublishedMoment
from releve.restoration.fold import CaseHead
from releve.restoration.standing.lines import LISTS, Line, decoded, head_of
from releve.restoration.standing.tasks import TaskNow

__all__ = ["assemble", "hour_of", "hours_of"]


def hour_of(at_ms: int, starts_at_ms: int) -> int:
    """Return the hour of a case in which an instant falls.

    >>> hour_of(7_200_001, 0), hour_of(-1, 0)
    (2, -1)
    """
    return (at_ms - starts_at_ms) // HOUR_MS


def assemble(
    lines: Sequence[Line],
    *,
    starts_at_ms: int,
    now_ms: int,
    tasks: Mapping[str, TaskNow] | None = None,
    published: Iterable[PublishedMoment] = (),
    people: Mapping[str, tuple[str, ...]] | None = None,
) -> Case:
    """Return the case of a catalogue for a cut at `starts_at_ms` (hour 0), as it stands at `now_ms`.

    `people`: who does each task by the plan in force, for tasks begun of which nobody said who does them.
    """
    head = head_of(lines)
    found: dict[str, list[Any]] = {name: [] for name in LISTS.values()}
    dates: dict[str, list[DatedHours]] = defaultdict(list)
    uncertainty = Uncertainty()
    for line in sorted(lines, key=lambda one: (one.what, one.id)):
        if line.what == "uncertainty":
            uncertainty = decoded(line)
        elif line.what == "dates":
            dated: DatedHours = decoded(line)
            dates[dated.whom].append(dated)
        elif line.what in LISTS:
            found[LISTS[line.what]].append(decoded(line))
    shift = _shift(head, starts_at_ms)
    if shift:
        found["calendars"] = [_moved_calendar(one, shift) for one in found["calendars"]]
        found["people"] = [_moved_person(one, shift) for one in found["people"]]
    found["calendars"] = [
        _dated_calendar(one, dates.get(one.id, ()), starts_at_ms) for one in found["calendars"]
    ]
    found["people"] = [_dated_person(one, dates.get(one.id, ()), starts_at_ms) for one in found["people"]]
    zone = _zone(head.zone)
    now = max(0, hour_of(now_ms, starts_at_ms))
    known = {task.id for task in found["tasks"]}
    return Case(
        name=head.name,
        starts_at=datetime.fromtimestamp(starts_at_ms / 1000, UTC).astimezone(zone),
        zone=zone.key,
        now=now,
        calendars=tuple(found["calendars"]),
        skills=tuple(found["skills"]),
        people=tuple(found["people"]),
        resources=tuple(found["resources"]),
        applications=tuple(found["applications"]),
        tasks=tuple(found["tasks"]),
        services=tuple(found["services"]),
        states=tuple(
            state
            for one in (tasks or {}).values()
            if one.task in known
            and (state := _state(one, starts_at_ms, now, now_ms, people or {})) is not None
        ),
        published=tuple(
            PublishedDate(kind=date.kind, id=date.id, p80=max(0, hour_of(date.p80_us // 1000, starts_at_ms)))
            for date in published
        ),
        uncertainty=uncertainty,
    )


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("Europe/Paris")


def _shift(head: CaseHead, starts_at_ms: int) -> int:
    """Return by how many hours what has a date moves, from the catalogue's own hour 0 to that of the cut."""
    if not head.starts_at:
        return 0
    try:
        at = datetime.fromisoformat(head.starts_at)
    except ValueError:
        return 0
    if at.tzinfo is None:
        at = at.replace(tzinfo=_zone(head.zone))
    return round((at.timestamp() * 1000 - starts_at_ms) / HOUR_MS)


def hours_of(one: DatedHours, starts_at_ms: int, *, within: bool) -> tuple[int, int]:
    """Return the hours of a span: those that are whole within it, or all that it touches."""
    first, last = hour_of(one.from_ms, starts_at_ms), hour_of(one.to_ms, starts_at_ms)
    first_up, last_up = -hour_of(starts_at_ms, one.from_ms), -hour_of(starts_at_ms, one.to_ms)
    # Who comes at half past is there from the next hour on; who leaves at half past is away for the whole of it.
    return (first_up, max(last, first_up)) if within else (first, last_up)


def _dated_calendar(one: Calendar, dates: Sequence[DatedHours], starts_at_ms: int) -> Calendar:
    told = sorted(
        (each for each in dates if each.kind in ("closed", "worked")), key=lambda each: each.from_ms
    )
    more = []
    # A holiday that is worked all the same was said of the holiday: it comes last, and holds.
    for each in sorted(told, key=lambda each: each.kind == "worked"):
        works = each.kind == "worked"
        first, last = hours_of(each, starts_at_ms, within=works)
        more.append(CalendarException(from_hour=first, to_hour=last, works=works, name=each.name))
    return msgspec.structs.replace(one, exceptions=(*one.exceptions, *more)) if more else one


def _dated_person(one: Person, dates: Sequence[DatedHours], starts_at_ms: int) -> Person:
    away, there = list(one.absences), list(one.windows)
    for each in sorted(dates, key=lambda each: each.from_ms):
        if each.kind == "away":
            first, last = hours_of(each, starts_at_ms, within=False)
            away.append(Window(from_hour=first, to_hour=last))
        elif each.kind == "there":
            first, last = hours_of(each, starts_at_ms, within=True)
            there.append(Window(from_hour=first, to_hour=last))
    if len(away) == len(one.absences) and len(there) == len(one.windows):
        return one
    return msgspec.structs.replace(one, absences=tuple(away), windows=tuple(there))


def _moved_calendar(one: Calendar, shift: int) -> Calendar:
    moved = tuple(
        msgspec.structs.replace(each, from_hour=each.from_hour + shift, to_hour=each.to_hour + shift)
        for each in one.exceptions
    )
    return msgspec.structs.replace(one, exceptions=moved)


def _moved_person(one: Person, shift: int) -> Person:
    def moved(windows: Sequence[Any]) -> tuple[Any, ...]:
        return tuple(
            msgspec.structs.replace(each, from_hour=each.from_hour + shift, to_hour=each.to_hour + shift)
            for each in windows
        )

    return msgspec.structs.replace(one, windows=moved(one.windows), absences=moved(one.absences))


def _state(
    one: TaskNow, starts_at_ms: int, now: int, now_ms: int, people: Mapping[str, tuple[str, ...]]
) -> TaskState | None:
    if one.state == "todo":
        return None
    started = None
    if one.started_ms is not None:
        started = min(max(0, hour_of(one.started_ms, starts_at_ms)), now)
    did = one.people or people.get(one.task, ())
    if one.state == "done":
        ended = -((starts_at_ms - (one.ended_ms or now_ms)) // HOUR_MS)
        ended = min(max(0, ended), now)
        # Without those who did it nobody knows how many hours it took, and the forecast learns nothing.
        return TaskState(
            task=one.task,
            started=None if started is None else min(started, ended),
            ended=ended,
            people=did if started is not None else (),
        )
    until = one.last.until_ms if one.state == "blocked" else None
    blocked = None
    if one.state == "blocked":
        # Blocked until nobody knows when: not before the next day, and asked again then.
        blocked = max(now, hour_of(until, starts_at_ms)) if until is not None else now + 24
    return TaskState(
        task=one.task,
        started=started,
        people=did if started is not None else (),
        remaining_hours=one.last.remaining_hours if started is not None else None,
        blocked_until=blocked,
    )
