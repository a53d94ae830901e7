"""The care plan of a person as pages and sheets show it: what runs, and what became of it in the last shifts."""

from collections.abc import Collection
from zoneinfo import ZoneInfo

import msgspec
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from releve.departments.observations.care_hours import HOUR_MS, DueHour, due_hours, of_shift
from releve.departments.observations.care_rules import EVERY
from releve.departments.observations.fluids import Shift, shift_of, shifts_back
from releve.departments.observations.tables import Care, CareDone
from releve.web.templatetags.releve import hour

__all__ = [
    "EVERY_WORDS", "CareLine", "ShiftHours", "care_lines", "care_words", "hour_words", "hours_owed", "next_words",
    "refusal_words",
]  # fmt: skip

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


class ShiftHours(msgspec.Struct, frozen=True, kw_only=True):
    """The due hours of one shift for care by the hour; `missed` are those past of which nobody said anything."""

    hours: tuple[DueHour[CareDone], ...]
    due: int  # how many have come
    done: int

    @property
    def missed(self) -> tuple[DueHour[CareDone], ...]:
        """Due hours that have come and of which nothing was said."""
        return tuple(hour for hour in self.hours[: self.due] if not hour.said)


class CareLine(msgspec.Struct, frozen=True, kw_only=True):
    """One planned action, with what was last said of it in each of the last shifts, the present one first.

    `hours` tells the same hour by hour, for care that is due by the hour; empty otherwise.
    """

    row: Care
    shifts: tuple[tuple[Shift, CareDone | None], ...]
    last: CareDone | None  # when it was last done, whatever the shift
    hours: tuple[ShiftHours, ...] = ()
    next_ms: int | None = None  # the next due hour, by the hour only

    @property
    def open(self) -> bool:
        """Something is still to be said of it: in this shift, or at a due hour of it that has come."""
        every = self.row.every
        if self.hours:
            return bool(self.hours[0].missed)
        if every == "day":
            return not any(one is not None and one.done for _shift, one in self.shifts)
        if every == "once":
            return self.last is None
        return every != "needed" and bool(self.shifts) and self.shifts[0][1] is None

    @property
    def every(self) -> str:
        """How often, in words."""
        return str(EVERY_WORDS.get(self.row.every or "", self.row.every or ""))

    @property
    def by_shift(self) -> tuple[tuple[Shift, CareDone | None, ShiftHours | None], ...]:
        """Return each shift with its last word, and its hours when it is due by the hour."""
        hours: tuple[ShiftHours | None, ...] = self.hours or (None,) * len(self.shifts)
        return tuple((shift, one, each) for (shift, one), each in zip(self.shifts, hours, strict=True))


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
    all_said: dict[str, list[CareDone]] = {}
    charted = CareDone.objects.filter(care__in=[row.id for row in rows])
    for one in charted.order_by("happened_at", "recorded_at", "id"):
        said[one.care or "", one.shift or shift_of(one.happened_at or 0, zone).code] = one
        all_said.setdefault(one.care or "", []).append(one)
        if one.done:
            last[one.care or ""] = one
    for row in rows:
        its = tuple(
            (shift, said.get((row.id, shift.code)))
            for shift in shifts
            if shift.to_ms > (row.happened_at or 0)
        )
        hours, next_ms = _hours(row, [shift for shift, _one in its], all_said.get(row.id, []), now_ms, zone)
        found.setdefault(row.person, []).append(
            CareLine(row=row, shifts=its, last=last.get(row.id), hours=hours, next_ms=next_ms)
        )
    return found


def _hours(
    row: Care, shifts: list[Shift], said: list[CareDone], now_ms: int, zone: ZoneInfo
) -> tuple[tuple[ShiftHours, ...], int | None]:
    """Return the due hours of each shift and the next one; nothing when it is not due by the hour."""
    every = EVERY.get(row.every or "") or 0.0
    if not 0 < every < 24 or not shifts:
        return (), None
    until_ms = shifts[0].to_ms + round(every * HOUR_MS)
    due = due_hours(row.happened_at or 0, every, said, from_ms=shifts[-1].from_ms, to_ms=until_ms, zone=zone)
    end_ms = now_ms if row.stopped_at is None else min(now_ms, row.stopped_at)
    found = []
    for shift in shifts:
        its = of_shift(due, shift)
        found.append(
            ShiftHours(
                hours=its,
                due=sum(hour.at_ms <= end_ms for hour in its),
                done=sum(bool(hour.said and hour.said[-1].done) for hour in its),
            )
        )
    return tuple(found), next((hour.at_ms for hour in due if hour.at_ms > now_ms and not hour.said), None)


def hours_owed(row: Care, *, from_ms: int, to_ms: int, zone: ZoneInfo) -> list[int]:
    """Return the due hours (UTC ms) of a half-open time of which nothing was said; none of care not due by the hour.

    They are the hours of the page, for a sheet.
    """
    every = EVERY.get(row.every or "") or 0.0
    if not 0 < every < 24:
        return []
    said = list(CareDone.objects.filter(care=row.id, happened_at__gte=from_ms - DAY_MS))
    due = due_hours(row.happened_at or 0, every, said, from_ms=from_ms, to_ms=to_ms, zone=zone)
    return [hour.at_ms for hour in due if not hour.said]


def care_words(line: CareLine) -> str:
    """Return one action as a sheet says it: what, how often, and what of this shift nobody has said yet."""
    text = f"{line.row.action}, {line.every}"
    if line.hours:
        return ", ".join((text, *hour_words(line.hours[0]), *next_words(line)))
    now = line.shifts[0][1] if line.shifts else None
    if now is not None and not now.done:
        return gettext("%(care)s: not done, %(reason)s") % {"care": text, "reason": now.reason or ""}
    return gettext("%(care)s: to do") % {"care": text} if line.open else text


def hour_words(shift: ShiftHours) -> list[str]:
    """Return what was done of the due hours of a shift, and of which nobody said anything."""
    said = []
    if shift.due or shift.done:
        most = max(shift.due, shift.done)
        said.append(gettext("%(done)s of %(due)s done") % {"done": shift.done, "due": most})
    for each in shift.hours:
        if each.said and not each.said[-1].done:
            why = {"at": hour(each.at_ms), "reason": each.said[-1].reason or ""}
            said.append(gettext("%(at)s not done, %(reason)s") % why)
    if shift.missed:
        said.append(
            gettext("nothing said at %(hours)s")
            % {"hours": " ".join(hour(one.at_ms) for one in shift.missed)}
        )
    return said


def next_words(line: CareLine) -> list[str]:
    """Return when it is due next."""
    if line.next_ms is None or line.row.stopped_at is not None:
        return []
    return [gettext("next %(at)s") % {"at": hour(line.next_ms)}]
