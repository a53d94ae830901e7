"""Medication lines and doses of one person, from the views to the grid of her sheet.

Nothing is invented: hours are those that were said, a dose is safe only when it can be read for sure, a dose whose
hour has passed without a record is *untraced*, and what ended is not printed as if it went on.
"""

from collections.abc import Iterable
from typing import get_args

from releve.bedside.doses import Slot, past_end, slots_of
from releve.bedside.files import PersonFile, charted_of, line_of
from releve.departments.prescribing.formulary_now import given_by_two_here
from releve.departments.prescribing.tables import MedicationAdministration, MedicationRequest
from releve.paper.gather_frame import Frame
from releve.paper.pack import Dose, DoseState, LineMode, MedicationLine, Quantity
from releve.paper.quantities import quantity
from releve.paper.words import UNITS

__all__ = ["active_lines", "dose_of", "lines_of", "schedule_of"]

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
# Stays that are over: what was prescribed for them ended with them, even if nobody said stop.
OVER = ("left", "cancelled", "moved")
ONCE = ("ONCE", "STAT", "1")
HERE = "releve"  # the source of what was entered on an island
STATES: dict[str, DoseState] = {
    "due": "planned", "late": "untraced", "unknown": "untraced", "given": "given", "partial": "given",
    "omitted": "omitted", "refused": "omitted",
}  # fmt: skip
ENDED_MS = 3 * DAY_MS
# The order in which a nurse reads them: what has an hour, what runs, what may be asked for, what must not be given.
ORDER: tuple[LineMode, ...] = (
    "scheduled", "unplaced", "continuous", "once", "weekly", "monthly", "prn", "suspended", "ended", "stopped",
)  # fmt: skip
assert set(ORDER) == set(get_args(LineMode))


def lines_of(file: PersonFile, frame: Frame, *, heard_ms: int | None) -> tuple[MedicationLine, ...]:
    """Return the lines to print: active, suspended, stopped within the last day, and doses without a line.

    `heard_ms` is the latest message of the feed that charts doses in this ward.
    """
    known = {request.id for request in file.lines}
    lines = [_line(request, file, frame, heard_ms) for request in active_lines(file, frame)]
    loose: dict[str, list[MedicationAdministration]] = {}
    for request_id, doses in file.doses.items():
        if request_id not in known:
            for dose in doses:
                loose.setdefault(dose.label or dose.code or "", []).append(dose)
    lines += [line for doses in loose.values() if (line := _loose(doses, frame)) is not None]
    return tuple(sorted(lines, key=lambda line: ORDER.index(line.mode)))


def active_lines(file: PersonFile, frame: Frame) -> list[MedicationRequest]:
    """Return the prescription lines that a sheet must show, as the views hold them."""
    over = {encounter.visit for encounter in file.encounters if encounter.status in OVER}
    found = []
    for request in file.lines:
        if request.visit in over and request.visit not in file.present.visits:
            continue
        if request.status == "suspended" or (request.status or "active") == "active":
            # Nobody said stop: a line past its end is asked about for three days, then the page on screen has it.
            if request.end_at is None or request.end_at > frame.now_ms - ENDED_MS:
                found.append(request)
        elif (request.status_at or 0) >= frame.now_ms - DAY_MS and request.status in ("stopped", "cancelled"):
            found.append(request)
    return found


def dose_of(value: str | None, unit: str | None, words: str | None = None) -> tuple[Quantity | None, str]:
    """Return a dose in safe form, or the text received when it cannot be read for sure; both empty: not received.

    >>> dose_of("2.50", "mg")
    (Quantity(value='2.5', unit='mg'), '')
    >>> dose_of("1-2", "comprimé"), dose_of("5", "cuillère"), dose_of(None, None, "selon INR")
    ((None, '1-2 comprimé'), (None, '5 cuillère'), (None, 'selon INR'))
    """
    if value is None:
        return None, words or ""
    safe = quantity(value, unit or "")
    if safe is not None and safe.unit in UNITS:
        return safe, ""
    return None, " ".join(part for part in (value.strip(), (unit or "").strip()) if part)


def schedule_of(request: MedicationRequest, frame: Frame) -> tuple[LineMode, str]:
    """Return how a line is given, and its rhythm in words."""
    words, line = frame.words, line_of(request)
    received = (request.schedule_text or "").strip()
    patterns = {part.strip().upper() for part in received.split(",")}
    if line.as_needed:
        # A pattern beside "as needed" is the shortest interval: it is said, it makes no hour.
        every = _every(line.interval_hours, frame) if line.interval_hours else ""
        return "prn", ", ".join(part for part in (words("as_needed"), every) if part)
    if line.times:
        return "scheduled", words("at_hours", hours=", ".join(_hour(time, frame) for time in line.times))
    if patterns & {"C"} or (request.rate and not line.interval_hours):
        return "continuous", words("continuous")
    if patterns & set(ONCE):
        return "once", words("once")
    if line.interval_hours:
        every = _every(line.interval_hours, frame)
        if line.start_at is None:
            return "unplaced", every
        if line.interval_hours >= 600:
            return "monthly", every
        return ("weekly" if line.interval_hours >= 168 else "scheduled"), every
    return "unplaced", received or words("no_schedule")


