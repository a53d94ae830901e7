"""NEWS2, the National Early Warning Score of one set of observations. Pure.

Source: Royal College of Physicians, National Early Warning Score (NEWS) 2, London 2017, charts 1 and 2. It is made
for people of 16 years and more who are not pregnant. A score is given only when all seven are measured together: a
part of a score looks like a low one.
"""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Literal

import msgspec

__all__ = ["AGE_YEARS_MIN", "INPUTS", "News2", "age_years", "news2"]

AGE_YEARS_MIN = 16
Risk = Literal["low", "low-medium", "medium", "high"]

# What the score is made of, in the order of the chart.
INPUTS = ("respiratory_rate", "spo2", "oxygen", "systolic", "pulse", "consciousness", "temperature")
URGENT_FROM, EMERGENCY_FROM, SINGLE = 5, 7, 3


class News2(msgspec.Struct, frozen=True, kw_only=True):
    """What the seven inputs say. `total` is None when one is `missing`; `parts` are the points of those measured."""

    total: int | None
    parts: tuple[tuple[str, int], ...]
    missing: tuple[str, ...] = ()
    too_young: bool = False
    scale: int = 1  # of SpO2

    @property
    def single(self) -> tuple[str, ...]:
        """The inputs that score 3 alone; known even when the rest is not."""
        return () if self.too_young else tuple(name for name, points in self.parts if points >= SINGLE)

    @property
    def risk(self) -> Risk | None:
        """The clinical risk of chart 2; None while it cannot be told."""
        if self.total is None:
            return None
        if self.total >= EMERGENCY_FROM:
            return "high"
        if self.total >= URGENT_FROM:
            return "medium"
        return "low-medium" if self.single else "low"

    @property
    def urgent(self) -> bool:
        """Somebody must come: a total of 5 or more, or 3 in a single input, whether or not a total is known."""
        return bool(self.single) or (self.total is not None and self.total >= URGENT_FROM)


def _steps(*bounds: tuple[str, int], above: int) -> Callable[[Decimal], int]:
    """Return the points of a value: those of the first bound that it does not pass."""
    limits = [(Decimal(text), points) for text, points in bounds]

    def points_of(value: Decimal) -> int:
        return next((points for limit, points in limits if value <= limit), above)

    return points_of


_RATE = _steps(("8", 3), ("11", 1), ("20", 0), ("24", 2), above=3)
_SPO2_1 = _steps(("91", 3), ("93", 2), ("95", 1), above=0)
_SPO2_2_AIR = _steps(("83", 3), ("85", 2), ("87", 1), above=0)
_SPO2_2_OXYGEN = _steps(("83", 3), ("85", 2), ("87", 1), ("92", 0), ("94", 1), ("96", 2), above=3)
_SYSTOLIC = _steps(("90", 3), ("100", 2), ("110", 1), ("219", 0), above=3)
_PULSE = _steps(("40", 3), ("50", 1), ("90", 0), ("110", 1), ("130", 2), above=3)
_TEMPERATURE = _steps(("35.0", 3), ("36.0", 1), ("38.0", 0), ("39.0", 1), above=2)
_NUMBERS: dict[str, Callable[[Decimal], int]] = {
    "respiratory_rate": _RATE, "systolic": _SYSTOLIC, "pulse": _PULSE, "temperature": _TEMPERATURE,
}  # fmt: skip


def news2(said: Mapping[str, str | None], *, scale: int = 1, age_years: int | None = None) -> News2:
    """Return the score of one set of observations, values as they were written ("38.5").

    `oxygen` is "air" or "oxygen", `consciousness` one of A, C, V, P, U. Scale 2 of SpO2 is for hypercapnic
    respiratory failure with a prescribed target of 88 to 92 %. An age that is not known counts as adult.

    >>> news2({"respiratory_rate": "22", "spo2": "95", "oxygen": "air", "systolic": "105", "pulse": "112",
    ...        "consciousness": "A", "temperature": "38.4"}).total
    7
    >>> news2({"pulse": "112"}).missing[0]
    'respiratory_rate'
    """
    parts: list[tuple[str, int]] = []
    missing: list[str] = []
    oxygen = said.get("oxygen")
    for name in INPUTS:
        points = _points(name, said.get(name), oxygen, scale)
        if points is None:
            missing.append(name)
        else:
            parts.append((name, points))
    young = age_years is not None and age_years < AGE_YEARS_MIN
    total = None if missing or young else sum(points for _name, points in parts)
    return News2(total=total, parts=tuple(parts), missing=tuple(missing), too_young=young, scale=scale)


def _points(name: str, value: str | None, oxygen: str | None, scale: int) -> int | None:
    if not value:
        return None
    if name == "oxygen":
        return {"air": 0, "oxygen": 2}.get(value)
    if name == "consciousness":
        return {"A": 0, "C": 3, "V": 3, "P": 3, "U": 3}.get(value)
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    if name != "spo2":
        return _NUMBERS[name](number)
    if scale != 2:
        return _SPO2_1(number)
    if oxygen == "oxygen":
        return _SPO2_2_OXYGEN(number)
    # Above 92 % scale 2 asks whether oxygen is given; under it the points are the same.
    return _SPO2_2_AIR(number) if oxygen == "air" or number <= 92 else None


def age_years(birth: str | None, on: date) -> int | None:
    """Return the age in whole years on a day; of a partial birth date the oldest that is possible, None if unknown.

    >>> age_years("2011-11-22", date(2026, 11, 21)), age_years("2010", date(2026, 11, 21)), age_years(None, date.max)
    (14, 16, None)
    """
    parts = (birth or "").split("-")
    if not all(part.isdigit() for part in parts):
        return None
    year, month, day = (int(part) for part in (*parts, "1", "1")[:3])
    years = on.year - year - ((on.month, on.day) < (month, day))
    return years if years >= 0 else None
