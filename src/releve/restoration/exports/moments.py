"""Hours of a case and the local times other tools speak in. Pure."""

import re
from datetime import UTC, datetime, timedelta, tzinfo
from math import ceil, floor

from releve.restoration.case import Case
from releve.restoration.catalogue.values import YEARS
from releve.restoration.planner.calendars import zone_named

__all__ = ["Moments", "duration_hours", "duration_text", "read_moment"]

_HOUR = timedelta(hours=1)


class Moments:
    """The clock of a case: hours since its start, local times of its zone, and back.

    A local time that stands twice (clocks going back) is read as the first of the two.
    """

    def __init__(self, starts_at: datetime, zone: str) -> None:
        self.start = starts_at.astimezone(UTC)
        self.zone: tzinfo = zone_named(zone) or starts_at.tzinfo or UTC

    @classmethod
    def of(cls, case: Case) -> "Moments":
        """Return the clock of a case."""
        return cls(case.starts_at, case.zone)

    def utc(self, hour: int) -> datetime:
        """Return the moment of an hour, in UTC."""
        return self.start + hour * _HOUR

    def local(self, hour: int) -> datetime:
        """Return the local time of an hour, without its zone, as MSPDI writes it."""
        return self.utc(hour).astimezone(self.zone).replace(tzinfo=None)

    def hour_from(self, moment: datetime) -> int:
        """Return the hour that has begun at a moment; without a zone it is read in that of the case."""
        return floor(self._hours(moment))

    def hour_to(self, moment: datetime) -> int:
        """Return the first hour that begins at a moment or after."""
        return ceil(self._hours(moment))

    def _hours(self, moment: datetime) -> float:
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=self.zone)
        return round((moment.astimezone(UTC) - self.start) / _HOUR, 6)


def read_moment(text: str, *, clamped: bool = False) -> datetime | None:
    """Return a date and time, None when it is none or in another century; `clamped`: then the end of ours."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.year in YEARS:
        return moment
    return (
        moment.replace(year=YEARS[0 if moment.year < YEARS[0] else -1], month=1, day=1) if clamped else None
    )


_DURATION = re.compile(
    r"(-)?P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)D)?"
    r"(?:T(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?)?"
)


def duration_hours(text: str, *, hours_a_day: float, days_a_month: float) -> float | None:
    """Return the hours of work of an `xsd:duration`; None when it is none.

    Days and months are working ones, as the file's project counts them. Source: XML Schema Part 2, 3.2.6.
    """
    found = _DURATION.fullmatch(text.strip()) if len(text) < 60 else None
    if found is None or text.strip() in ("P", "-P") or text.strip().endswith("T"):
        return None
    years, months, days, hours, minutes, seconds = (
        float(part) if part else 0.0 for part in found.groups()[1:]
    )
    whole = (
        ((years * 12 + months) * days_a_month + days) * hours_a_day + hours + minutes / 60 + seconds / 3600
    )
    return -whole if found[1] else whole


def duration_text(hours: int) -> str:
    """Return hours as MSPDI writes them."""
    return f"PT{hours}H0M0S"
