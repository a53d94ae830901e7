"""Dates of somebody or of a calendar, read from a calendar file (iCalendar) of any program. Pure: bytes in.

Files are taken apart line by line (`ics_blocks`), each event is parsed by `icalendar`, and what recurs is written out
by `recurring_ical_events`, within what `ics_repeats` allows. An event that cannot be taken is said with its line, in
words that never repeat what stands in it. Source: RFC 5545.
"""

import warnings
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any, Literal

import icalendar
import msgspec
import recurring_ical_events

from releve.restoration.exports.ics_blocks import EVENTS_MAX, Block, CalendarBlock, split_calendars
from releve.restoration.exports.ics_repeats import STEPS_MAX, RuleRefused, steps_of
from releve.restoration.exports.ics_zones import zones_of
from releve.restoration.exports.remarks import Remark
from releve.restoration.planner.calendars import zone_named

__all__ = ["AHEAD", "DATES_MAX", "ICS_BYTES_MAX", "IcsDate", "IcsReading", "Use", "read_ics"]

Use = Literal["away", "there", "closed", "worked"]
ICS_BYTES_MAX = 10 * 1024 * 1024
AHEAD = timedelta(days=3 * 366)  # how far dates are taken, as those that are typed
DATES_MAX = 400  # more than a year of days, one by one
NAME_SIGNS_MAX = 80
_REMARKS_MAX = 400
YEARS = range(1900, 2200)  # of a first day; birthdays and holidays recur from long ago
_HOUR = timedelta(hours=1)
_LONGEST = timedelta(days=3 * 366)
_LINE = "X-RELEVE-LINE"
_OUR_PRODUCT = "-//Releve//"
_EXPECTED = {
    "DTSTART": "a date such as 20261224 or 20261224T090000Z",
    "DTEND": "a date such as 20261224 or 20261224T090000Z",
    "RECURRENCE-ID": "a date such as 20261224 or 20261224T090000Z",
    "EXDATE": "dates such as 20261224 or 20261224T090000Z",
    "RDATE": "dates such as 20261224 or 20261224T090000Z",
    "DURATION": "a duration such as PT2H or P1D",
    "RRULE": "a rule such as FREQ=WEEKLY;BYDAY=MO",
    "SEQUENCE": "a whole number",
}


class IcsDate(msgspec.Struct, frozen=True, kw_only=True):
    """From when to when, with their zone; the line of the event that says so (from 1); what it is called, "" unsaid."""

    begins: datetime
    ends: datetime
    line: int
    name: str = ""


class IcsReading(msgspec.Struct, frozen=True):
    """The dates of a file by their beginning, and what of it was not taken or read otherwise."""

    dates: tuple[IcsDate, ...]
    remarks: tuple[Remark, ...]


