"""Everything the departments say of some persons, read in a few queries whatever their number."""

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec
from django.db.models import Q, QuerySet

from releve.bedside.census import Present
from releve.bedside.doses import Charted, Line
from releve.bedside.shared_numbers import dose_of_either, lines_of_either, note_changes
from releve.departments.appointments.tables import Appointment
from releve.departments.documents.tables import Document
from releve.departments.imaging.tables import ImagingReport
from releve.departments.laboratory.tables import Result
from releve.departments.observations.tables import Care, Chart, Fluid
from releve.departments.pharmacy.tables import MedicationDispense
from releve.departments.prescribing.dose_words import REASON_SHORT
from releve.departments.prescribing.tables import MedicationAdministration, MedicationRequest
from releve.record.tables import (
    Alert,
    Allergy,
    Contact,
    Encounter,
    Measure,
    Movement,
    Problem,
    ServiceRequest,
)
from releve.views.parts import in_parts
from releve.views.prepared import Prepared

__all__ = ["PersonFile", "charted_of", "files_of", "line_of"]

DAY_MS = 86_400_000
# Lines of these states still concern the nurse; stopped ones stay on the page for a day.
OPEN_REQUESTS = ("requested", "scheduled", "in-progress", "held")


class PersonFile(msgspec.Struct, kw_only=True):
    """What is said of one person, all her linked keys together. Rows are those of the views."""

    present: Present
    allergies: list[Allergy] = []
    problems: list[Problem] = []
    alerts: list[Alert] = []
    measures: list[Measure] = []  # the latest of each code first
    contacts: list[Contact] = []
    requests: list[ServiceRequest] = []
    results: list[Result] = []  # current ones, newest first
    lines: list[MedicationRequest] = []
    doses: dict[str, list[MedicationAdministration]] = {}  # by MedicationRequest id, "" for none known
    appointments: list[Appointment] = []
    documents: list[Document] = []
    reports: list[ImagingReport] = []
    dispenses: list[MedicationDispense] = []
    movements: list[Movement] = []
    encounters: list[Encounter] = []
    charts: list[Chart] = []  # vital signs, newest first, without those that were corrected
    fluids: list[Fluid] = []
    care: list[Care] = []  # what runs of the care plan

    @property
    def allergy_state(self) -> str:
        """How allergies are known: "stated", "none-known" (asked, answer is none) or "not-said". Never inferred."""
        states = {allergy.state for allergy in self.allergies}
        return "stated" if "stated" in states else "none-known" if "none-known" in states else "not-said"

    def latest(self, code: str) -> Measure | None:
        """Return the latest measure of a code, such as "weight"."""
        return next((measure for measure in self.measures if measure.code == code), None)

    def last_results(self) -> list[Result]:
        """Return the newest current result of each series, newest first."""
        seen: set[str | None] = set()
        last = []
        for result in self.results:
            if result.series not in seen:
                seen.add(result.series)
                last.append(result)
        return last

    def last_change_at(self) -> int | None:
        """Return when the latest row of this file was recorded (UTC ms)."""
        groups: tuple[Sequence[Any], ...] = (
            self.allergies, self.problems, self.alerts, self.measures, self.requests, self.results, self.lines,
            self.appointments, self.documents, self.reports, self.movements, self.care,
            *self.doses.values(), (self.present.person,),
        )  # fmt: skip
        return max((row.recorded_at or 0 for rows in groups for row in rows), default=None)


class _Kind:
    """One kind of rows of a file: what is read, and the moments it is bounded by.

    `by_visit`: rows of a visit that is now another person's are hers too.
    """

    def __init__(
        self, rows: Callable[..., QuerySet[Any]], moments: tuple[str, ...] = (), *, by_visit: bool = False
    ) -> None:
        self.rows, self.moments, self.by_visit = rows, moments, by_visit
        self.of_persons: Prepared[Any] = Prepared(
            lambda persons, *times: rows(*times).filter(person__in=persons)
        )


