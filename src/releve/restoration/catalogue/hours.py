"""Who is there at which hours, as one long number a person: bit `h` is hour `h` of the case. Pure.

Only for finding what is impossible: dates are the planner's affair, and the checker has its own reading.
"""

from datetime import UTC, timedelta, tzinfo
from zoneinfo import ZoneInfo

from releve.restoration.case import ALWAYS, Calendar, Case, Person, Window

__all__ = ["FAR_HOURS", "Hours", "zone_of"]

FAR_HOURS = 10 * 366 * 24  # what is told for later is not looked at
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TAIL_HOURS = (
    4 * 168
)  # the last four weeks looked at, after all windows and holidays, stand for all that follow


def zone_of(case: Case) -> tzinfo | None:
    """Return the zone the calendars are read in, None when there is none of this name."""
    try:
        return ZoneInfo(case.zone)
    except (KeyError, OSError, ValueError):  # a name that is no key, or no file of the database
        return None


class Hours:
    """The hours of all calendars and people of a case, up to the last window told and four weeks more."""

    def __init__(self, case: Case) -> None:
        self.horizon = _horizon(case)
        self.everything = (1 << self.horizon) - 1
        self._weekly = _week_of_hours(case, self.horizon)
        self._calendars: dict[str, int] = {ALWAYS: self.everything}
        for calendar in case.calendars:
            if calendar.id not in self._calendars:
                self._calendars[calendar.id] = self._calendar(calendar)
        self._tail = self.everything ^ ((1 << (self.horizon - _TAIL_HOURS)) - 1)

    def calendar(self, calendar: str) -> int:
        """Return the hours a calendar works; none for an unknown one."""
        return self._calendars.get(calendar, 0)

    def person(self, person: Person) -> int:
        """Return the hours at which somebody is there."""
        there = self.calendar(person.calendar)
        if person.windows:
            there &= self._union(person.windows)
        return there & ~self._union(person.absences)

    def since(self, hour: int) -> int:
        """Return all hours from `hour` on."""
        low = min(max(hour, 0), self.horizon)
        return self.everything ^ ((1 << low) - 1)

    def hold(self, there: int, hours: int) -> bool:
        """Return whether `hours` of work find their place: what recurs in the last weeks never ends."""
        return there.bit_count() >= hours or there & self._tail != 0

    def _union(self, windows: tuple[Window, ...]) -> int:
        union = 0
        for window in windows:
            union |= self._span(window.from_hour, window.to_hour)
        return union

    def _span(self, start: int, end: int) -> int:
        # An end beyond the horizon never ends: the tail then stands for what follows.
        low, high = min(max(start, 0), self.horizon), min(max(end, 0), self.horizon)
        return ((1 << high) - 1) ^ ((1 << low) - 1) if low < high else 0

    def _calendar(self, calendar: Calendar) -> int:
        works = bytearray(168)
        for worked in calendar.week:
            for day in worked.days:
                first = 24 * _WEEKDAYS.index(day)
                for hour in range(max(worked.from_hour, 0), min(worked.to_hour, 24)):
                    works[first + hour] = 1
        if not any(works):
            mask = 0
        else:
            # Bit 0 is the last sign of the text, so it is written from the last hour to the first.
            signs = "01"
            mask = int("".join(signs[works[hour]] for hour in reversed(self._weekly)), 2)
        for exception in calendar.exceptions:
            span = self._span(exception.from_hour, exception.to_hour)
            mask = mask | span if exception.works else mask & ~span
        return mask


def _horizon(case: Case) -> int:
    last = case.now
    for person in case.people:
        for window in (*person.windows, *person.absences):
            last = max(last, window.from_hour, window.to_hour if window.to_hour < FAR_HOURS else 0)
    for calendar in case.calendars:
        for exception in calendar.exceptions:
            last = max(last, exception.from_hour, exception.to_hour if exception.to_hour < FAR_HOURS else 0)
    for task in case.tasks:
        last = max(last, task.not_before)
    return min(max(last, 0), FAR_HOURS) + _TAIL_HOURS


def _week_of_hours(case: Case, horizon: int) -> list[int]:
    """Return for each hour of the case which of the 168 local hours of the week it is (by its first minute)."""
    start = case.starts_at.astimezone(UTC)
    zone = zone_of(case) or case.starts_at.tzinfo
    weekly: list[int] = []
    for first in range(0, horizon, 24):
        try:
            moment = (start + timedelta(hours=first)).astimezone(zone)
            after = (start + timedelta(hours=first + 24)).astimezone(zone)
        except OverflowError:  # the year 9999
            weekly.extend([0] * min(24, horizon - first))
            continue
        at = moment.weekday() * 24 + moment.hour
        if moment.utcoffset() == after.utcoffset():
            weekly.extend((at + hour) % 168 for hour in range(min(24, horizon - first)))
        else:  # the clocks change today: hour by hour
            for hour in range(min(24, horizon - first)):
                local = (start + timedelta(hours=first + hour)).astimezone(zone)
                weekly.append(local.weekday() * 24 + local.hour)
    return weekly
