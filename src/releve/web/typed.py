"""Dates and moments as people type them, read back as the standard writes them. Pure.

Nobody at 3 a.m. remembers a format: every form that `words.py` prints can be typed again, with or without accents,
with spaces, slashes, points or nothing between the figures.
"""

import re
import unicodedata
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

__all__ = ["TypedMoment", "read_birth", "read_moment"]

_MONTHS = (
    ("jan", "janv", "janvier", "january"),
    ("fev", "fevr", "fevrier", "feb", "february"),
    ("mar", "mars", "march"),
    ("avr", "avril", "apr", "april"),
    ("mai", "may"),
    ("juin", "jun", "june"),
    ("juil", "juillet", "jul", "july"),
    ("aout", "aou", "aug", "august"),
    ("sept", "septembre", "sep", "september"),
    ("oct", "octobre", "october"),
    ("nov", "novembre", "november"),
    ("dec", "decembre", "december"),
)
_NUMBER_OF = {name: number for number, names in enumerate(_MONTHS, 1) for name in names}


class TypedMoment(NamedTuple):
    """A moment that was typed: UTC microseconds, and whether its hour exists twice without A or B being said."""

    at_us: int
    ambiguous: bool


def _tokens(text: str) -> list[str]:
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)).lower()
    bare = re.sub(r"\b1(er|st)\b", "1", bare)
    return re.findall(r"\d+|[a-z]+", bare)


def _date_of(tokens: list[str]) -> tuple[int, int | None, int | None] | None:
    """Return year, month, day of the tokens of a date, day first as in France, year first as in ISO 8601."""
    if len(tokens) == 1 and tokens[0].isdigit():
        figures = tokens[0]
        if len(figures) == 4:
            return int(figures), None, None
        if len(figures) == 8:
            # 19450714 or 14071945: only one of the two can be a year of this or the last century.
            if figures[:2] in {"19", "20", "18"} and 1 <= int(figures[4:6]) <= 12:
                return int(figures[:4]), int(figures[4:6]), int(figures[6:])
            return int(figures[4:]), int(figures[2:4]), int(figures[:2])
        return None
    numbers: list[int] = []
    for token in tokens:
        if token.isdigit():
            numbers.append(int(token))
        elif token in _NUMBER_OF:
            numbers.append(_NUMBER_OF[token])
        else:
            return None
    if len(numbers) == 2:
        month, year = (numbers[1], numbers[0]) if numbers[0] > 999 else (numbers[0], numbers[1])
        return (year, month, None) if year > 999 else None
    if len(numbers) != 3:
        return None
    if numbers[0] > 999:
        return numbers[0], numbers[1], numbers[2]
    # Two figures for a year would make a child of her great-grandmother.
    return (numbers[2], numbers[1], numbers[0]) if numbers[2] > 999 else None


def read_birth(text: str) -> str | None:
    """Return a typed birth date as "1945", "1945-07" or "1945-07-14"; None when it cannot be one.

    >>> read_birth("14/07/1945"), read_birth("juil. 1945"), read_birth("1945")
    ('1945-07-14', '1945-07', '1945')
    """
    parts = _date_of(_tokens(text))
    if parts is None:
        return None
    year, month, day = parts
    try:
        date(year, month or 1, day or 1)
    except ValueError:
        return None
    if not 1850 <= year <= 2150:
        return None
    if month is None:
        return f"{year:04d}"
    return f"{year:04d}-{month:02d}" if day is None else f"{year:04d}-{month:02d}-{day:02d}"


_HOUR = re.compile(r"(?<!\d)(\d{1,2})\s*(?:[:hH]|\bh\b)\s*(\d{2})?(?::\d{2})?\s*([AaBb])?\s*$")


def read_moment(text: str, zone: ZoneInfo, *, now_ms: int) -> TypedMoment | None:
    """Return the moment typed as "21 nov. 2026 02:44", "21/11/2026 2h44", "2026-11-21T02:44" or "02:44" (today).

    In the doubled hour, "02:30 A" is the first passage and "02:30 B" the second; without a letter the first is
    taken and `ambiguous` is True, so that the page can ask. None when it is no moment, or an hour that did not exist.
    """
    cleaned = text.replace("\u00a0", " ").replace("\u202f", " ").strip()
    found = _HOUR.search(cleaned.replace("T", " "))
    if found is None:
        return None
    before = cleaned[: found.start()].replace("T", " ").strip()
    # "à 02:44", "at 02:44"
    before = re.sub(r"(?:\s|^)(?:à|at)$", "", before).strip()
    if before:
        parts = _date_of(_tokens(before))
        if parts is None or parts[1] is None or parts[2] is None:
            return None
        year, month, day = parts[0], parts[1], parts[2]
    else:
        today = datetime.fromtimestamp(now_ms / 1000, zone)
        year, month, day = today.year, today.month, today.day
    letter = (found[3] or "").upper()
    try:
        first = datetime(year, month, day, int(found[1]), int(found[2] or 0), tzinfo=zone)
    except ValueError:
        return None
    second = first.replace(fold=1)
    first_offset, second_offset = first.utcoffset(), second.utcoffset()
    if first_offset is None or second_offset is None or second_offset > first_offset:
        return None  # the hour skipped in spring
    doubled = first_offset != second_offset
    if letter and not doubled:
        return None
    taken = second if letter == "B" else first
    return TypedMoment(round(taken.timestamp()) * 1_000_000, doubled and not letter)
