"""Dates, times, ages and figures as people read them, in French and in English.

Pure: the present moment, the zone and the language are arguments. Instants are UTC milliseconds since 1970, as in
the view tables. What is unknown is not written here: pages say *why* it is unknown (`{% unknown %}`).
"""

import re
from datetime import UTC, date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from releve.views.reading import MOMENT_MAX, MOMENT_MIN

__all__ = [
    "NBSP", "NNBSP", "age", "age_of", "birth", "count", "counted", "day", "figure", "figures", "hour", "hour_label",
    "is_child", "local", "moment", "near", "recent", "short_day", "stay_day", "weekday",
]  # fmt: skip

Language = Literal["fr", "en"]

NBSP = "\u00a0"
NNBSP = "\u202f"

# Below it a French hospital says "garçon" and "fille": until then children lie in paediatrics.
CHILD_YEARS = 15

_MONTHS = {
    "fr": ("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."),
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
}
_WEEKDAYS = {
    "fr": ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}


def _lang(lang: str) -> Language:
    return "en" if lang.startswith("en") else "fr"


def local(at_ms: int, zone: ZoneInfo) -> datetime:
    """Return the instant in the hospital's zone (its `fold` tells the second passage of the doubled hour)."""
    # A number that is no date (another island may sign any) is shown as the first or last one, never as a failed page.
    return datetime.fromtimestamp(min(max(at_ms, MOMENT_MIN), MOMENT_MAX) / 1000, UTC).astimezone(zone)


def _doubled(at: datetime) -> bool:
    """Tell whether this wall time happens twice (the night when summer time ends)."""
    first, second = at.replace(fold=0), at.replace(fold=1)
    before, after = first.utcoffset(), second.utcoffset()
    # In the skipped hour of spring the offset grows instead; an instant never falls there.
    return before is not None and after is not None and before > after


def hour_label(at: datetime) -> str:
    """Return "02:44"; in the doubled hour "02:30 A" for the first passage and "02:30 B" for the second."""
    passage = f"{NBSP}{'B' if at.fold else 'A'}" if _doubled(at) else ""
    return f"{at:%H:%M}{passage}"


def hour(at_ms: int, zone: ZoneInfo) -> str:
    """Return the hour alone, such as "02:44"."""
    return hour_label(local(at_ms, zone))


def _day_month(at: date, lang: Language) -> str:
    number = "1er" if lang == "fr" and at.day == 1 else str(at.day)
    return f"{number} {_MONTHS[lang][at.month - 1]}"


def _date(at: date, lang: Language) -> str:
    return f"{_day_month(at, lang)} {at.year}"


def day(at_ms: int, zone: ZoneInfo, lang: str) -> str:
    """Return the date, such as "21 nov. 2026"."""
    return _date(local(at_ms, zone), _lang(lang))


def short_day(at_ms: int, zone: ZoneInfo, lang: str) -> str:
    """Return the date without its year, such as "21 nov."."""
    return _day_month(local(at_ms, zone), _lang(lang))


def weekday(at_ms: int, zone: ZoneInfo, lang: str) -> str:
    """Return the date with its weekday, capitalised as a heading: "Samedi 21 nov. 2026"."""
    at, language = local(at_ms, zone), _lang(lang)
    return f"{_WEEKDAYS[language][at.weekday()].capitalize()} {_date(at, language)}"


def moment(at_ms: int, zone: ZoneInfo, lang: str) -> str:
    """Return date and hour, such as "21 nov. 2026 02:44"."""
    at = local(at_ms, zone)
    return f"{_date(at, _lang(lang))} {hour_label(at)}"


def near(at_ms: int, now_ms: int, zone: ZoneInfo, lang: str) -> str:
    """Return the shortest form that cannot be mistaken: "02:44" today, "20 nov. 22:03" otherwise.

    The year is written when it is not this one.
    """
    at, now = local(at_ms, zone), local(now_ms, zone)
    if at.date() == now.date():
        return hour_label(at)
    if at.year == now.year:
        return f"{_day_month(at, _lang(lang))} {hour_label(at)}"
    return moment(at_ms, zone, lang)


# Under eighteen hours an hour alone can only mean one moment for the person who reads it.
_RECENT_MS = 18 * 3600 * 1000


def recent(at_ms: int, now_ms: int, zone: ZoneInfo, lang: str) -> str:
    """Return the hour alone within eighteen hours, as a board has room for, otherwise as `near`."""
    if abs(now_ms - at_ms) < _RECENT_MS:
        return hour(at_ms, zone)
    return near(at_ms, now_ms, zone, lang)


def age(seconds: float, lang: str) -> str:
    """Return how long: "12 s", "26 min", "3 h 10", "20 h", "3 j" ("3 d" in English). Never negative.

    Minutes are dropped from ten hours on, hours from two days on.
    """
    # A sender's clock a little ahead of ours must not print a negative age; the feeds page tells of it.
    whole = max(0, int(seconds))
    if whole < 60:
        return f"{whole}{NBSP}s"
    minutes = whole // 60
    if minutes < 60:
        return f"{minutes}{NBSP}min"
    hours, rest = divmod(minutes, 60)
    if hours < 10:
        return f"{hours}{NBSP}h{NBSP}{rest:02d}" if rest else f"{hours}{NBSP}h"
    if hours < 48:
        return f"{hours}{NBSP}h"
    return f"{hours // 24}{NBSP}{'d' if _lang(lang) == 'en' else 'j'}"


def stay_day(admitted_ms: int, now_ms: int, zone: ZoneInfo, lang: str) -> str:
    """Return the day of the stay: "J 0" on the day of admission ("D 0" in English)."""
    days = (local(now_ms, zone).date() - local(admitted_ms, zone).date()).days
    return f"{'D' if _lang(lang) == 'en' else 'J'}{NBSP}{max(0, days)}"


