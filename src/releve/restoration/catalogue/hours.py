"""Who is there at which hours, as one long number a person: bit `h` is hour `h` of the case. Pure."""

from releve.restoration.case import Case, Person
from releve.restoration.planner.calendars import calendar_masks, person_mask

__all__ = ["FAR_HOURS", "Hours"]

FAR_HOURS = 10 * 366 * 24  # what is told for later is not looked at
_TAIL_HOURS = (
    4 * 168
)  # the last four weeks looked at, after all windows and holidays, stand for all that follow


class Hours:
    """The hours of all calendars and people of a case, up to the last window told and four weeks more."""

    def __init__(self, case: Case) -> None:
        self.horizon = _horizon(case)
        self._calendars = calendar_masks(case, self.horizon)
        self._tail = self.since(self.horizon - _TAIL_HOURS)

    def calendar(self, calendar: str) -> int:
        """Return the hours a calendar works; none for an unknown one."""
        return self._calendars.get(calendar, 0)

    def person(self, person: Person) -> int:
        """Return the hours at which somebody is there."""
        return person_mask(person, self._calendars, self.horizon)

    def since(self, hour: int) -> int:
        """Return all hours from `hour` on."""
        low = min(max(hour, 0), self.horizon)
        return (1 << self.horizon) - (1 << low)

    def hold(self, there: int, hours: int) -> bool:
        """Return whether `hours` of work find their place: what recurs in the last weeks never ends."""
        return there.bit_count() >= hours or there & self._tail != 0


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
