"""How much a rule by which an event recurs may ask for: a file of rules without end takes no machine away. Pure.

Source: RFC 5545, 3.3.10. Dates are looked for by `dateutil`, which counts from the first day of an event on, and to the
year 9999 when a rule never comes true: that is told beforehand.
"""

from datetime import date, datetime
from typing import Any

__all__ = ["STEPS_MAX", "RuleRefused", "steps_of"]

STEPS_MAX = 400_000  # of one file, about two seconds: thirty events a day each for thirty years
_RARE_STEPS = 60_000  # what a rule that may never come true is counted for
_FREQUENCIES = {"DAILY": 1, "WEEKLY": 1, "MONTHLY": 1, "YEARLY": 1}
_LISTS_MAX = 400
_OF_A_DAY_MAX = 24
_INTERVAL_MAX = 1_000
_LEAST_STEPS = 40
_LONGEST = {2: 29, 4: 30, 6: 30, 9: 30, 11: 30}


class RuleRefused(ValueError):
    """A rule that is not followed; the message says what is expected."""


def steps_of(rule: Any, begins: date, until: datetime) -> int:
    """Return how many days have to be looked at for the dates of a rule (`vRecur`) up to `until`.

    Raises:
        RuleRefused: it recurs more often than by the day, or never comes true.
    """
    told = {str(name).upper(): value if isinstance(value, list) else [value] for name, value in rule.items()}
    frequency = str((told.get("FREQ") or [""])[0]).upper()
    if frequency not in _FREQUENCIES or len(told["FREQ"]) != 1:
        raise RuleRefused("FREQ=DAILY, WEEKLY, MONTHLY or YEARLY")
    if any(len(values) > _LISTS_MAX for values in told.values()):
        raise RuleRefused("lists of values of a usual length")
    of_a_day = 1
    for name in ("BYHOUR", "BYMINUTE", "BYSECOND"):
        of_a_day *= max(1, len(set(map(str, told.get(name, ())))))
    if of_a_day > _OF_A_DAY_MAX:
        raise RuleRefused("a few times a day at most")
    interval = int((told.get("INTERVAL") or [1])[0])
    if not 1 <= interval <= _INTERVAL_MAX:
        raise RuleRefused("an INTERVAL from 1 to 1000")
    rare = _may_never_be(told)
    if rare and frequency in ("DAILY", "WEEKLY"):
        raise RuleRefused("FREQ=MONTHLY or YEARLY beside days of a month or a year")
    # Every seventh day that is a Tuesday is none at all, counted from a Monday.
    by_day = frequency == "DAILY" and any(name.startswith("BY") for name in told)
    rare = rare or (interval > 1 and (by_day or "BYMONTH" in told))
    days = max(0, (until.date() - (begins.date() if isinstance(begins, datetime) else begins)).days) + 1
    # A rule by the year or month still looks at each of its days; one by day or week takes steps of its interval.
    steps = days // interval if frequency in ("DAILY", "WEEKLY") else days
    return max(_LEAST_STEPS, steps) * of_a_day + (_RARE_STEPS if rare else 0)


def _may_never_be(told: dict[str, list[Any]]) -> bool:
    """Tell whether a rule may have no date at all, such as the 30th of February."""
    if any(name in told for name in ("BYSETPOS", "BYYEARDAY", "BYWEEKNO", "BYEASTER")):
        return True
    days = [int(day) for day in told.get("BYMONTHDAY", ())]
    if not days:
        return any(abs(_number(day)) > 4 for day in told.get("BYDAY", ()))
    if "BYDAY" in told:
        return True
    months = [int(month) for month in told.get("BYMONTH", ())] or list(range(1, 13))
    return not any(1 <= abs(day) <= _LONGEST.get(month, 31) for month in months for day in days)


def _number(day: Any) -> int:
    """Return the number before a weekday (2 of 2TU), 1 without."""
    digits = str(day).rstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
    return int(digits) if digits.lstrip("+-").isdigit() else 1
