"""What may be charted on one person's grid: which doses wait, which line and hour a form is about."""

from collections.abc import Sequence
from typing import Literal

import msgspec

from releve.bedside.doses import GIVEN, Slot, slots_of
from releve.bedside.files import charted_of, line_of
from releve.bedside.medication import MedLine
from releve.bedside.patient import Patient
from releve.departments.prescribing.dose_rules import GIVERS, Dose, DoseState
from releve.departments.prescribing.tables import MedicationAdministration
from releve.hospital.status import WriteHere
from releve.hospital.writing import opening
from releve.record.crossed import Saying, side_by_side
from releve.record.sayings import sayings_of
from releve.web.accounts.people import Person
from releve.web.opaque import open_handle, seal

__all__ = [
    "Desk",
    "Waiting",
    "charting_handle",
    "desk_of",
    "dose_handle",
    "dose_of_row",
    "state_of",
    "waiting",
]

HOUR_MS = 3_600_000
SOON_MS = HOUR_MS  # a dose of the coming hour may be prepared, and given, now
FUNCTION = "administer"
CORRECTED = "dose.corrected.1"


def dose_handle(line: str, due_at: int | None) -> str:
    """Return what stands in an address for one hour of one line; None: as needed, or without an hour."""
    return seal(f"{due_at if due_at is not None else ''}|{line}", "dose")


def charting_handle(row: str) -> str:
    """Return what stands in an address for a dose charted here."""
    return seal(row, "charting")


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """A dose that waits for somebody, as the top of the grid says it."""

    line: MedLine
    slot: Slot
    kind: Literal["late", "now", "soon", "ask"]
    handle: str


class Desk(msgspec.Struct, kw_only=True):
    """Who may chart here, and where one writes in any case."""

    where: WriteHere
    open: bool
    was_open: bool  # what was done while it was open is still taken: a late act
    may: bool  # this person's role charts doses
    late: bool = False  # somebody asked for the forms of what was found later

    @property
    def forms(self) -> bool:
        """Whether the grid offers forms."""
        return self.may and (self.open or (self.late and self.was_open))


def desk_of(patient: Patient, person: Person, *, late: bool = False) -> Desk:
    """Return what this person may chart on this patient's grid now."""
    ward = patient.present.encounter.ward or ""
    now = patient.now
    here = opening(FUNCTION, ward, now.directory, now.statuses)
    carriers = {one.code for one in now.directory.applications_carrying(FUNCTION, ward)}
    was_open = any(
        said.status == "down" and not said.withdrawn and carriers & set(said.applications)
        for said in now.said
    )
    return Desk(
        where=here.where,
        open=here.open,
        was_open=was_open,
        may=person.role in GIVERS,
        late=late and not here.open,
    )


def waiting(now_ms: int, lines: Sequence[MedLine], slots: dict[str, list[Slot]]) -> list[Waiting]:
    """Return the doses that wait, by their hour: late, to give now, to ask about, of the coming hour."""
    found = []
    for line in lines:
        if not line.running or line.status != "active":
            continue
        drawn = slots.get(line.row.id, [])
        # Only the latest hour that came is asked about: earlier ones were, or nothing can be done about them now.
        asked = max((slot.at for slot in drawn if slot.charted is not None or slot.at <= now_ms), default=0)
        for slot in drawn:
            if slot.state == "unknown" and slot.at < asked:
                continue
            if slot.charted is not None or slot.at > now_ms + SOON_MS or slot.at < now_ms - 12 * HOUR_MS:
                continue
            kind: Literal["late", "now", "soon", "ask"]
            if slot.state == "late":
                kind = "late"
            elif slot.state == "unknown":
                kind = "ask"
            else:
                kind = "now" if slot.at <= now_ms + HOUR_MS // 4 else "soon"
            found.append(Waiting(line=line, slot=slot, kind=kind, handle=dose_handle(line.row.id, slot.at)))
    rank = {"late": 0, "now": 1, "ask": 2, "soon": 3}
    return sorted(found, key=lambda one: (rank[one.kind], one.slot.at, one.line.row.label or ""))


def state_of(patient: Patient, line: MedLine, due_at: int | None) -> DoseState:
    """Return what the rules need of one hour of a line."""
    row = line.row
    doses = patient.file.doses.get(row.id, [])
    answers: list[MedicationAdministration] = []
    if due_at is not None:
        slots = slots_of(
            line_of(row), charted_of(doses), from_ms=due_at, to_ms=due_at + 1, now_ms=patient.now.now_ms,
            heard_ms=None, zone=patient.now.zone,
        )  # fmt: skip
        rows = {slot.charted.row for slot in slots if slot.charted is not None and slot.planned}
        answers = [
            dose for dose in doses if dose.status != "deleted" and (dose.id in rows or dose.due_at == due_at)
        ]
    given = [dose.given_at for dose in doses if dose.status in GIVEN and dose.given_at is not None]
    return DoseState(
        person=row.person,  # a merge moves nothing: a dose is said under the number of its line
        visit=patient.present.encounter.visit or "",
        request=row.id,
        label=row.label or row.code or "",
        code=row.code or "",
        prescribed=row.dose_value or "",
        unit=row.dose_unit or "",
        route=row.route or row.route_code or "",
        rate=row.rate or "",
        status=line.status,
        ended=line.ended or line.over,
        high_alert=line.two,
        as_needed=bool(row.as_needed),
        interval_hours=row.interval_hours,
        place=f"{row.log}#{row.index}",
        due_at=due_at,
        charted=tuple(dose_of_row(dose) for dose in answers),
        last_given_at=max(given, default=None),
    )


def dose_of_row(row: MedicationAdministration, said: Sequence[Saying] = ()) -> Dose:
    """Return a charting as the rules need it; `said` are the corrections of it that stand."""
    return Dose(
        row=row.id,
        person=row.person,
        request=row.request or "",
        label=row.label or "",
        code=row.code or "",
        status=row.status or "given",
        given_at=row.given_at,
        due_at=row.due_at,
        dose=row.dose_value or "",
        unit=row.dose_unit or "",
        place=f"{row.log}#{row.index}",
        here=bool(row.here),
        seen=tuple(one.entry for one in said),
    )


def line_at(lines: Sequence[MedLine], handle: str) -> tuple[MedLine, int | None] | None:
    """Return the line and the hour of a handle, when the line is one of this person's."""
    due, _, wanted = (open_handle(handle, "dose") or "").partition("|")
    for line in lines:
        if line.row.id == wanted:
            return line, int(due) if due else None
    return None


def charting_at(patient: Patient, handle: str) -> MedicationAdministration | None:
    """Return the dose charted here that a handle means, when it is one of this person's."""
    wanted = open_handle(handle, "charting")
    for doses in patient.file.doses.values():
        for dose in doses:
            if dose.id == wanted and dose.here:
                return dose
    if wanted is None:
        return None
    # One that a correction took away is still put right where another correction stands beside it.
    gone = MedicationAdministration.objects.filter(
        id=wanted, person__in=patient.present.persons, here=True
    ).first()
    said = sayings_of(CORRECTED, [gone.person]).get(gone.id, ()) if gone is not None else ()
    return gone if side_by_side(said) else None
