"""What a repeat pattern says of the hours of a line. Pure.

Source: HL7 v2.5 §4.3.4 and table 0335 (repeat pattern), §4.5.4 (TQ1); a pattern that is not known keeps its words.
"""

import re

import msgspec

__all__ = ["Timing", "read_pattern", "read_time"]

# Patterns of table 0335, and the words French prescriptions put in their place, that name no hour: times a day.
# "Three times a day" is no interval: eight hours after noon is a dose at four in the morning that nobody prescribed.
PER_DAY = {
    "QD": 1, "QAM": 1, "QPM": 1, "QHS": 1, "BID": 2, "TID": 3, "QID": 4, "DAILY": 1, "Q1J": 1,
    "MATIN": 1, "MIDI": 1, "SOIR": 1, "COUCHER": 1,
}  # fmt: skip
TIMES_A_DAY = re.compile(r"([1-9])(?:ID|X/?J(?:OUR)?|/J(?:OUR)?|FOIS/?PARJOUR)")
INTERVAL = re.compile(r"Q(\d{1,3})([HDMSW])")
HOURS = {"H": 1.0, "D": 24.0, "M": 1 / 60, "S": 1 / 3600, "W": 168.0}
TIME = re.compile(r"([01]\d|2[0-3]):?([0-5]\d)(?::?[0-5]\d)?")


class Timing(msgspec.Struct, frozen=True, kw_only=True):
    """What a repeat pattern says; nothing is guessed: hours are only those that were named."""

    interval_hours: float | None = None
    as_needed: bool = False
    once: bool = False
    known: bool = False
    per_day: float | None = None  # how many hours a day it asks for, when it says so


def read_pattern(text: str | None) -> Timing:
    """Return what a repeat pattern means.

    >>> read_pattern("Q6H").interval_hours, read_pattern("PRNQ4H").as_needed, read_pattern("TID").per_day
    (6.0, True, 3)
    """
    pattern = (text or "").upper().replace(" ", "")
    as_needed = "PRN" in pattern
    pattern = pattern.replace("PRN", "")
    if pattern in ("ONCE", "1", "STAT"):
        return Timing(once=True, known=True, as_needed=as_needed)
    if pattern == "QOD":
        return Timing(interval_hours=48.0, as_needed=as_needed, known=True)
    match = INTERVAL.fullmatch(pattern)
    if match is not None:
        hours = int(match[1]) * HOURS[match[2]]
        per_day = 24 / hours if hours and hours <= 24 else None
        return Timing(interval_hours=hours or None, as_needed=as_needed, known=bool(hours), per_day=per_day)
    if pattern in PER_DAY:
        return Timing(as_needed=as_needed, known=True, per_day=PER_DAY[pattern])
    if times := TIMES_A_DAY.fullmatch(pattern):
        return Timing(as_needed=as_needed, known=True, per_day=int(times[1]))
    return Timing(as_needed=as_needed, known=not pattern and as_needed)


def read_time(text: str | None) -> str | None:
    """Return "HH:MM" of an explicit time.

    >>> read_time("0800"), read_time("20:30"), read_time("midi")
    ('08:00', '20:30', None)
    """
    match = TIME.fullmatch((text or "").strip())
    return f"{match[1]}:{match[2]}" if match else None
