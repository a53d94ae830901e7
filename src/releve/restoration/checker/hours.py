"""When calendars work and people are there, hour by hour and asked one at a time: slow, and easy to read.

An hour is read by the local time at which it begins: with a start at 03:10, hour 5 is the one that begins at 08:10,
and a calendar that works from 8 to 18 works in it. Hours are elapsed ones: on the day summer time begins the local
clock jumps, and the count does not.
"""

from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from releve.restoration.case import ALWAYS, Calendar, Case, Person
from releve.restoration.checker.values import Moment

__all__ = ["Hours", "bits_from"]

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Hours:
    """The hours of one case."""

    def __init__(self, case: Case) -> None:
        self._start = case.starts_at.astimezone(UTC)
        try:
            self._zone: tzinfo | None = ZoneInfo(case.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):  # no such zone: that of the start is read
            self._zone = case.starts_at.tzinfo
        self._calendars: dict[str, Calendar] = {each.id: each for each in reversed(case.calendars)}
        self._people: dict[str, Person] = {each.id: each for each in reversed(case.people)}
        self._local: dict[int, datetime] = {}
        self._works: dict[tuple[str, int], bool] = {}
        self._there: dict[tuple[str, int], bool] = {}
        self._working: dict[tuple[str, int], int] = {}
        self._present: dict[tuple[str, int], int] = {}

    def knows(self, calendar: str) -> bool:
        """Return whether such a calendar exists."""
        return calendar == ALWAYS or calendar in self._calendars

    def local(self, hour: int) -> datetime:
        """Return the local time at which an hour begins."""
        if hour not in self._local:
            self._local[hour] = (self._start + timedelta(hours=hour)).astimezone(self._zone)
        return self._local[hour]

    def said(self, hour: int) -> Moment:
        """Return an hour as a criticism tells it: its count and the local day and time."""
        try:
            local = self.local(hour).isoformat(timespec="minutes")[:16]
        except OverflowError:  # a plan may date a task beyond the year 9999
            local = ""
        return Moment(hour=hour, local=local)

    def works(self, calendar: str, hour: int) -> bool:
        """Return whether a calendar works in an hour; one that is not known never does."""
        key = (calendar, hour)
        if key not in self._works:
            self._works[key] = self._reads(calendar, hour)
        return self._works[key]

    def _reads(self, calendar: str, hour: int) -> bool:
        if calendar == ALWAYS:
            return True
        known = self._calendars.get(calendar)
        if known is None:
            return False
        for exception in reversed(known.exceptions):  # the later listed one holds
            if exception.from_hour <= hour < exception.to_hour:
                return exception.works
        local = self.local(hour)
        return any(
            _DAYS[local.weekday()] in line.days and line.from_hour <= local.hour < line.to_hour
            for line in known.week
        )

    def there(self, person: str, hour: int) -> bool:
        """Return whether a person is available in an hour: calendar, windows, absences."""
        key = (person, hour)
        if key not in self._there:
            self._there[key] = self._comes(person, hour)
        return self._there[key]

    def _comes(self, person: str, hour: int) -> bool:
        known = self._people.get(person)
        if known is None or not self.works(known.calendar, hour):
            return False
        inside = any(window.from_hour <= hour < window.to_hour for window in known.windows)
        if known.windows and not inside:
            return False
        return not any(absence.from_hour <= hour < absence.to_hour for absence in known.absences)

    def worked(self, people: tuple[str, ...], calendar: str, hour: int) -> bool:
        """Return whether a task makes progress in an hour: everybody is there and its calendar works."""
        return self.works(calendar, hour) and all(self.there(person, hour) for person in people)

    def working(self, calendar: str, length: int) -> int:
        """Return the first `length` hours in which a calendar works, a bit each, the lowest the first."""
        key = (calendar, length)
        if key not in self._working:
            signs = "".join("1" if self._reads(calendar, hour) else "0" for hour in reversed(range(length)))
            self._working[key] = int(signs or "0", 2)
        return self._working[key]

    def present(self, person: str, length: int) -> int:
        """Return the first `length` hours in which a person is available, a bit each."""
        key = (person, length)
        if key not in self._present:
            known, windows, away = self._people.get(person), 0, 0
            for window in known.windows if known is not None else ():
                windows |= bits_from(window.from_hour, min(window.to_hour, length))
            for absence in known.absences if known is not None else ():
                away |= bits_from(absence.from_hour, min(absence.to_hour, length))
            hours = self.working(known.calendar, length) & ~away if known is not None else 0
            self._present[key] = hours & windows if known is not None and known.windows else hours
        return self._present[key]


def bits_from(begin: int, end: int) -> int:
    """Return the hours from one to another, the last not included, a bit each; none before 0."""
    begin = max(begin, 0)
    return ((1 << (end - begin)) - 1) << begin if end > begin else 0
