"""A birth date as somebody types it, turned into the beginnings under which it may be stored. Pure."""

import re
from datetime import date

from releve.record.identity import search_letters

__all__ = ["read_birth"]

# First letters that tell a month apart, French and English (JUI is both June and July in French: four letters).
MONTHS = {
    "JAN": 1, "FEV": 2, "FEB": 2, "MAR": 3, "AVR": 4, "APR": 4, "MAI": 5, "MAY": 5, "JUIN": 6, "JUN": 6, "JUIL": 7,
    "JUL": 7, "AOU": 8, "AUG": 8, "SEP": 9, "OCT": 10, "NOV": 11, "DEC": 12,
}  # fmt: skip
EARLIEST = 1880


def read_birth(text: str, today: date) -> tuple[str, ...]:
    """Return the ISO beginnings a typed birth date may mean; () when it cannot be read.

    Day first, as written in France; ISO year first. A year of two figures is read in both centuries while it lies in
    the past. Partial dates stay partial.

    >>> read_birth("14/07/1945", date(2026, 11, 21)), read_birth("juil. 1945", date(2026, 11, 21))
    (('1945-07-14',), ('1945-07',))
    >>> read_birth("14 7 12", date(2026, 11, 21))
    ('1912-07-14', '2012-07-14')
    """
    typed = text.strip()
    if re.fullmatch(r"\d{8}", typed):
        return _first(
            _iso(typed[:4], typed[4:6], typed[6:], today), _iso(typed[4:], typed[2:4], typed[:2], today)
        )
    if re.fullmatch(r"\d{6}", typed):
        return _six(typed, today)
    parts = [part for part in re.split(r"[\s/.,\-]+", typed) if part]
    if not 1 <= len(parts) <= 3:
        return ()
    if not (len(parts[0]) == 4 and parts[0].isdigit()):
        parts.reverse()
    year, month, day = (*parts, "", "")[:3]
    return _iso(year, month, day, today)


def _six(typed: str, today: date) -> tuple[str, ...]:
    """Six figures: month and year, year and month, or a whole date with a short year."""
    whole = _iso(typed[2:], typed[:2], "", today)
    short = _iso(typed[4:], typed[2:4], typed[:2], today)
    return _first(whole, short, _iso(typed[:4], typed[4:], "", today))


def _first(*answers: tuple[str, ...]) -> tuple[str, ...]:
    return next((answer for answer in answers if answer), ())


def _iso(year: str, month: str, day: str, today: date) -> tuple[str, ...]:
    years = _years(year, today)
    number = _month(month) if month else 0
    if not years or number is None or (day and not day.removesuffix("er").isdigit()):
        return ()
    found = []
    for whole in years:
        try:
            born = date(whole, number or 1, int(day.removesuffix("er")) if day else 1)
        except ValueError:
            continue
        if born <= today:
            found.append(
                f"{whole:04d}" + (f"-{number:02d}" if number else "") + (f"-{born.day:02d}" if day else "")
            )
    return tuple(found)


def _years(text: str, today: date) -> list[int]:
    if not text.isdigit():
        return []
    if len(text) == 4:
        return [int(text)] if EARLIEST <= int(text) <= today.year else []
    if len(text) == 2:
        return [century + int(text) for century in (1900, 2000) if century + int(text) <= today.year]
    return []


def _month(text: str) -> int | None:
    if text.isdigit():
        return int(text) if 1 <= int(text) <= 12 else None
    letters = search_letters(text)
    return next((number for start, number in MONTHS.items() if letters.startswith(start)), None)