# By the field of `PersonFile`.
_KINDS: dict[str, _Kind] = {
    "allergies": _Kind(lambda: Allergy.objects.exclude(state="removed").order_by("label")),
    "problems": _Kind(lambda: Problem.objects.exclude(status="removed").order_by("label")),
    "alerts": _Kind(lambda: Alert.objects.filter(status="active").order_by("label")),
    # Emptied: it was corrected.
    "measures": _Kind(
        lambda: Measure.objects.exclude(value=None).order_by("-measured_at", "id"), by_visit=True
    ),
    "contacts": _Kind(lambda: Contact.objects.order_by("id")),
    "requests": _Kind(
        lambda: ServiceRequest.objects.filter(Q(status__in=OPEN_REQUESTS) | Q(status=None)).order_by(
            "planned_at", "requested_at", "id"
        ),
        by_visit=True,
    ),
    "results": _Kind(
        lambda since: Result.objects.filter(current=True, sampled_at__gte=since).order_by(
            "-sampled_at", "id"
        ),
        ("since",),
        by_visit=True,
    ),
    "lines": _Kind(
        lambda yesterday: (
            MedicationRequest.objects.exclude(label=None)
            .filter(Q(status__in=("active", "suspended")) | Q(status_at__gte=yesterday))
            .order_by("label", "id")
        ),
        ("yesterday",),
        by_visit=True,
    ),
    # Deleted: charted by mistake, and said so.
    "doses": _Kind(
        lambda doses: (
            MedicationAdministration.objects.filter(given_at__gte=doses)
            .exclude(status="deleted")
            .order_by("given_at", "id")
        ),
        ("doses",),
        by_visit=True,
    ),
    "appointments": _Kind(
        lambda yesterday: (
            Appointment.objects.exclude(status="cancelled")
            .filter(start_at__gte=yesterday)
            .order_by("start_at", "id")
        ),
        ("yesterday",),
    ),
    "documents": _Kind(
        lambda: (
            Document.objects.exclude(status__in=("replaced", "cancelled"))
            .order_by("-written_at", "id")
            .defer("body")
        ),
        by_visit=True,
    ),
    "reports": _Kind(lambda: ImagingReport.objects.order_by("-performed_at", "id"), by_visit=True),
    "dispenses": _Kind(lambda: MedicationDispense.objects.order_by("-dispensed_at", "id"), by_visit=True),
    "movements": _Kind(lambda: Movement.objects.filter(status="active").order_by("happened_at", "id")),
    "charts": _Kind(
        lambda doses: Chart.objects.filter(corrected_by=None, happened_at__gte=doses).order_by(
            "-happened_at", "id"
        ),
        ("doses",),
    ),
    "fluids": _Kind(
        lambda doses: Fluid.objects.filter(
            corrected_by=None, volume_ml__gt=0, happened_at__gte=doses
        ).order_by("-happened_at", "id"),
        ("doses",),
    ),
    "care": _Kind(
        lambda: Care.objects.filter(stopped_at=None).exclude(action=None).order_by("happened_at", "id")
    ),
    "encounters": _Kind(lambda: Encounter.objects.order_by("-admitted_at", "id")),
}


def _add(file: PersonFile, name: str, row: Any) -> None:
    if name == "doses":
        file.doses.setdefault(row.line, []).append(row)
    else:
        getattr(file, name).append(row)


def files_of(
    present: Sequence[Present], *, now_ms: int, result_days: int = 10, dose_days: int = 2
) -> dict[str, PersonFile]:
    """Return the file of each person by head.

    Results go back `result_days`, charted doses `dose_days`: what a board or a sheet shows.
    """
    files = {line.head: PersonFile(present=line) for line in present}
    owner = {key: line.head for line in present for key in line.persons}
    # A44: what was said under another person about a visit that is now hers (DESIGN: nothing is moved).
    visits = {visit: line.head for line in present if line.encounter.moved_from for visit in line.visits}
    since = now_ms - result_days * DAY_MS

    moments = {"since": since, "yesterday": now_ms - DAY_MS, "doses": now_ms - dose_days * DAY_MS}
    persons = list(in_parts(sorted(owner)))
    for name, kind in _KINDS.items():
        times = [moments[moment] for moment in kind.moments]
        for part in persons:
            for row in kind.of_persons(part, *times):
                visit = getattr(row, "visit", None)
                if visit in visits and visits[visit] != owner[row.person]:
                    continue
                _add(files[owner[row.person]], name, row)
        if kind.by_visit and visits:
            for row in kind.rows(*times).filter(visit__in=list(visits)).exclude(person__in=list(owner)):
                _add(files[visits[row.visit]], name, row)
    _share_numbers(list(files.values()))
    return files


def _share_numbers(files: Sequence[PersonFile]) -> None:
    """Put what names an order by a number that two orders share beside both of them."""
    note_changes(line for file in files for line in file.lines)
    note_changes(request for file in files for request in file.requests)
    lines = {line.id: file for file in files for line in file.lines}
    either = lines_of_either(lines, [request for file in files for request in file.doses if request])
    for line, requests in either.items():
        file = lines[line]
        doses = [dose_of_either(dose) for request in requests for dose in file.doses.get(request, ())]
        file.doses[line] = sorted([*file.doses.get(line, ()), *doses], key=lambda dose: dose.given_at or 0)
    for request in {request for requests in either.values() for request in requests}:
        for file in files:
            file.doses.pop(request, None)


def line_of(request: MedicationRequest) -> Line:
    """Return what the grid needs of a medication line."""
    return Line(
        status=request.status or "active",
        times=tuple(json.loads(request.times)) if request.times else (),
        interval_hours=request.interval_hours,
        as_needed=bool(request.as_needed),
        start_at=request.start_at,
        end_at=request.end_at,
    )


def charted_of(doses: Iterable[MedicationAdministration]) -> list[Charted]:
    """Return the doses charted on a line."""
    return [
        Charted(
            at=dose.given_at or 0,
            status=dose.status or "given",
            dose=" ".join(part for part in (dose.dose_value, dose.dose_unit) if part),
            by=dose.by or "",
            reason=dose.reason or str(REASON_SHORT.get(dose.reason_code or "", "")),
            due_at=dose.due_at,
            row=dose.id,
        )
        for dose in doses
    ]