def read_ics(data: bytes, *, use: Use, zone: tzinfo, since: datetime, until: datetime) -> IcsReading:
    """Return the dates of a file that are not over at `since` and begin before `until`.

    `use`: what the dates are to be; time that counts as free is nobody's absence, and why somebody is away is not kept.
    `zone`: of whole days and of times without a zone.
    """
    if len(data) > ICS_BYTES_MAX:
        return IcsReading((), (_lost("ics-large", 0, mb=ICS_BYTES_MAX // 2**20),))
    split = split_calendars(data)
    if not split.calendars:
        return IcsReading((), (_lost("ics-none", 1),))
    reader = _Reader(use=use, zone=zone, since=since, until=until)
    for calendar in split.calendars:
        reader.read(calendar)
    if split.too_many:
        reader.say(_lost("ics-many", split.too_many, count=EVENTS_MAX))
    return reader.reading()


def _lost(code: str, line: int, **facts: str | int) -> Remark:
    return Remark(code=code, severity="lost", line=line, facts=facts)


def _changed(code: str, line: int, **facts: str | int) -> Remark:
    return Remark(code=code, severity="changed", line=line, facts=facts)


class _Reader:
    """Collects dates and remarks of the calendars of one file."""

    def __init__(self, *, use: Use, zone: tzinfo, since: datetime, until: datetime) -> None:
        self._use, self._zone, self._since, self._until = use, zone, since, until
        self._remarks: dict[tuple[str, int, str], Remark] = {}
        self._dates: dict[datetime, IcsDate] = {}
        self._steps = 0
        self._past = self._far = 0
        self._events = 0

    def say(self, remark: Remark) -> None:
        """Keep a remark, once."""
        key = (remark.code, remark.line, str(remark.facts.get("name", "")))
        if len(self._remarks) < _REMARKS_MAX:
            self._remarks.setdefault(key, remark)

    def reading(self) -> IcsReading:
        """Return what was found."""
        dates = [self._dates[begins] for begins in sorted(self._dates)]
        if len(dates) > DATES_MAX:
            first = dates[DATES_MAX].begins.astimezone(self._zone).date().isoformat()
            self.say(_lost("ics-more", 0, count=DATES_MAX, day=first))
            dates = dates[:DATES_MAX]
        if self._past:
            self.say(_lost("ics-past", 0, count=self._past))
        if self._far:
            self.say(_lost("ics-far", 0, count=self._far))
        if not self._events and not any(one.severity == "lost" for one in self._remarks.values()):
            self.say(_lost("ics-empty", 0))
        return IcsReading(tuple(dates), tuple(sorted(self._remarks.values(), key=lambda one: one.line)))

    def read(self, calendar: CalendarBlock) -> None:
        """Read one calendar of the file."""
        self._events += len(calendar.events)
        if not calendar.whole:
            last = next((one for one in reversed(calendar.events) if not one.whole), calendar)
            self.say(_lost("ics-cut", last.line, name=last.name))
        for name, (line, count) in calendar.others.items():
            self.say(_lost("ics-component", line, name=name, count=count))
        method = calendar.says("METHOD").upper()
        if calendar.says("PRODID").startswith(_OUR_PRODUCT):
            self.say(_lost("ics-plan", calendar.line))
            return
        if calendar.says("CALSCALE").upper() not in ("", "GREGORIAN"):
            self.say(_lost("ics-scale", calendar.line))
            return
        if method in ("REPLY", "REFRESH", "COUNTER", "DECLINECOUNTER"):
            self.say(_lost("ics-method", calendar.line, name=method))
            return
        zones = zones_of(calendar.zones)
        events = [event for block in calendar.events if (event := self._event(block, zones)) is not None]
        if method == "CANCEL":
            for event in events:
                self.say(_lost("ics-cancelled", _line_of(event)))
            return
        wall = calendar.says("X-WR-TIMEZONE")
        for series in _series(events):
            self._expand(series, wall if zone_named(wall) is not None else "")

    def _event(self, block: Block, zones: dict[str, tzinfo]) -> Any:
        """Return an event that is whole, None for one that is said."""
        if not block.whole:
            self.say(_lost("ics-cut", block.line, name=block.name))
            return None
        try:
            with warnings.catch_warnings():
                # What a library makes of the name of a zone is no line of a log.
                warnings.simplefilter("ignore")
                event: Any = icalendar.Event.from_ical(block.body.encode())
            broken = [str(name).upper() for name, _why in event.errors if name]
        except Exception:  # whatever a library says of a broken event: the event is left out, and said
            self.say(_lost("ics-event", block.line))
            return None
        wrong = next((name for name in broken if name in _EXPECTED), None)
        for name in ("DTSTART", "DTEND", "DURATION", "RECURRENCE-ID"):
            if wrong is None and isinstance(event.get(name), list):
                wrong = name
        if wrong is None and event.get("DTSTART") is None:
            wrong = "DTSTART"
        if wrong is not None:
            self.say(_lost("ics-value", block.line, name=wrong, expected=_EXPECTED[wrong]))
            return None
        event[_LINE] = str(block.line)
        for value in _moments(event):
            self._place(value, block.line, zones)
        return event if self._sound(event, block.line) else None

    def _place(self, value: Any, line: int, zones: dict[str, tzinfo]) -> None:
        """Give a time the zone that the file names; one that nobody knows is read as the hospital's own time."""
        name = str(value.params.get("TZID", ""))
        if not name or not isinstance(value.dt, datetime) or value.dt.tzinfo is not None:
            return
        zone = zones.get(name)
        if zone is None:
            self.say(_changed("ics-zone", line))
            return
        value.dt = value.dt.replace(tzinfo=zone)

    def _sound(self, event: Any, line: int) -> bool:
        """Tell whether an event ends after it begins, in years that are, and recurs within bounds."""
        begins = event["DTSTART"].dt
        ends = event["DTEND"].dt if event.get("DTEND") is not None else None
        lasts = event["DURATION"].dt if event.get("DURATION") is not None and ends is None else None
        if ends is not None and isinstance(ends, datetime) != isinstance(begins, datetime):
            expected = "a day, as DTSTART" if not isinstance(begins, datetime) else "a time, as DTSTART"
            self.say(_lost("ics-value", line, name="DTEND", expected=expected))
            return False
        if ends is not None and ends == begins and not isinstance(begins, datetime):
            del event["DTEND"]  # one day, as many write it
            ends = None
        if begins.year not in YEARS or (ends is not None and ends.year not in YEARS):
            self.say(_lost("ics-value", line, name="DTSTART", expected="a year that a plan can reach"))
            return False
        if isinstance(ends, datetime):
            length = self._moment(ends) - self._moment(begins)
        else:
            length = (ends - begins) if ends is not None else lasts if lasts is not None else timedelta(0)
        if length < timedelta(0):
            self.say(_lost("ics-backwards", line))
            return False
        if length > _LONGEST:
            self.say(_lost("ics-long", line))
            return False
        rules = event.get("RRULE", [])
        self._steps += sum(1 for _each in _moments(event))
        try:
            for rule in rules if isinstance(rules, list) else [rules]:
                self._steps += steps_of(rule, begins, self._until)
                if self._steps > STEPS_MAX:
                    self.say(_lost("ics-steps", line))
                    return False
        except RuleRefused as error:
            self.say(_lost("ics-value", line, name="RRULE", expected=str(error)))
            return False
        except (ValueError, TypeError, OverflowError):
            self.say(_lost("ics-value", line, name="RRULE", expected=_EXPECTED["RRULE"]))
            return False
        return True

    def _moment(self, told: date) -> datetime:
        """Return the moment of a time, or of the beginning of a day."""
        if not isinstance(told, datetime):
            told = datetime.combine(told, time(0))
        return told if told.tzinfo is not None else told.replace(tzinfo=self._zone)

    def _expand(self, series: list[Any], wall: str) -> None:
        alone = icalendar.Calendar()
        if wall:
            alone["X-WR-TIMEZONE"] = wall
        for event in series:
            alone.add_component(event)
        line = _line_of(series[0])
        try:
            found = recurring_ical_events.of(alone).between(
                # Days and times without a zone are compared as if they were in UTC: a day more on either side.
                self._since - timedelta(days=1),
                self._until + timedelta(days=1),
            )
            spans = [(self._moment(one["DTSTART"].dt), self._moment(one["DTEND"].dt), one) for one in found]
        except Exception:  # as above
            self.say(_lost("ics-event", line))
            return
        within = [one for one in spans if one[1] > self._since and one[0] < self._until]
        if not within:
            last = max((self._moment(one["DTSTART"].dt) for one in series), default=self._since)
            if last >= self._until:
                self._far += 1
            else:
                self._past += 1
        elif any(_endless(one) for one in series):
            self.say(_changed("ics-endless", line, day=self._until.astimezone(self._zone).date().isoformat()))
        for begins, ends, event in within:
            self._take(begins, ends, event)

    def _take(self, begins: datetime, ends: datetime, event: Any) -> None:
        line = _line_of(event)
        status = str(event.get("STATUS", "")).upper()
        busy = str(event.get("X-MICROSOFT-CDO-BUSYSTATUS", "")).upper()
        if status == "CANCELLED":
            self.say(_lost("ics-cancelled", line))
        elif self._use == "away" and (
            str(event.get("TRANSP", "")).upper() == "TRANSPARENT" or busy == "FREE"
        ):
            self.say(_lost("ics-free", line))
        elif self._use == "away" and busy == "WORKINGELSEWHERE":
            self.say(_lost("ics-elsewhere", line))
        elif ends - begins < _HOUR:
            self.say(_lost("ics-short", line))
        else:
            if status == "TENTATIVE":
                self.say(_changed("ics-tentative", line))
            self._keep(IcsDate(begins=begins, ends=ends, line=line, name=self._name(event)))

    def _keep(self, one: IcsDate) -> None:
        key = one.begins
        other = self._dates.get(key)
        if other is not None and other.line != one.line:
            self.say(_changed("ics-same", max(one.line, other.line), other=min(one.line, other.line)))
        if other is None or one.ends > other.ends:
            self._dates[key] = one

    def _name(self, event: Any) -> str:
        private = str(event.get("CLASS", "PUBLIC")).upper() in ("PRIVATE", "CONFIDENTIAL")
        if self._use == "away" or private or isinstance(event.get("SUMMARY"), list):
            return ""
        words = "".join(sign if sign.isprintable() else " " for sign in str(event.get("SUMMARY", "")))
        return " ".join(words.split())[:NAME_SIGNS_MAX]


def _line_of(event: Any) -> int:
    return int(str(event[_LINE]))


def _endless(event: Any) -> bool:
    rules = event.get("RRULE", [])
    return any(
        not any(str(name).upper() in ("UNTIL", "COUNT") for name in rule)
        for rule in (rules if isinstance(rules, list) else [rules])
    )


def _moments(event: Any) -> Iterator[Any]:
    """Yield the times of an event that may name a zone."""
    for name in ("DTSTART", "DTEND", "RECURRENCE-ID"):
        if event.get(name) is not None:
            yield event[name]
    for name in ("EXDATE", "RDATE"):
        told = event.get(name, [])
        for one in told if isinstance(told, list) else [told]:
            for value in one.dts:
                value.params = one.params
                yield value


def _series(events: Iterable[Any]) -> Iterator[list[Any]]:
    """Yield what belongs together: an event and what was said of some of its dates.

    Programs exist that give all their events one UID: two that begin at different times are two.
    """
    groups: dict[str, list[Any]] = {}
    for event in events:
        groups.setdefault(str(event.get("UID", "")) or f"line {_line_of(event)}", []).append(event)
    for group in groups.values():
        whole = [one for one in group if one.get("RECURRENCE-ID") is None]
        if len({(one["DTSTART"].dt, int(one.get("SEQUENCE", 0))) for one in whole}) > 1 and len(
            {int(one.get("SEQUENCE", 0)) for one in whole}
        ) < len(whole):
            yield from ([one] for one in whole)
            whole = []
        rest = [one for one in group if one.get("RECURRENCE-ID") is not None]
        if whole or rest:
            yield [*whole, *rest]