def _line(request: MedicationRequest, file: PersonFile, frame: Frame, heard_ms: int | None) -> MedicationLine:
    words = frame.words
    charted = charted_of(file.doses.get(request.id, ()))
    slots = slots_of(
        line_of(request),
        charted,
        from_ms=frame.grid_ms,
        to_ms=frame.grid_end_ms,
        now_ms=frame.now_ms,
        heard_ms=heard_ms,
        zone=frame.zone,
    )
    mode, schedule = schedule_of(request, frame)
    if mode in ("weekly", "monthly") and any(slot.planned for slot in slots):
        mode = "scheduled"  # its day is today
    said = [request.condition or ""]
    if request.rate:
        said.insert(0, words("rate", rate=frame.figure(request.rate)))
    if mode == "once" and request.start_at is not None:
        said.append(frame.said(request.start_at))
    status = request.status or "active"
    if status != "active":
        mode = "suspended" if status == "suspended" else "stopped"
        said = [words("suspended_at", at=frame.said(request.status_at))] if request.status_at else []
    elif past_end(line_of(request), frame.now_ms):
        mode, said = "ended", [frame.said(request.end_at)] if request.end_at else []
    dose, dose_text = dose_of(request.dose_value, request.dose_unit, request.dose_text)
    notes = [request.note or ""]
    if dose is not None and request.dose_text and request.dose_text not in notes[0]:
        notes.append(request.dose_text)
    if request.start_at is not None and request.start_at > frame.now_ms:
        notes.append(words("from", at=frame.said(request.start_at)))
    if request.source == HERE:
        notes.append(words("entered_here"))
    if request.awaits:
        notes.append(words("to_be_signed"))
    notes += [words("partly", at=frame.said(slot.at)) for slot in slots if slot.state == "partial"]
    # The grid only strikes the hour out: whoever gives next must know whether she was away or vomited.
    notes += [
        words("omitted", at=frame.said(slot.at), reason=slot.charted.reason or words("no_reason"))
        for slot in slots
        if slot.state in ("omitted", "refused") and slot.charted is not None
    ]
    given = [dose.at for dose in charted if dose.status in ("given", "partial")]
    return MedicationLine(
        name=request.label or request.code or "",
        dose=dose,
        dose_text=dose_text,
        form=request.form or "",
        route=request.route or request.route_code or "",
        schedule=schedule,
        mode=mode,
        mode_words=" · ".join(part for part in said if part),
        blanks=0 if mode in ("suspended", "ended", "stopped") else 3,
        high_alert=given_by_two_here(request),
        doses=_doses(slots, frame),
        last=frame.local_or_none(max(given, default=None)),
        end=frame.local_or_none(request.end_at if status == "active" else None),
        note=" · ".join(part for part in notes if part),
    )


def _loose(doses: list[MedicationAdministration], frame: Frame) -> MedicationLine | None:
    """Return a line for doses charted on no prescription received: given is given."""
    inside = [dose for dose in doses if frame.grid_ms <= (dose.given_at or 0) < frame.grid_end_ms]
    if not inside:
        return None
    last = inside[-1]
    dose, dose_text = dose_of(last.dose_value, last.dose_unit)
    slots = [
        Slot(at=charted.at, state=charted.status, planned=False)  # type: ignore[arg-type]
        for charted in charted_of(inside)
    ]
    given = [charted.given_at for charted in inside if charted.status in ("given", "partial")]
    return MedicationLine(
        name=last.label or last.code or "",
        dose=dose,
        dose_text=dose_text,
        route=last.route or "",
        schedule=frame.words("unlinked"),
        doses=_doses(slots, frame),
        last=frame.local_or_none(max((at for at in given if at is not None), default=None)),
    )


def _doses(slots: Iterable[Slot], frame: Frame) -> tuple[Dose, ...]:
    return tuple(Dose(at=frame.local(slot.at), state=STATES[slot.state]) for slot in slots)


def _every(hours: float, frame: Frame) -> str:
    words = frame.words
    if hours < 1:
        return words("every_minutes", n=round(hours * 60))
    if hours >= 48 and hours % 24 == 0:
        return words("every_days", n=int(hours // 24))
    return words("every_hours", n=frame.figure(f"{hours:g}"))


def _hour(time: str, frame: Frame) -> str:
    """Return an hour of a prescription: the short form where the language has one."""
    if time[3:5] != "00":
        return frame.words("hour", h=time[:2], m=time[3:5])
    return frame.words("whole_hour", h=str(int(time[:2])) if frame.language == "fr" else time[:2])
