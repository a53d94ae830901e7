"""The hours of a calendar as a form: lines of days and hours, a week long; and the same hours in words."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from django.http import QueryDict
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext

from releve.restoration.case import Calendar, Weekday, WorkingHours

__all__ = ["HoursTyped", "WeekLine", "read_week", "week_lines", "week_words"]

DAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LINES_MAX = 40


class WeekLine(NamedTuple):
    """One line of the form: which days, from when to when, as it was typed."""

    number: int
    days: tuple[tuple[Weekday, str, bool], ...]
    begins: str
    ends: str
    error: str = ""


class HoursTyped(NamedTuple):
    """What was read: the hours of the week, the lines to show again, whether any is wrong."""

    week: tuple[WorkingHours, ...]
    lines: tuple[WeekLine, ...]
    wrong: bool


def week_lines(week: Iterable[WorkingHours]) -> tuple[WeekLine, ...]:
    """Return the lines of a form that shows these hours, and an empty one for more."""
    told = [(set(one.days), str(one.from_hour), str(one.to_hour)) for one in week]
    return tuple(
        _line(number, days, begins, ends)
        for number, (days, begins, ends) in enumerate([*told, (set(), "", "")])
    )


def read_week(typed: QueryDict) -> HoursTyped:
    """Return the hours that were typed. A line without a day and without an hour is no line."""
    week: list[WorkingHours] = []
    lines: list[WeekLine] = []
    wrong = False
    for number in range(LINES_MAX):
        ticked = {day for day in DAYS if day in typed.getlist(f"days-{number}")}
        begins, ends = (typed.get(f"{name}-{number}", "").strip()[:8] for name in ("begins", "ends"))
        if not ticked and not begins and not ends:
            continue
        first, last = _hour(begins), _hour(ends)
        error = ""
        if not ticked:
            error = gettext("Tick the days.")
        elif first is None or last is None:
            error = gettext("Whole hours, 0 to 24.")
        elif first >= last:
            error = gettext("Write a night as two lines: 20 to 24, and 0 to 8 on the day after.")
        else:
            days = tuple(day for day in DAYS if day in ticked)
            week.append(WorkingHours(days=days, from_hour=first, to_hour=last))
        wrong = wrong or bool(error)
        lines.append(_line(len(lines), ticked, begins, ends, error))
    lines.append(_line(len(lines), set(), "", ""))
    return HoursTyped(tuple(week), tuple(lines), wrong)


def week_words(calendar: Calendar) -> str:
    """Return the hours of a week in words, such as "Mon–Fri 8–18, Sat 9–12"; "" when there are none."""
    parts = [
        gettext("%(days)s %(begins)s to %(ends)s")
        % {"days": _days(one.days), "begins": _clock(one.from_hour), "ends": _clock(one.to_hour)}
        for one in calendar.week
        if one.days and one.from_hour < one.to_hour
    ]
    return ", ".join(parts)


def _line(number: int, days: set[Any], begins: str, ends: str, error: str = "") -> WeekLine:
    named = tuple((day, str(WEEKDAYS_ABBR[place]), day in days) for place, day in enumerate(DAYS))
    return WeekLine(number, named, begins, ends, error)


def _hour(text: str) -> int | None:
    clean = text.lower().replace("\u00a0", " ").removesuffix(":00").removesuffix("h00").strip(" h")
    return int(clean) if clean.isascii() and clean.isdigit() and int(clean) <= 24 else None


def _clock(hour: int) -> str:
    return gettext("%(hour)s:00") % {"hour": hour}


def _days(days: Sequence[Weekday]) -> str:
    """Return days in words; three and more in a row by the first and the last of them."""
    places = sorted({DAYS.index(day) for day in days})
    runs: list[list[int]] = []
    for place in places:
        if runs and place == runs[-1][-1] + 1:
            runs[-1].append(place)
        else:
            runs.append([place])
    names: Mapping[int, Any] = WEEKDAYS_ABBR
    words = []
    for run in runs:
        if len(run) > 2:
            words.append(f"{names[run[0]]}–{names[run[-1]]}")
        else:
            words += [str(names[place]) for place in run]
    return " ".join(words)
