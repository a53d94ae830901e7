"""A case that comes back from a file, as lines of the catalogue: what has a date here is not said a second time. Pure.

A file holds hours; the catalogue the dates by which some of them were said. Whoever corrects a name in a spreadsheet
and brings it back has not typed that person's holidays anew.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from releve.restoration.case import Calendar, CalendarException, Case, Person, Window
from releve.restoration.facts import DatedHours
from releve.restoration.standing.assembled import assemble, hours_of
from releve.restoration.standing.lines import Line, dates_of, decoded_of, line_of, lines_of

__all__ = ["lines_brought"]


def lines_brought(case: Case, stand: Sequence[Line]) -> tuple[list[Line], frozenset[tuple[str, str]]]:
    """Return the lines that a case brings, and those of dates (what, id) that it takes out.

    Who and what stands as the case says it keeps its own lines, dates included. Of who is said otherwise the dates that
    the case still holds stay dates; those that it no longer holds are taken out.
    """
    starts = case.starts_at_ms
    # Hours of the file count from its own beginning: the dates that stand are read by the same.
    told = assemble(stand, starts_at_ms=starts, now_ms=starts)
    people, calendars = {one.id: one for one in told.people}, {one.id: one for one in told.calendars}
    lines = [line for line in lines_of(case) if line.what not in ("person", "calendar", "dates")]
    gone: set[tuple[str, str]] = set()
    for person in case.people:
        dated = dates_of(stand, person.id)
        if person == people.get(person.id):
            lines += _as_it_stands("person", person.id, stand, dated)
            continue
        left, kept = _without_dates(person, dated, starts)
        lines += [line_of("person", left), *(line_of("dates", one) for one in kept)]
        gone |= {("dates", one.id) for one in dated if one not in kept}
    for calendar in case.calendars:
        dated = dates_of(stand, calendar.id)
        if calendar == calendars.get(calendar.id):
            lines += _as_it_stands("calendar", calendar.id, stand, dated)
            continue
        left_over, kept = _without_closures(calendar, dated, starts)
        lines += _lines_of_calendar(left_over, case)
        lines += [line_of("dates", one) for one in kept]
        gone |= {("dates", one.id) for one in dated if one not in kept}
    return lines, frozenset(gone)


def _as_it_stands(what: str, id_: str, stand: Sequence[Line], dated: list[DatedHours]) -> list[Line]:
    return [line_of(what, decoded_of(stand, what, id_)), *(line_of("dates", one) for one in dated)]


def _without_dates(
    person: Person, dated: list[DatedHours], starts_at_ms: int
) -> tuple[Person, list[DatedHours]]:
    left: dict[str, list[Any]] = {"away": list(person.absences), "there": list(person.windows)}
    kept = []
    for one in dated:
        first, last = hours_of(one, starts_at_ms, within=one.kind == "there")
        if _taken(left.get(one.kind, []), Window(from_hour=first, to_hour=last)):
            kept.append(one)
    return msgspec.structs.replace(person, absences=tuple(left["away"]), windows=tuple(left["there"])), kept


def _without_closures(
    calendar: Calendar, dated: list[DatedHours], starts_at_ms: int
) -> tuple[Calendar, list[DatedHours]]:
    left = list(calendar.exceptions)
    kept = []
    for one in dated:
        works = one.kind == "worked"
        first, last = hours_of(one, starts_at_ms, within=works)
        if _taken(left, CalendarException(from_hour=first, to_hour=last, works=works, name=one.name)):
            kept.append(one)
    return msgspec.structs.replace(calendar, exceptions=tuple(left)), kept


def _taken(held: list[Any], one: Any) -> bool:
    """Take one thing out of a list; tell whether it was there."""
    if one not in held:
        return False
    held.remove(one)
    return True


def _lines_of_calendar(calendar: Calendar, case: Case) -> list[Line]:
    alone = msgspec.structs.replace(case, calendars=(calendar,), people=())
    return [line for line in lines_of(alone) if line.what in ("calendar", "dates")]
