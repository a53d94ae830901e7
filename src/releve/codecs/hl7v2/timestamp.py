"""Moments as HL7 v2 writes them: partial, with or without offset, in the hour that comes twice.

Source: HL7 v2.9 chapter 2A, §2.A.22 DTM; IANA time zones for times without offset.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

Precision = Literal["year", "month", "day", "hour", "minute", "second", "fraction"]

_PRECISIONS: dict[int, Precision] = {4: "year", 6: "month", 8: "day", 10: "hour", 12: "minute", 14: "second"}
_EPOCH_DAY = date(1970, 1, 1).toordinal()
_SECOND_US = 1_000_000
_OFFSET_MINUTES_MAX = 14 * 60  # Kiribati; more is a slip of the keyboard


class Moment(NamedTuple):
    """A received time: its text is kept, `at_us` serves to sort and to compare."""

    text: str
    at_us: int  # microseconds since 1970, UTC; the beginning of the year, month, day… that the text names
    precision: Precision
    ambiguous: bool = False  # no offset, in the hour that comes twice: `at_us` is the first of the two ("A")
    skipped: bool = False  # no offset, in the hour that does not exist: `at_us` as if the clock had not moved
    offset_given: bool = False


@lru_cache(maxsize=16384)  # one moment stands in many segments of a message, and a feed repeats its seconds
def read_moment(text: str, zone: ZoneInfo) -> Moment | None:
    """Return the moment that `text` (HL7 DTM or TS.1) names, or None when it is not one.

    Format YYYY[MM[DD[HH[MM[SS[.S[S[S[S]]]]]]]]][+/-ZZZZ]; without an offset it is read in `zone`.
    Nothing is guessed: another order of digits, an impossible date or trailing signs give None, and the
    caller shows the text as received.

    >>> read_moment("202610250230", ZoneInfo("Europe/Paris"))
    Moment(text='202610250230', at_us=1792888200000000, precision='minute', ambiguous=True, skipped=False, \
offset_given=False)
    >>> read_moment("202610250230+0100", ZoneInfo("Europe/Paris")).at_us
    1792891800000000
    >>> read_moment("1950", ZoneInfo("Europe/Paris")).precision
    'year'
    >>> read_moment("01/15/2025", ZoneInfo("Europe/Paris")) is None
    True
    """
    stripped = text.strip()
    if not stripped.isascii():
        return None
    digits, offset = stripped, None
    if len(stripped) > 5 and stripped[-5] in "+-":
        digits, sign, zzzz = stripped[:-5], stripped[-5], stripped[-4:]
        if not zzzz.isdigit() or zzzz[2:] > "59":
            return None
        offset = int(zzzz[:2]) * 60 + int(zzzz[2:])
        if offset > _OFFSET_MINUTES_MAX:
            return None
        if sign == "-":
            offset = -offset
    digits, point, fraction = digits.partition(".")
    precision = _PRECISIONS.get(len(digits))
    if precision is None or not digits.isdigit():
        return None
    fraction_us = 0
    if point:
        # The standard has four digits; some engines print six or more.
        if precision != "second" or not fraction.isdigit() or len(fraction) > 9:
            return None
        precision = "fraction"
        fraction_us = int(fraction[:6].ljust(6, "0"))
    try:
        moment = datetime(
            int(digits[:4]),
            int(digits[4:6] or 1),
            int(digits[6:8] or 1),
            int(digits[8:10] or 0),
            int(digits[10:12] or 0),
            int(digits[12:14] or 0),
            tzinfo=zone,
        )
    except ValueError:
        return None
    ambiguous = skipped = False
    if offset is not None:
        shift = timedelta(minutes=offset)
    else:
        first, second = _offsets(moment)
        shift = first
        # A day or a month that begins in a doubled hour is not in doubt for anybody.
        if first != second and precision not in ("year", "month", "day"):
            ambiguous, skipped = first > second, first < second
    days = moment.toordinal() - _EPOCH_DAY
    seconds = days * 86_400 + moment.hour * 3600 + moment.minute * 60 + moment.second
    at_us = seconds * _SECOND_US - shift // timedelta(microseconds=1) + fraction_us
    return Moment(text, at_us, precision, ambiguous, skipped, offset is not None)


def _offsets(moment: datetime) -> tuple[timedelta, timedelta]:
    """Return what the zone's clocks showed before and after a change; both are equal when there is none."""
    first, second = moment.utcoffset(), moment.replace(fold=1).utcoffset()
    assert first is not None  # a ZoneInfo always answers for a datetime
    assert second is not None
    return first, second
