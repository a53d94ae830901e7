"""The parts of a calendar file (iCalendar) with their lines: calendars, events, time zones. Pure: bytes in.

Only what says when an event is, and what it is called, goes on to be parsed: who is invited, what is attached and what
a description tells is left where it stands. Source: RFC 5545, 3.1 and 3.4.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

__all__ = ["Block", "CalendarBlock", "Split", "split_calendars"]

EVENTS_MAX = 5_000
ZONE_LINES_MAX = 400  # of one time zone: fifty changes of its clocks
LINE_SIGNS_MAX = 40_000  # of one property: thousands of excepted days
_BREAK = re.compile(r"\r\n|\n|\r")
_NAME = re.compile(r"[A-Za-z0-9-]{1,60}")
_KEPT = frozenset({
    "UID", "RECURRENCE-ID", "DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "STATUS", "TRANSP", "SUMMARY",
    "CLASS", "SEQUENCE", "X-MICROSOFT-CDO-BUSYSTATUS",
})  # fmt: skip


@dataclass
class Block:
    """A component: the line it begins on (from 1), its own lines, unfolded; False where its end was not found."""

    name: str
    line: int
    lines: list[str] = field(default_factory=list)
    whole: bool = False

    @property
    def body(self) -> str:
        """The component as text, to be parsed."""
        return "\r\n".join([f"BEGIN:{self.name}", *self.lines, f"END:{self.name}", ""])


@dataclass
class CalendarBlock(Block):
    """A VCALENDAR with its events and zones; `others`: what is no event, by name, with the line of the first."""

    events: list[Block] = field(default_factory=list)
    zones: list[Block] = field(default_factory=list)
    others: dict[str, tuple[int, int]] = field(default_factory=dict)

    def says(self, name: str) -> str:
        """Return the value of a property of the calendar itself, "" without."""
        for line in self.lines:
            before, colon, value = line.partition(":")
            if colon and before.partition(";")[0].upper() == name:
                return value.strip()
        return ""


@dataclass
class Split:
    """The calendars of a file; the line from which on events were too many, 0 where they were not."""

    calendars: list[CalendarBlock]
    too_many: int = 0


def split_calendars(data: bytes) -> Split:
    """Return the calendars of a file; none where it is no calendar file."""
    found: list[CalendarBlock] = []
    split = Split(found)
    calendar: CalendarBlock | None = None
    within: list[Block] = []  # what is open within the calendar, outermost first
    count = 0
    for number, line in _unfolded(_text(data)):
        name, _, value = line.partition(":")
        name = name.strip().upper()
        if name == "BEGIN":
            what = value.strip().upper()
            if calendar is None or what == "VCALENDAR":
                # A calendar that begins within another: the first was cut short.
                within = []
                calendar = CalendarBlock(what, number) if what == "VCALENDAR" else None
                if calendar is not None:
                    found.append(calendar)
                continue
            within.append(Block(what, number))
            if len(within) == 1:
                count += what == "VEVENT"
                if count > EVENTS_MAX:
                    split.too_many = number
                    return split
                _keep(calendar, within[0])
            elif within[0].name == "VTIMEZONE":
                within[0].lines.append(f"BEGIN:{what}")
        elif name == "END":
            what = value.strip().upper()
            if calendar is not None and what == "VCALENDAR":
                calendar.whole = not within
                calendar, within = None, []
            elif within and any(one.name == what for one in within):
                while within[-1].name != what:
                    within.pop()
                within[-1].whole = True
                within.pop()
                if within and within[0].name == "VTIMEZONE":
                    within[0].lines.append(f"END:{what}")
        elif calendar is not None and not within:
            calendar.lines.append(line)
        elif within and (len(within) == 1 or within[0].name == "VTIMEZONE"):
            _add(within[0], line)
    return split


def _keep(calendar: CalendarBlock, block: Block) -> None:
    if block.name == "VEVENT":
        calendar.events.append(block)
    elif block.name == "VTIMEZONE":
        calendar.zones.append(block)
    else:
        name = block.name if _NAME.fullmatch(block.name) else "?"
        first, number = calendar.others.get(name, (block.line, 0))
        calendar.others[name] = (first, number + 1)


def _add(block: Block, line: str) -> None:
    if block.name == "VTIMEZONE":
        if len(block.lines) < ZONE_LINES_MAX:
            block.lines.append(line)
    # Makers of holidays write an RRULE without a rule where nothing recurs.
    elif block.name == "VEVENT" and _named(line) in _KEPT and not line.rstrip().endswith(":"):
        block.lines.append(line[:LINE_SIGNS_MAX])


def _named(line: str) -> str:
    return re.split("[;:]", line, maxsplit=1)[0].strip().upper()


def _unfolded(text: str) -> Iterator[tuple[int, str]]:
    """Yield the content lines with the number of the line each begins on."""
    parts: list[str] = []
    begun = 1
    for number, line in enumerate(_BREAK.split(text), start=1):
        if line[:1] in (" ", "\t") and parts:
            parts.append(line[1:])
            continue
        if parts:
            yield begun, "".join(parts)
        parts, begun = ([line] if line.strip() else []), number
    if parts:
        yield begun, "".join(parts)


def _text(data: bytes) -> str:
    """Return the text: UTF-8, with or without a mark at its beginning, UTF-16 with one, else Windows-1252."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")
