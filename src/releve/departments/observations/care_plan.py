"""The care plan of a person as pages and sheets show it: what runs, and what became of it in the last shifts."""

from collections.abc import Collection
from zoneinfo import ZoneInfo

import msgspec
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from releve.departments.observations.fluids import Shift, shift_of, shifts_back
from releve.departments.observations.tables import Care, CareDone

__all__ = ["EVERY_WORDS", "CareLine", "care_lines", "care_words", "refusal_words"]

SHIFTS_SHOWN = 3
DAY_MS = 86_400_000

EVERY_WORDS = {
    "shift": _("every shift"),
    "day": _("once a day"),
    "hours-2": _("every 2 h"),
    "hours-4": _("every 4 h"),
    "hours-6": _("every 6 h"),
    "needed": _("as needed"),
    "once": _("once"),
}
_REFUSALS = {
    "not-planner": _("A nurse, midwife or physician plans care."),
    "not-doer": _("Your role reads here; nurses, midwives, care assistants and physicians chart."),
    "no-problem": _("Write the problem or the goal."),
    "no-action": _("Write what is to be done."),
    "no-rhythm": _("Choose how often."),
    "care-stopped": _("Somebody ended this in the meantime: look again."),
    "why-not": _("Say why it was not done."),
    "why-stop": _("Say why it ends, or tick that the goal is reached."),
}


class CareLine(msgspec.Struct, frozen=True, kw_only=True):
    """One planned action, with what was last said of it in each of the last shifts, the present one first."""

    row: Care
    shifts: tuple[tuple[Shift, CareDone | None], ...]
    last: CareDone | None  # when it was last done, whatever the shift

    @property
    def open(self) -> bool:
        """Nobody said yet what became of it in this shift, and it is for each shift or by the hour."""
        every = self.row.every
        if every == "day":
            return not any(one is not None and one.done for _shift, one in self.shifts)
        if every == "once":
            return self.last is None
        return every != "needed" and self.shifts[0][1] is None

    @property
    def every(self) -> str:
        """How often, in words."""
        return str(EVERY_WORDS.get(self.row.every or "", self.row.every or ""))


def refusal_words(code: str) -> str:
    """Return the sentence of a refusal."""
    return str(_REFUSALS[code])


def care_lines(persons: Collection[str], *, now_ms: int, zone: ZoneInfo) -> dict[str, list[CareLine]]:
    """Return what runs of the plan of each of these persons (keys), and what ended within a day."""
    found: dict[str, list[CareLine]] = {}
    rows = [
        row
        for row in Care.objects.filter(person__in=list(persons))
        .exclude(action=None)
        .order_by("happened_at", "id")
        if row.stopped_at is None or row.stopped_at > now_ms - DAY_MS
    ]
    if not rows:
        return found
    shifts = shifts_back(now_ms, zone, SHIFTS_SHOWN)
    said: dict[tuple[str, str], CareDone] = {}
    last: dict[str, CareDone] = {}
    charted = CareDone.objects.filter(care__in=[row.id for row in rows])
    for one in charted.order_by("happened_at", "recorded_at", "id"):
        said[one.care or "", one.shift or shift_of(one.happened_at or 0, zone).code] = one
        if one.done:
            last[one.care or ""] = one
    for row in rows:
        found.setdefault(row.person, []).append(
            CareLine(
                row=row,
                shifts=tuple(
                    (shift, said.get((row.id, shift.code)))
                    for shift in shifts
                    if shift.to_ms > (row.happened_at or 0)
                ),
                last=last.get(row.id),
            )
        )
    return found


def care_words(line: CareLine) -> str:
    """Return one action as a sheet says it: what, how often, and that this shift has not said yet."""
    text = f"{line.row.action}, {line.every}"
    now = line.shifts[0][1]
    if now is not None and not now.done:
        return gettext("%(care)s: not done, %(reason)s") % {"care": text, "reason": now.reason or ""}
    return gettext("%(care)s: to do") % {"care": text} if line.open else text
