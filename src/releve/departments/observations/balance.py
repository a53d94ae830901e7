"""The fluid balance as the page shows it: this shift, the shifts before, the day, each volume."""

from typing import Any

from django.utils.translation import gettext as _

from releve.departments.observations.fluids import Shift, Sums, day_of, shifts_back, sums
from releve.departments.observations.reading import fluids_of
from releve.departments.observations.words import fluid_kinds
from releve.record.chart import Chart
from releve.web.opaque import seal

__all__ = ["page_of", "shift_name"]

SHIFTS_SHOWN = 4
LIST_MAX = 24


def shift_name(shift: Shift) -> str:
    """Return "night", "morning" or "evening" in words."""
    return {"morning": _("Morning"), "evening": _("Evening"), "night": _("Night")}[shift.name]


def page_of(chart: Chart) -> dict[str, Any]:
    """Return the balance of a person: sums by shift and by day, and what they are made of."""
    zone, now = chart.here.zone, chart.here.now_ms
    shifts = shifts_back(now, zone, SHIFTS_SHOWN)
    day_from, day_to = day_of(now, zone)
    yesterday = day_of(day_from - 1, zone)
    since = min(yesterday[0], shifts[-1].from_ms)
    rows = [] if chart.covered else fluids_of(chart.persons, since_ms=since)
    stands = [row for row in rows if not row.corrected_by and row.volume_ml]
    events = [(row.happened_at or 0, row.direction or "in", row.volume_ml or 0) for row in stands]
    kinds = {code: label for pairs in fluid_kinds().values() for code, label in pairs}

    def line(name: str, from_ms: int, to_ms: int) -> tuple[str, int, int, Sums, bool]:
        return name, from_ms, min(to_ms, now), sums(events, from_ms, to_ms), to_ms > now

    return {
        "lines": [
            *(line(shift_name(shift), shift.from_ms, shift.to_ms) for shift in shifts),
            line(_("Day, from 07:00"), day_from, day_to),
            line(_("Day before"), *yesterday),
        ],
        "rows": [
            (row, kinds.get(row.kind or "", row.kind or ""), seal(row.id, "fluid"))
            for row in stands[:LIST_MAX]
        ],
        "more": max(0, len(stands) - LIST_MAX),
        "any": bool(stands),
    }
