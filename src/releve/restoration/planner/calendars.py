"""Hours in which somebody works, as bits: bit `h` of an integer is set when hour `h` since the cut is worked.

Pure. A mask costs one bit an hour, and the hours a whole team works together are one `&`.
Whether an hour is worked is asked at its beginning, in local time: a cut at 03:10 has hours that begin at ten past.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import accumulate, compress
from zoneinfo import ZoneInfo

from releve.restoration.case import ALWAYS, Calendar, Case, Person, Window

__all__ = [
    "Profile", "calendar_masks", "local_weekhours", "person_mask", "profile_of", "window_mask", "zone_named",
]  # fmt: skip

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Profile:
    """The worked hours of somebody, or of a whole team together, ready to be counted.

    `hour_of[k]` is the k-th worked hour, `before[h]` how many worked hours lie before hour `h` (0 to horizon).
    """

    __slots__ = ("_horizon", "_mask", "before", "hour_of")

    hour_of: array[int]
    before: array[int]

    def __init__(self, mask: int, horizon: int) -> None:
        self._mask, self._horizon = mask, horizon

    def __getattr__(self, name: str) -> array[int]:
        # Written at the first question: who compiles a case for other things than its hours asks none.
        if name not in ("before", "hour_of"):
            raise AttributeError(name)
        digits = format(self._mask, f"0{self._horizon}b").encode()[::-1] if self._horizon else b""
        bits = digits.translate(_DIGITS)
        self.before = array("i", accumulate(bits, initial=0))
        self.hour_of = array("i", compress(range(self._horizon), bits))
        return self.before if name == "before" else self.hour_of

    def span(self, ready: int, work_hours: int) -> tuple[int, int] | None:
        """Return the first worked hour from `ready` on and the end of the last; None: beyond the horizon."""
        if ready >= len(self.before):
            return None
        first = self.before[ready]
        last = first + work_hours - 1
        if last >= len(self.hour_of):
            return None
        return self.hour_of[first], self.hour_of[last] + 1


def zone_named(name: str) -> ZoneInfo | None:
    """Return the zone of this name, None when there is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError):  # a name that is no key, or no file of the database
        return None


def local_weekhours(starts_at: datetime, zone: str, horizon: int) -> bytes:
    """Return for each hour its hour of the local week, 0 (Monday from 00:00) to 167, as one byte each.

    An unknown zone is read as that of `starts_at`.
    """
    where: tzinfo | None = zone_named(zone) or starts_at.tzinfo
    start = starts_at.astimezone(UTC)
    found = bytearray(horizon)
    for hour in range(horizon):
        local = (start + timedelta(hours=hour)).astimezone(where)
        found[hour] = local.weekday() * 24 + local.hour
    return bytes(found)


def calendar_masks(case: Case, horizon: int) -> dict[str, int]:
    """Return the worked hours of each calendar of the case, and of `always`."""
    weekhours = local_weekhours(case.starts_at, case.zone, horizon)
    masks = {ALWAYS: (1 << horizon) - 1}
    for calendar in case.calendars:
        masks[calendar.id] = _calendar_mask(calendar, weekhours, horizon)
    return masks


def _calendar_mask(calendar: Calendar, weekhours: bytes, horizon: int) -> int:
    table = bytearray(b"0" * 256)
    for line in calendar.week:
        for day in line.days:
            monday = _DAYS.index(day) * 24
            for hour in range(max(line.from_hour, 0), min(line.to_hour, 24)):
                table[monday + hour] = ord("1")
    digits = weekhours.translate(bytes(table))[::-1]  # the last hour is the highest bit
    mask = int(digits or b"0", 2)
    for each in calendar.exceptions:
        hours = window_mask(each.from_hour, each.to_hour, horizon)
        mask = mask | hours if each.works else mask & ~hours
    return mask


def window_mask(from_hour: int, to_hour: int, horizon: int) -> int:
    """Return the hours from `from_hour` to `to_hour`, end not included, within 0 and the horizon."""
    low, high = max(from_hour, 0), min(to_hour, horizon)
    return ((1 << (high - low)) - 1) << low if high > low else 0


def _windows(windows: Iterable[Window], horizon: int) -> int:
    mask = 0
    for window in windows:
        mask |= window_mask(window.from_hour, window.to_hour, horizon)
    return mask


def person_mask(person: Person, masks: dict[str, int], horizon: int) -> int:
    """Return the hours a person is there; none when the calendar is not known."""
    mask = masks.get(person.calendar, 0)
    if person.windows:
        mask &= _windows(person.windows, horizon)
    return mask & ~_windows(person.absences, horizon)


def profile_of(mask: int, horizon: int) -> Profile:
    """Return a mask as tables to count in."""
    return Profile(mask, horizon)


_DIGITS = bytes(1 if value == ord("1") else 0 for value in range(256))
