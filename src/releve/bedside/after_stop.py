"""Doses given although the line was stopped: on two islands neither had seen the other. Nobody is overruled: ask."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _

from releve.departments.prescribing.tables import MedicationAdministration, MedicationRequest
from releve.web.elsewhere import island_of
from releve.web.templatetags.releve import near

__all__ = ["GIVEN", "STOPPED", "after_stop", "after_stop_words"]

GIVEN = ("given", "partial", "started")
STOPPED = ("stopped", "suspended", "cancelled")
# A day later the ward has met twice; the line and its doses still stand in the timeline.
SHOWN_MS = 24 * 3_600_000


def after_stop(
    line: MedicationRequest, doses: Iterable[MedicationAdministration], now_ms: int
) -> tuple[MedicationAdministration, ...]:
    """Return the doses of a stopped line that were given at its stop or after, of the last day, oldest first."""
    stopped = line.status_at
    if line.status not in STOPPED or stopped is None:
        return ()
    found = [
        dose
        for dose in doses
        if dose.given_at is not None
        and dose.given_at >= max(stopped, now_ms - SHOWN_MS)
        and (dose.status or "given") in GIVEN
    ]
    return tuple(sorted(found, key=lambda dose: dose.given_at or 0))


def after_stop_words(lines: Sequence[Any]) -> list[dict[str, Any]]:
    """Return what stands above the page for lines (`MedLine`) with such doses: the stop first, then who gave."""
    items = []
    for line in lines:
        for dose in line.after_stop:
            said = _("stopped at %(at)s%(where)s; given at %(given)s%(there)s: ask both") % {
                "at": near(line.row.status_at),
                "where": _where(line.row.log),
                "given": near(dose.given_at),
                "there": _where(dose.log),
            }
            items.append({"urgent": _("Given after the stop"), "strong": line.row.label or "", "text": said})
    return items


def _where(log: str | None) -> str:
    name = island_of(log)
    return " " + _("on island %s") % name if name else ""
