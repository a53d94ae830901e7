"""Sums of a fluid balance, by shift and by day of the hospital, on nights of 23 and 25 hours too. Pure.

A shift begins at 07:00, 14:00 or 21:00 as people of the hospital read the clock; a day of balance goes from 07:00 to
07:00, which is 23 or 25 hours on the nights when the clock changes.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

__all__ = ["SHIFTS", "Shift", "Sums", "day_of", "shift_of", "shifts_back", "sums"]

# Name, hour at which it begins: the usual thirds of French hospitals.
SHIFTS: tuple[tuple[str, int], ...] = (("morning", 7), ("evening", 14), ("night", 21))


class Shift(msgspec.Struct, frozen=True, kw_only=True):
    """One shift: half-open, UTC ms. `code` such as "2026-11-21/night" names it on every island."""

    code: str
    name: str
    from_ms: int
    to_ms: int

    @property
    def hours(self) -> float:
        """How long it lasts, in hours."""
        return (self.to_ms - self.from_ms) / 3_600_000


class Sums(msgspec.Struct, frozen=True, kw_only=True):
    """In, out and their difference (mL)."""

    into: int
    out: int

    @property
    def balance(self) -> int:
        """What stayed."""
        return self.into - self.out


def _begin(day: datetime, hour: int, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=zone)


def _ms(moment: datetime) -> int:
    # Through UTC: a difference of two local times would forget the hour that the clock jumps.
    return round(moment.astimezone(UTC).timestamp() * 1000)


def _shifts_of(day: datetime, zone: ZoneInfo) -> list[Shift]:
    """Return the three shifts that begin on a day."""
    begins = [(name, _begin(day, hour, zone)) for name, hour in SHIFTS]
    ends = [*(begin for _name, begin in begins[1:]), _begin(day + timedelta(days=1), SHIFTS[0][1], zone)]
    return [
        Shift(code=f"{day:%Y-%m-%d}/{name}", name=name, from_ms=_ms(begin), to_ms=_ms(end))
        for (name, begin), end in zip(begins, ends, strict=True)
    ]


def shift_of(at_ms: int, zone: ZoneInfo) -> Shift:
    """Return the shift of a moment.

    >>> from zoneinfo import ZoneInfo
    >>> shift_of(1_795_227_000_000, ZoneInfo("Europe/Paris")).code
    '2026-11-20/night'
    """
    local = datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(zone)
    for day in (local.replace(tzinfo=None), local.replace(tzinfo=None) - timedelta(days=1)):
        for shift in _shifts_of(day, zone):
            if shift.from_ms <= at_ms < shift.to_ms:
                return shift
    raise AssertionError("the shifts of two days cover every moment of them")


def shifts_back(at_ms: int, zone: ZoneInfo, number: int) -> list[Shift]:
    """Return the shift of a moment and those before it, newest first."""
    found = [shift_of(at_ms, zone)]
    while len(found) < number:
        found.append(shift_of(found[-1].from_ms - 1, zone))
    return found


def day_of(at_ms: int, zone: ZoneInfo) -> tuple[int, int]:
    """Return the day of balance of a moment, from 07:00 to 07:00 (UTC ms, half-open)."""
    shift = shift_of(at_ms, zone)
    day = datetime.fromisoformat(shift.code.partition("/")[0])
    whole = _shifts_of(day, zone)
    return whole[0].from_ms, whole[-1].to_ms


def sums(
    events: Iterable[tuple[int, str, int]] | Sequence[tuple[int, str, int]], from_ms: int, to_ms: int
) -> Sums:
    """Return the sums of events (UTC ms, "in" or "out", mL) in a half-open time."""
    into = out = 0
    for at, direction, volume in events:
        if from_ms <= at < to_ms:
            if direction == "in":
                into += volume
            else:
                out += volume
    return Sums(into=into, out=out)
