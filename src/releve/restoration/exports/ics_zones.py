"""Time zones that a calendar file brings along under names of its own, such as those of Exchange. Pure.

They are kept with the file: a name that two files give to different zones is read in each as that file says.
Source: RFC 5545, 3.6.5.
"""

import io
from collections.abc import Iterable
from datetime import UTC, datetime, tzinfo

from dateutil.tz import tzical
from icalendar.prop import vRecur

from releve.restoration.exports.ics_blocks import Block
from releve.restoration.exports.ics_repeats import RuleRefused, steps_of
from releve.restoration.planner.calendars import zone_named

__all__ = ["zones_of"]

ZONES_MAX = 40
_READ = frozenset({"TZID", "DTSTART", "RRULE", "RDATE", "TZOFFSETFROM", "TZOFFSETTO", "TZNAME"})
_CHANGES_MAX = 60  # of the clocks, in all zones of a calendar
_LAST = datetime(2100, 1, 1, tzinfo=UTC)


def zones_of(blocks: Iterable[Block]) -> dict[str, tzinfo]:
    """Return the zones of a calendar by the name it gives them; one that cannot be read is not there."""
    found: dict[str, tzinfo] = {}
    changes = 0
    for block in list(blocks)[:ZONES_MAX]:
        told = [_property(line) for line in block.lines]
        name = next((value for key, value in told if key == "TZID"), "")
        place = next((value for key, value in told if key == "X-LIC-LOCATION"), "")
        known = zone_named(place) if place else None
        changes += sum(key == "DTSTART" for key, _value in told)
        if not block.whole or not name or name in found or changes > _CHANGES_MAX:
            continue
        zone = known or _read(told)
        if zone is not None:
            found[name] = zone
    return found


def _property(line: str) -> tuple[str, str]:
    before, _, value = line.partition(":")
    return before.partition(";")[0].strip().upper(), value.strip()


def _read(told: list[tuple[str, str]]) -> tzinfo | None:
    kept = [f"{key}:{value}" for key, value in told if key in _READ or key in ("BEGIN", "END")]
    try:
        for key, value in told:
            if key == "RRULE" and "FREQ=YEARLY" not in value.upper():
                return None
            if key == "RRULE":
                steps_of(vRecur.from_ical(value), datetime(2000, 1, 1, tzinfo=UTC), _LAST)
        text = "\r\n".join(["BEGIN:VTIMEZONE", *kept, "END:VTIMEZONE", ""])
        zone = tzical(io.StringIO(text)).get()
        if zone is not None:
            zone.utcoffset(datetime(2026, 7, 1))  # noqa: DTZ001 - a zone is asked about a local time
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RuleRefused):
        return None
    return zone