def _parts(text: str) -> tuple[int, int | None, int | None] | None:
    """Return year, month, day of "1945", "1945-07", "1945-07-14", "194507" or "19450714…"; None when unreadable."""
    digits = text.replace("-", "").strip()
    if not (digits.isascii() and digits.isdigit()) or len(digits) not in {4, 6, 8, 10, 12, 14}:
        return None
    # "00" is how several senders write a day or a month that nobody knew.
    month = int(digits[4:6]) if len(digits) >= 6 else 0
    number = int(digits[6:8]) if len(digits) >= 8 and month else 0
    try:
        date(int(digits[:4]), month or 1, number or 1)
    except ValueError:
        return None
    return int(digits[:4]), month or None, number or None


def age_of(text: str, today: date, lang: str) -> str | None:
    """Return the age of somebody born on a full date: "81 ans", "5 mois" under two years, "12 j" under four weeks,
    "aujourd’hui" on the day itself: nobody says of a newborn that it is 0 days old.

    A partial date gives what is certain: "81 ans" when every day of it does, else "80 ou 81 ans"; nothing under three
    years. None when the birth date is unreadable or to come: an age is then not known, and must not be guessed.
    """
    parts = _parts(text)
    if parts is None:
        return None
    if parts[1] is None or parts[2] is None:
        return _age_of_partial(parts[0], parts[1], today, _lang(lang))
    born = date(parts[0], parts[1], parts[2])
    if born > today:
        return None
    days = (today - born).days
    months = (today.year - born.year) * 12 + today.month - born.month - (today.day < born.day)
    if _lang(lang) == "en":
        unit = ("d", "mo", "y")
    else:
        unit = ("j", "mois", "ans")
    if days == 0:
        return "today" if _lang(lang) == "en" else "aujourd’hui"
    if days < 28:
        return f"{days}{NBSP}{unit[0]}"
    if months < 24:
        return f"{months}{NBSP}{unit[1]}"
    return f"{months // 12}{NBSP}{unit[2]}"


def _age_of_partial(year: int, month: int | None, today: date, lang: Language) -> str | None:
    """Return the years that a birth in this month, or year, certainly makes: one figure, or two that follow."""
    years = today.year - year
    if month is None or month == today.month:
        least, most = years - 1, years
    else:
        least = most = years - (today.month < month)
    if least < 3:
        return None
    unit, either = ("y", "or") if lang == "en" else ("ans", "ou")
    return f"{most}{NBSP}{unit}" if least == most else f"{least} {either} {most}{NBSP}{unit}"


def is_child(text: str, today: date) -> bool:
    """Tell whether somebody born on this date is surely below fifteen; a text that is no date says nothing."""
    parts = _parts(text)
    if parts is None:
        return False
    # The earliest day that the words allow: "1945" may be its first of January.
    year, month, number = parts[0], parts[1] or 1, parts[2] or 1
    years = today.year - year - ((today.month, today.day) < (month, number))
    return 0 <= years < CHILD_YEARS


def birth(text: str, today: date, lang: str) -> str:
    """Return a birth date as precise as received: "1945 (80 ou 81 ans)", "14 juil. 1945 (81 ans)".

    A text that is no date comes back as it was received: it may be all that anybody knows.
    """
    parts, language = _parts(text), _lang(lang)
    if parts is None:
        return text.strip()
    year, month, number = parts
    years = age_of(text, today, lang)
    known = f" ({years})" if years else ""
    if month is None:
        return f"{year}{known}"
    if number is None:
        return f"{_MONTHS[language][month - 1]} {year}{known}"
    return f"{_date(date(year, month, number), language)}{known}"


def figure(text: str, lang: str) -> str:
    """Return a received decimal with the language's decimal sign; anything else unchanged.

    Digits are never rounded, added or grouped: "6.40" stays two decimals, because the laboratory meant them.
    """
    whole, point, decimals = text.partition(".")
    if _lang(lang) == "fr" and point and decimals.isdigit() and whole.lstrip("<>=+-~ ").isdigit():
        return f"{whole},{decimals}"
    return text


# A point between digits that is not part of a date, an address or a version ("1.2.3").
_DECIMAL = re.compile(r"(?<![\d.,])(\d+)\.(\d+)(?![.\d])")
_BETWEEN = re.compile(r"\s*(\d+(?:[.,]\d+)?)\s*-\s*(\d+(?:[.,]\d+)?)\s*")


def figures(text: str, lang: str) -> str:
    """Return words with several decimals in the language's sign, such as a range: "0.30-0.70" → "0,30 – 0,70".

    Digits are never changed. A hyphen between two figures is written as a dash: it is no minus.
    """
    if found := _BETWEEN.fullmatch(text):
        text = f"{found[1]}{NBSP}–{NBSP}{found[2]}"
    return _DECIMAL.sub(r"\1,\2", text) if _lang(lang) == "fr" else text


def count(number: int, lang: str) -> str:
    """Return a count with its thousands apart: "18 406" (narrow no-break space), "18,406" in English."""
    grouped = f"{number:,}"
    return grouped if _lang(lang) == "en" else grouped.replace(",", NNBSP)


def counted(number: int, noun: str) -> str:
    """Return a count with its noun, as commands say it in English: "1 ward", "1,204 entries".

    >>> counted(1, "ward"), counted(0, "person"), counted(1204, "entry"), counted(2, "day")
    ('1 ward', '0 persons', '1,204 entries', '2 days')
    """
    if number != 1:
        noun = noun[:-1] + "ies" if re.search(r"[^aeiou]y$", noun) else noun + "s"
    return f"{number:,} {noun}"
