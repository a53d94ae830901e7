"""When the doses of a line fall: `[start, end[`, in the hospital's hours. Pure.

Days are counted on the wall clock: five days from 10:30 end at 10:30, also over a night of 23 or 25 hours.
Source: FHIR R4 Period and Timing; departments.md §4 (7 h, 12 h, 18 h for five days ordered at 10:30: fifteen doses).
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from releve.departments.prescribing.line_facts import Posology

__all__ = ["dose_hours", "end_after", "per_day"]

HOUR_MS = 3_600_000
DOSES_MAX = 2_000


def _wall(at_ms: int, zone: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(zone)


def end_after(start_ms: int, days: int, zone: ZoneInfo) -> int:
    """Return the end of a line that runs `days` days from a moment: the same hour of the clock, not included."""
    wall = _wall(start_ms, zone)
    end = (wall.replace(tzinfo=None, fold=0) + timedelta(days=days)).replace(tzinfo=zone)
    return int(end.timestamp() * 1000)


def dose_hours(what: Posology, zone: ZoneInfo) -> list[int]:
    """Return the doses of a line that has a start and an end, in order (UTC ms); none for one without planned hours.

    >>> from zoneinfo import ZoneInfo
    >>> day = 1_780_000_200_000  # 28 May 2026, 22:30 in Paris
    >>> line = Posology(label="x", times=("07:00",), start_at=day, end_at=day + 5 * 86_400_000)
    >>> len(dose_hours(line, ZoneInfo("UTC")))
    5
    """
    start, end = what.start_at, what.end_at
    if start is None or end is None or what.as_needed or what.continuous:
        return []
    if what.times:
        found: list[int] = []
        day = _wall(start, zone).date()
        last = _wall(end, zone).date()
        while day <= last and len(found) < DOSES_MAX:
            for time in what.times:
                at = datetime(day.year, day.month, day.day, int(time[:2]), int(time[3:5]), tzinfo=zone)
                moment = int(at.timestamp() * 1000)
                if start <= moment < end:
                    found.append(moment)
            day += timedelta(days=1)
        return sorted(set(found))
    if not what.interval_hours:
        return []
    if what.interval_hours % 24 == 0:
        # Once a day stays at its hour when the clocks change.
        found, step = [], int(what.interval_hours // 24)
        while (at_ms := end_after(start, step * len(found), zone)) < end and len(found) < DOSES_MAX:
            found.append(at_ms)
        return found
    return list(range(start, end, int(what.interval_hours * HOUR_MS)))[:DOSES_MAX]


def per_day(what: Posology) -> float | None:
    """Return how many doses a day a line allows at most, None when it does not say.

    >>> per_day(Posology(label="x", interval_hours=6.0)), per_day(Posology(label="x", as_needed=True))
    (4.0, None)
    """
    if what.continuous:
        return None
    if what.once:
        return 1.0
    if what.times:
        return float(len(what.times))
    return max(1.0, 24 / what.interval_hours) if what.interval_hours else None
