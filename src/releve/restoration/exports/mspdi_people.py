"""Calendars and resources of an MSPDI file as calendars, people and shared resources of a case. Pure."""

from collections.abc import Iterable

from msgspec.structs import replace

from releve.restoration.case import ALWAYS, Calendar, Person, Resource, Window
from releve.restoration.catalogue.hours import FAR_HOURS
from releve.restoration.exports.lists import read_ids
from releve.restoration.exports.moments import Moments, read_moment
from releve.restoration.exports.mspdi_calendars import (
    ALL_DAY,
    STANDARD,
    DayHours,
    ReadCalendar,
    absences_of,
    days_of,
    lines_of,
    read_calendar,
)
from releve.restoration.exports.mspdi_fields import name_of_resource, read_facts
from releve.restoration.exports.remarks import Remark
from releve.restoration.exports.xml_tree import Element

__all__ = ["Calendars", "Resources", "custom_values", "own_skill"]

_TEAM_MAX = 50  # people made of one resource of several units
_NAME_SIGNS = 60


def custom_values(element: Element, aliases: dict[str, str]) -> dict[str, str]:
    """Return the custom fields of an element that are ours, by alias."""
    values: dict[str, str] = {}
    for each in element.all("ExtendedAttribute"):
        alias = aliases.get(each.value("FieldID"))
        if alias is not None:
            values[alias] = each.value("Value")
    return values


def named_id(name: str) -> tuple[str, str]:
    """Return name and id of a calendar of ours, `Office hours [office]`; the id is "" for another tool's."""
    if name.endswith("]") and "[" in name:
        before, _, id = name[:-1].rpartition("[")
        return before.strip(), id
    return name, ""


class Calendars:
    """The calendars of a file: base ones become calendars of the case, those of resources give absences."""

    def __init__(
        self, elements: Iterable[Element], project: str, moments: Moments, remarks: list[Remark]
    ) -> None:
        self._moments = moments
        self._remarks = remarks
        self._read: dict[str, ReadCalendar] = {}
        self._base_of: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self._ids: dict[str, str] = {}
        self._project = project
        self.lines: dict[str, Calendar] = {}
        for element in elements:
            uid, name = element.value("UID"), element.value("Name")
            place = f"calendar {uid} “{name[:_NAME_SIGNS]}”"
            self._read[uid] = read_calendar(element, place, remarks)
            self._names[uid] = name
            if not element.flag("IsBaseCalendar", True) and element.value("BaseCalendarUID") not in (
                "",
                "-1",
            ):
                base = element.value("BaseCalendarUID")
                self._base_of[uid] = base
        for uid, base in self._base_of.items():
            if base not in self._read:
                remarks.append(
                    Remark(code="calendar-base", severity="changed", place=f"calendar {uid}", line=0)
                )
                self._base_of[uid] = project

    def week(self, uid: str) -> tuple[DayHours, ...]:
        """Return the hours of each weekday of a calendar, those of its base where it says none."""
        week: list[DayHours | None] = [None] * 7
        for step in self._chain(uid):
            week = [
                own if own is not None else told
                for own, told in zip(week, self._read[step].week, strict=True)
            ]
        return tuple(day if day is not None else STANDARD[place] for place, day in enumerate(week))

    def _chain(self, uid: str) -> list[str]:
        chain: list[str] = []
        while uid in self._read and uid not in chain:
            chain.append(uid)
            uid = self._base_of.get(uid, "")
        return chain

    def id_of(self, uid: str) -> str:
        """Return the case's calendar for a base calendar of the file, and keep it; unknown: that of the project."""
        if uid in self._ids:
            return self._ids[uid]
        if uid not in self._read:
            if uid == self._project or self._project not in self._read:
                return ALWAYS
            return self.id_of(self._project)
        name, id = named_id(self._names[uid])
        week = self.week(uid)
        exceptions = [told for step in reversed(self._chain(uid)) for told in self._read[step].exceptions]
        if not exceptions and all(day == ALL_DAY for day in week):
            self._ids[uid] = ALWAYS
            return ALWAYS
        id = id if id and id != ALWAYS and id not in self.lines else f"C{uid}"
        lines, exception_lines = lines_of(week, exceptions, self._moments)
        self.lines[id] = Calendar(id=id, name=name, week=lines, exceptions=exception_lines)
        self._ids[uid] = id
        return id

    def keep_all(self) -> None:
        """Keep the base calendars that nobody follows as well."""
        for uid in self._read:
            if uid not in self._base_of:
                self.id_of(uid)

    def of_resource(self, uid: str) -> tuple[str, tuple[Window, ...]]:
        """Return the calendar somebody follows, and when they are away."""
        if uid not in self._base_of:
            return self.id_of(uid), ()
        base = self._base_of[uid]
        own = self._read[uid]
        if all(day is None for day in own.week):
            calendar = self.id_of(base)
            line = self.lines.get(calendar)
            week = self.week(base)
            spans = [(e.from_hour, e.to_hour, e.works, e.name) for e in line.exceptions] if line else []
            away = absences_of(week, days_of(week, spans, self._moments), own.exceptions, self._moments)
            if away is not None:
                return calendar, away
        return self.id_of(uid), ()


