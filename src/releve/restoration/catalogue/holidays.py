"""Public holidays of France, computed. Pure.

Source: Code du travail, article L3133-1; Easter by the anonymous Gregorian algorithm (Meeus, Astronomical Algorithms,
chapter 8). The two further days of Alsace-Moselle (L3134-13) are not in it: a hospital there adds them.
"""

from datetime import date, timedelta

__all__ = ["easter", "public_holidays"]

_FIXED = (
    (1, 1, "New Year’s Day", "Jour de l’an"),
    (5, 1, "Labour Day", "Fête du travail"),
    (5, 8, "Victory Day", "Victoire 1945"),
    (7, 14, "National Day", "Fête nationale"),
    (8, 15, "Assumption Day", "Assomption"),
    (11, 1, "All Saints’ Day", "Toussaint"),
    (11, 11, "Armistice Day", "Armistice 1918"),
    (12, 25, "Christmas Day", "Noël"),
)
_AFTER_EASTER = (
    (1, "Easter Monday", "Lundi de Pâques"),
    (39, "Ascension Day", "Ascension"),
    (50, "Whit Monday", "Lundi de Pentecôte"),
)


def easter(year: int) -> date:
    """Return Easter Sunday of a year of the Gregorian calendar."""
    century, of_century = divmod(year, 100)
    moon = (19 * (year % 19) + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (of_century // 4) - moon - of_century % 4) % 7
    late = (year % 19 + 11 * moon + 22 * weekday) // 451
    month, day = divmod(moon + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)


def public_holidays(first: date, last: date, language: str = "fr") -> list[tuple[date, str]]:
    """Return the public holidays from `first` to `last`, both included, in order, with their names."""
    french = language.startswith("fr")
    found = []
    for year in range(first.year, last.year + 1):
        for month, day, english_name, french_name in _FIXED:
            found.append((date(year, month, day), french_name if french else english_name))
        for after, english_name, french_name in _AFTER_EASTER:
            found.append((easter(year) + timedelta(days=after), french_name if french else english_name))
    return sorted((day, name) for day, name in found if first <= day <= last)
