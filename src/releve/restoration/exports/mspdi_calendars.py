"""Calendars of a case and calendars of MSPDI: weeks, days that differ, who is away. Pure.

MSPDI tells hours by the local day, a case by hours since its start: an hour belongs to the local hour in which it
begins. Source: Microsoft Project XML Data Interchange schema (mspdi_pj15.xsd), Calendars.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta

import msgspec

from releve.restoration.case import ALWAYS, Calendar, CalendarException, Person, Weekday, Window, WorkingHours
from releve.restoration.catalogue.hours import FAR_HOURS
from releve.restoration.exports.moments import Moments, read_moment
from releve.restoration.exports.remarks import Remark
from releve.restoration.exports.xml_tree import Element

__all__ = [
    "ALL_DAY", "STANDARD", "DayHours", "ExceptionDays", "ReadCalendar", "absences_of", "days_of", "exception_days",
    "lines_of", "person_spans", "read_calendar", "spans_of", "week_of",
]  # fmt: skip

DayHours = frozenset[int]  # local hours of a day, 0 to 23
ALL_DAY: DayHours = frozenset(range(24))
_NO_HOURS: DayHours = frozenset()
_STANDARD_DAY: DayHours = frozenset((8, 9, 10, 11, 13, 14, 15, 16))
STANDARD: tuple[DayHours, ...] = (_STANDARD_DAY,) * 5 + (
    _NO_HOURS,
) * 2  # what MSPDI means by a calendar without days
_DAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAYS_READ_MAX = 20_000  # of all exceptions of one file together


class ExceptionDays(msgspec.Struct, frozen=True):
    """From one day to another, both included, other hours than those of the week."""

    first: date
    last: date
    hours: DayHours
    name: str = ""


class ReadCalendar(msgspec.Struct, frozen=True):
    """A calendar as a file tells it: seven days from Monday (None: those of its base), and the days that differ."""

    week: tuple[DayHours | None, ...]
    exceptions: tuple[ExceptionDays, ...]


def week_of(calendar: Calendar) -> tuple[DayHours, ...]:
    """Return the hours of each weekday, Monday first."""
    if calendar.id == ALWAYS:
        return (ALL_DAY,) * 7
    return tuple(
        frozenset(
            hour
            for worked in calendar.week
            if day in worked.days
            for hour in range(max(worked.from_hour, 0), min(worked.to_hour, 24))
        )
        for day in _DAYS
    )


def days_of(
    week: tuple[DayHours, ...], spans: Iterable[tuple[int, int, bool, str]], moments: Moments
) -> dict[date, tuple[DayHours, str]]:
    """Return the days that differ from a week by spans of hours (from, to, worked, name), with their names."""
    days: dict[date, tuple[DayHours, str]] = {}
    for start, end, works, name in spans:
        for hour in range(max(start, 0), min(end, FAR_HOURS)):
            local = moments.local(hour)
            day = local.date()
            before = days[day][0] if day in days else week[day.weekday()]
            days[day] = (before | {local.hour} if works else before - {local.hour}, name)
    return days


def exception_days(days: Mapping[date, tuple[DayHours, str]]) -> list[ExceptionDays]:
    """Return days that differ, those of the same hours and name that follow one another as one."""
    found: list[ExceptionDays] = []
    for day in sorted(days):
        hours, name = days[day]
        last = found[-1] if found else None
        if last is not None and (last.last + timedelta(days=1), last.hours, last.name) == (day, hours, name):
            found[-1] = msgspec.structs.replace(last, last=day)
        else:
            found.append(ExceptionDays(day, day, hours, name))
    return found


def spans_of(hours: DayHours) -> list[tuple[int, int]]:
    """Return the hours of a day as spans, from and to."""
    spans: list[tuple[int, int]] = []
    for hour in sorted(hours):
        if spans and spans[-1][1] == hour:
            spans[-1] = (spans[-1][0], hour + 1)
        else:
            spans.append((hour, hour + 1))
    return spans


def lines_of(
    week: tuple[DayHours, ...], exceptions: Iterable[ExceptionDays], moments: Moments
) -> tuple[tuple[WorkingHours, ...], tuple[CalendarException, ...]]:
    """Return the lines of a case for a week and its days that differ."""
    by_span: dict[tuple[int, int], list[Weekday]] = {}
    for day, hours in zip(_DAYS, week, strict=True):
        for span in spans_of(hours):
            by_span.setdefault(span, []).append(day)
    lines = tuple(
        WorkingHours(days=tuple(days), from_hour=start, to_hour=end) for (start, end), days in by_span.items()
    )
    found: list[CalendarException] = []
    for told in exceptions:
        found += _exception_lines(told, week, moments)
    return lines, tuple(found)


def _exception_lines(
    told: ExceptionDays, week: tuple[DayHours, ...], moments: Moments
) -> Iterator[CalendarException]:
    whole = told.hours in (_NO_HOURS, ALL_DAY)
    open_line: CalendarException | None = None
    day = told.first
    while day <= told.last:
        start, end = _hours_of_day(day, moments)
        for hour in range(max(start, 0), max(end, 0)):
            works = moments.local(hour).hour in told.hours
            if not whole and works == (moments.local(hour).hour in week[day.weekday()]):
                continue
            if open_line is not None and open_line.to_hour == hour and open_line.works == works:
                open_line = msgspec.structs.replace(open_line, to_hour=hour + 1)
            else:
                if open_line is not None:
                    yield open_line
                open_line = CalendarException(from_hour=hour, to_hour=hour + 1, works=works, name=told.name)
        day += timedelta(days=1)
    if open_line is not None:
        yield open_line


def _hours_of_day(day: date, moments: Moments) -> tuple[int, int]:
    midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001 (in the zone of the case)
    return moments.hour_to(midnight), moments.hour_to(midnight + timedelta(days=1))


def read_calendar(element: Element, place: str, remarks: list[Remark]) -> ReadCalendar:
    """Return what a `Calendar` element says; what is not kept goes to `remarks`."""
    week: list[DayHours | None] = [None] * 7
    exceptions: list[ExceptionDays] = []
    for days in element.all("WeekDays"):
        for day in days.all("WeekDay"):
            kind = day.value("DayType")
            if kind in ("1", "2", "3", "4", "5", "6", "7"):
                week[(int(kind) - 2) % 7] = _day_hours(day, place, remarks)
            elif kind == "0" and not element.all("Exceptions"):  # before 2007; later files say it twice
                exceptions += _read_exception(day, place, remarks)
    for group in element.all("Exceptions"):
        for each in group.all("Exception"):
            exceptions += _read_exception(each, place, remarks)
    for group in element.all("WorkWeeks"):
        for each in group.all("WorkWeek"):
            remarks.append(_lost("calendar-workweek", each, place))
    kept: list[ExceptionDays] = []
    total = 0
    for told in exceptions:
        total += (told.last - told.first).days + 1
        if total <= _DAYS_READ_MAX:
            kept.append(told)
    if len(kept) < len(exceptions):
        remarks.append(_lost("calendar-far", element, place))
    return ReadCalendar(tuple(week), tuple(kept))


def _read_exception(element: Element, place: str, remarks: list[Remark]) -> Iterator[ExceptionDays]:
    period = element.first("TimePeriod")
    first = _date(period.value("FromDate")) if period is not None else None
    last = _date(period.value("ToDate"), end=True) if period is not None else None
    if first is None or last is None:
        remarks.append(_lost("date", element, place, name="TimePeriod"))
        return
    occurrences = element.value("Occurrences")
    # Type 1 is every day of the period; an exception that happens once is that as well, whatever its type.
    if element.value("Type") not in ("", "0", "1") and occurrences not in ("", "0", "1"):
        remarks.append(_lost("calendar-recurring", element, place))
        return
    last = max(first, last)
    if (last - first).days > _DAYS_READ_MAX:
        remarks.append(_lost("calendar-far", element, place))
        return
    yield ExceptionDays(first, last, _day_hours(element, place, remarks), element.value("Name"))


def _day_hours(element: Element, place: str, remarks: list[Remark]) -> DayHours:
    if not element.flag("DayWorking", True):
        return _NO_HOURS
    hours: set[int] = set()
    times = element.first("WorkingTimes")
    told = times.all("WorkingTime") if times is not None else []
    for time in told:
        start, end = _minutes(time.value("FromTime")), _minutes(time.value("ToTime"))
        if start is None or end is None:
            remarks.append(_lost("date", time, place, name="WorkingTime"))
            continue
        end = end or 1440  # midnight, at the end of the day
        low, high = -(-start // 60), end // 60
        if start % 60 or end % 60:
            remarks.append(
                Remark(
                    code="calendar-minutes",
                    severity="changed",
                    line=time.line,
                    place=place,
                    facts={
                        "from": time.value("FromTime")[:5],
                        "to": time.value("ToTime")[:5],
                        "low": low,
                        "high": high,
                    },
                )
            )
        hours.update(range(low, high))
    return frozenset(hours)


def _lost(code: str, element: Element, place: str, **facts: str | int | float) -> Remark:
    return Remark(code=code, severity="lost", line=element.line, place=place, facts=facts)


def _date(text: str, *, end: bool = False) -> date | None:
    moment = read_moment(text)
    if moment is None:
        return None
    # A period that ends at midnight ends with the day before.
    if end and (moment.hour, moment.minute, moment.second) == (0, 0, 0) and "T" in text:
        return moment.date() - timedelta(days=1)
    return moment.date()


def _minutes(text: str) -> int | None:
    parts = text.split(":")
    if len(parts) not in (2, 3) or not all(part.isdigit() and len(part) <= 2 for part in parts):
        return None
    minutes = int(parts[0]) * 60 + int(parts[1])
    return minutes if minutes <= 1440 else None


def absences_of(
    base: tuple[DayHours, ...],
    base_days: Mapping[date, tuple[DayHours, str]],
    exceptions: Iterable[ExceptionDays],
    moments: Moments,
) -> tuple[Window, ...] | None:
    """Return when somebody is away by the exceptions of their own; None when these add hours to the base."""
    away: list[Window] = []
    for told in exceptions:
        day = told.first
        while day <= told.last:
            usual = base_days[day][0] if day in base_days else base[day.weekday()]
            if not told.hours <= usual:
                return None
            start, end = _hours_of_day(day, moments)
            for hour in range(max(start, 0), max(end, 0)):
                local = moments.local(hour).hour
                if (told.hours and local not in usual) or local in told.hours:
                    continue
                if away and away[-1].to_hour == hour:
                    away[-1] = Window(from_hour=away[-1].from_hour, to_hour=hour + 1)
                else:
                    away.append(Window(from_hour=hour, to_hour=hour + 1))
            day += timedelta(days=1)
    return tuple(away)


def person_spans(person: Person) -> list[tuple[int, int, bool, str]]:
    """Return the absences of somebody as spans that are not worked."""
    return [(away.from_hour, away.to_hour, False, "") for away in person.absences]