def own_skill(person: str) -> str:
    """Return the skill that only this resource of another tool's file has: whoever was named is kept."""
    return f"is:{person}"


class Resources:
    """The resources of a file: people of ours or another tool's, and what is shared by units."""

    def __init__(
        self,
        elements: Iterable[Element],
        aliases: dict[str, str],
        calendars: Calendars,
        moments: Moments,
        remarks: list[Remark],
    ) -> None:
        self.people: dict[str, Person] = {}
        self.shared: dict[str, Resource] = {}
        self.person_of: dict[str, list[str]] = {}  # UID → people
        self.shared_of: dict[str, str] = {}
        self.foreign: set[str] = set()  # UIDs of another tool's resources
        self._calendars, self._moments, self._remarks = calendars, moments, remarks
        for element in elements:
            self._read(element, custom_values(element, aliases))

    def _read(self, element: Element, ours: dict[str, str]) -> None:
        uid, name = element.value("UID"), element.value("Name")
        if element.flag("IsNull") or (uid in ("0", "") and not name):
            return
        place = f"resource {uid} “{name[:_NAME_SIGNS]}”"
        kind = ours.get("Relève kind", "")
        if element.value("Type") in ("0", "2") or element.flag("IsCostResource"):
            self._say("resource-material", "lost", element, place)
            return
        units = _number(element.value("MaxUnits"), 1.0)
        id = element.value("Code") if kind else ""
        if kind == "shared":
            id = self._free(id or f"R{uid}", self.shared)
            self.shared[id] = Resource(id=id, name=_other_name(name, id, ours), units=round(units))
            self.shared_of[uid] = id
            return
        calendar, away = self._calendars.of_resource(element.value("CalendarUID"))
        id = self._free(id or f"R{uid}", self.people)
        count = max(1, min(round(units), _TEAM_MAX)) if not kind else 1
        if not kind:
            self.foreign.add(uid)
            if units != count:
                self._say("resource-units", "changed", element, place, units=units, read=count)
        person = Person(
            id=id,
            name=_other_name(name, id, ours),
            kind="expert" if kind == "expert" else "vendor" if kind == "vendor" else "staff",
            skills=read_ids(ours.get("Relève skills", "")) if kind else (own_skill(id),),
            calendar=calendar,
            windows=self._windows(element, place),
            absences=away,
            no_show_probability=read_facts(element.value("Notes")).get("no-show", 0.0) if kind else 0.0,
        )
        ids = (
            [id]
            if count == 1
            else [self._free(f"{id}-{place}", self.people) for place in range(1, count + 1)]
        )
        for each in ids:
            self.people[each] = replace(person, id=each, name=person.name if count == 1 else f"{name} {each}")
        self.person_of[uid] = ids
        for rate in ("StandardRate", "OvertimeRate", "CostPerUse"):
            if _number(element.value(rate), 0.0):
                self._say("cost", "lost", element, place)
                break

    def _windows(self, element: Element, place: str) -> tuple[Window, ...]:
        periods = element.first("AvailabilityPeriods")
        windows = []
        for period in periods.all("AvailabilityPeriod") if periods is not None else ():
            start = read_moment(period.value("AvailableFrom"), clamped=True)
            end = read_moment(period.value("AvailableTo"), clamped=True)
            if start is None or end is None:
                self._say("date", "lost", period, place, name="AvailabilityPeriod")
                continue
            if _number(period.value("AvailableUnits"), 1.0) <= 0:
                continue
            window = Window(from_hour=self._moments.hour_from(start), to_hour=self._moments.hour_to(end))
            if window.from_hour <= 0 and window.to_hour >= FAR_HOURS:
                continue  # always: how other tools say that there is no limit
            windows.append(window)
        return tuple(windows)

    def _free(self, id: str, taken: dict[str, Person] | dict[str, Resource]) -> str:
        free, number = id, 2
        while free in taken:
            free, number = f"{id}-{number}", number + 1
        return free

    def _say(
        self, code: str, severity: str, element: Element, place: str, **facts: str | int | float
    ) -> None:
        self._remarks.append(
            Remark(
                code=code,
                severity="lost" if severity == "lost" else "changed",
                line=element.line,
                place=place,
                facts=facts,
            )
        )


def _other_name(name: str, id: str, ours: dict[str, str]) -> str:
    """Return a name, "" when it only repeats the id: what a case without names writes.

    One of ours that a resource may not have stands beside it, and holds as long as nobody gave it another.
    """
    told = ours.get("Relève name", "")
    if told and name == name_of_resource(told):
        return told
    return "" if name in (id, name_of_resource(id)) else name


def _number(text: str, otherwise: float) -> float:
    try:
        number = float(text)
    except ValueError:
        return otherwise
    return number if abs(number) < 1e9 else otherwise
