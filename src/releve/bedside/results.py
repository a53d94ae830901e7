"""A person's results for screens: one line a series with its course, and all values of one series."""

import re
from collections.abc import Sequence

import msgspec

from releve.bedside.provenance import Origin, Provenance
from releve.departments.laboratory.tables import Result

__all__ = ["Series", "bounds_of", "series_of"]

_RANGE = re.compile(r"\s*(-?\d+(?:[.,]\d+)?)?\s*(?:-|–|à|to)\s*(-?\d+(?:[.,]\d+)?)\s*")
_ONE_SIDE = re.compile(r"\s*(<=?|>=?|≤|≥)\s*(-?\d+(?:[.,]\d+)?)\s*")
CRITICAL = ("critical-high", "critical-low")


class Series(msgspec.Struct, kw_only=True):
    """All results of one kind, newest first, and what the plot needs."""

    label: str
    report: str
    last: Result
    origin: Origin
    rows: list[Result]
    points: list[tuple[int, float]]
    low: float | None
    high: float | None
    critical: bool
    anchor: str


def bounds_of(text: str | None) -> tuple[float | None, float | None]:
    """Return low and high of an expected range as received, None for a side that is not said.

    >>> bounds_of("3.5-5.1"), bounds_of("<5"), bounds_of("> 60"), bounds_of("négatif")
    ((3.5, 5.1), (None, 5.0), (60.0, None), (None, None))
    """
    if not text:
        return None, None
    if found := _ONE_SIDE.fullmatch(text):
        value = float(found[2].replace(",", "."))
        return (None, value) if found[1][0] in "<≤" else (value, None)
    if found := _RANGE.fullmatch(text):
        low = float(found[1].replace(",", ".")) if found[1] else None
        return low, float(found[2].replace(",", "."))
    return None, None


def series_of(results: Sequence[Result], provenance: Provenance) -> list[Series]:
    """Return the series in the order of their last result, critical ones first; plots only where units agree."""
    grouped: dict[str, list[Result]] = {}
    for result in sorted(results, key=lambda row: (-(row.sampled_at or 0), row.id)):
        grouped.setdefault(result.series or result.id, []).append(result)
    found = []
    for number, rows in enumerate(grouped.values()):
        last = rows[0]
        low, high = bounds_of(last.range)
        points = [
            (row.sampled_at, row.number)
            for row in rows
            # A value in another unit on the same line would be a false trend.
            if row.number is not None and row.sampled_at is not None and row.unit == last.unit
        ]
        found.append(
            Series(
                label=last.label or last.code or "",
                report=last.report or "",
                last=last,
                origin=provenance.of(last),
                rows=rows,
                points=sorted(points),
                low=low,
                high=high,
                critical=last.flag in CRITICAL,
                anchor=f"s{number}",
            )
        )
    return sorted(
        found, key=lambda series: (not series.critical, -(series.last.sampled_at or 0), series.report)
    )
