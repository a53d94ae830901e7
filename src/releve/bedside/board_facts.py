"""What a board needs of the persons of a ward, read narrowly: columns and days that the board shows, no more.

`files.py` reads everything for sheets and patient pages; a board is read again whenever its ward changes, so it asks
for a tenth of that. One query a table whatever the number of patients.
"""

from collections.abc import Callable, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from django.db.models import Max, Q, QuerySet

from releve.bedside.after_stop import GIVEN, STOPPED
from releve.bedside.census import Present
from releve.bedside.doses import Charted, Line
from releve.bedside.files import OPEN_REQUESTS
from releve.bedside.shared_numbers import lines_of_either
from releve.departments.appointments.tables import Appointment
from releve.departments.laboratory.tables import Result
from releve.departments.observations.reading import SCORE_COLUMNS, Standing, age_on, standing_of
from releve.departments.observations.tables import Chart
from releve.departments.prescribing.tables import MedicationAdministration, MedicationRequest
from releve.record.tables import Alert, Allergy, Encounter, Link, ServiceRequest
from releve.views.prepared import Prepared

__all__ = ["AlertSaid", "AllergySaid", "BoardFacts", "Drug", "NewResult", "Planned", "board_facts"]

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
NEW_MS = DAY_MS  # a result is new for one day
WATCH_MS = DAY_MS  # vital signs of yesterday call nobody
SAMPLED_BACK_MS = 10 * DAY_MS  # a culture is issued days after it was taken
VALUE_CHARS_MAX = 20
_UTC = ZoneInfo("UTC")
OVER = ("left", "cancelled", "moved")


class AllergySaid(msgspec.Struct, frozen=True):
    """One allergy, or the statement that none is known."""

    label: str
    state: str
    reaction: str
    stated_at: int | None


class AlertSaid(msgspec.Struct, frozen=True):
    """One alert."""

    label: str
    strong: bool


class NewResult(msgspec.Struct, frozen=True):
    """One result issued within a day."""

    label: str
    value: str
    unit: str
    flag: str
    at: int


class Planned(msgspec.Struct, frozen=True):
    """One thing to come: request, appointment. `at` is None while no hour is fixed."""

    label: str
    at: int | None
    kind: str  # laboratory, imaging, other, appointment


class Drug(msgspec.Struct, frozen=True):
    """A medication line as the board needs it."""

    id: str
    label: str
    line: Line
    charted: tuple[Charted, ...] = ()


class BoardFacts(msgspec.Struct, kw_only=True):
    """What a board shows of one person."""

    allergies: list[AllergySaid] = []
    alerts: list[AlertSaid] = []
    results: list[NewResult] = []
    last_result_at: int | None = None
    planned: list[Planned] = []
    drugs: list[Drug] = []
    after_stop: list[str] = []  # medicines given although the line was stopped
    mothers: list[str] = []  # keys of persons
    children: list[str] = []
    unsigned: int = 0  # lines written on somebody's word that no prescriber signed yet
    watch: Standing | None = None  # vital signs, and what they call for
    changed_at: int = 0  # when the latest of what is shown was recorded here

    @property
    def stated_allergies(self) -> list[AllergySaid]:
        """The allergies that somebody stated, without the words that say that there is none."""
        return [one for one in self.allergies if one.state == "stated"]

    @property
    def allergy_state(self) -> str:
        """How allergies are known, never inferred: "stated", "none-known" or "not-said"."""
        states = {allergy.state for allergy in self.allergies}
        return "stated" if "stated" in states else "none-known" if "none-known" in states else "not-said"


def _given_after(dose: Charted, stopped_ms: int | None) -> bool:
    return stopped_ms is not None and dose.at >= stopped_ms and dose.status in GIVEN


def _once(found: list[Any], said: Any) -> None:
    """Add what was said, unless another island said the same: the patient's page shows both."""
    if all(
        (one.label, getattr(one, "state", "")) != (said.label, getattr(said, "state", "")) for one in found
    ):
        found.append(said)


def _short(value: str | None) -> str:
    """Return a value that fits a cell; a sentence is read on the patient's page."""
    return value if value and len(value) <= VALUE_CHARS_MAX else ""


class Rows:
    """One kind of rows of a board: the query, its columns, and how long before now (ms) each of its moments is."""

    def __init__(
        self, query: Callable[..., QuerySet[Any]], columns: Sequence[str], back: Sequence[int] = ()
    ) -> None:
        self.query, self.back = query, tuple(back)
        self.columns = ("person", "recorded_at", *columns)
        self.has_visit = "visit" in columns
        self.of_persons: Prepared[Any] = Prepared(
            lambda persons, *since: (
                query(*since).filter(person__in=persons).values_list(*self.columns, named=True)
            )
        )


_ALLERGIES = Rows(
    lambda: Allergy.objects.exclude(state="removed").order_by("label"),
    ("label", "state", "reaction", "stated_at"),
)
_ALERTS = Rows(
    lambda: Alert.objects.filter(status="active").order_by("-strong", "label"), ("label", "code", "strong")
)
_RESULTS = Rows(
    lambda sampled, new: (
        Result.objects.filter(current=True, sampled_at__gte=sampled)
        .filter(Q(issued_at__gte=new) | Q(issued_at=None, sampled_at__gte=new))
        .exclude(status="cancelled")
    ),
    ("visit", "label", "code", "value", "unit", "flag", "sampled_at"),
    (SAMPLED_BACK_MS, NEW_MS),
)
_REQUESTS = Rows(
    lambda: ServiceRequest.objects.filter(Q(status__in=OPEN_REQUESTS) | Q(status=None)).order_by(
        "planned_at", "id"
    ),
    ("visit", "label", "code", "planned_at", "department"),
)
_APPOINTMENTS = Rows(
    lambda since: Appointment.objects.filter(status__in=("booked", "moved"), start_at__gte=since).order_by(
        "start_at", "id"
    ),
    ("label", "start_at"),
    (HOUR_MS,),
)
_CHARTS = Rows(
    lambda since: Chart.objects.filter(happened_at__gte=since, corrected_by=None).order_by(
        "-happened_at", "-recorded_at", "id"
    ),
    ("visit", *SCORE_COLUMNS),
    (WATCH_MS,),
)
_DOSES = Rows(
    lambda since: (
        MedicationAdministration.objects.filter(given_at__gte=since)
        .exclude(status="deleted")
        .order_by("given_at", "id")
    ),
    ("visit", "request", "retold", "given_at", "status", "due_at"),
    (26 * HOUR_MS,),
)
_STOPPED = Rows(
    lambda: MedicationRequest.objects.filter(status__in=STOPPED),
    ("visit", "id", "label", "status", "status_at"),
)
_UNSIGNED = Rows(lambda: MedicationRequest.objects.filter(awaits=True), ("visit",))
_ACTIVE = Rows(
    lambda since: (
        MedicationRequest.objects.filter(status="active")
        .filter(Q(end_at=None) | Q(end_at__gte=since))
        .order_by("label", "id")
    ),
    ("visit", "id", "label", "code", "status", "times", "interval_hours", "as_needed", "start_at", "end_at"),
    (DAY_MS,),
)


def board_facts(present: Sequence[Present], *, now_ms: int) -> dict[str, BoardFacts]:
    """Return what the board shows of each person, by head."""
    facts = {line.head: BoardFacts() for line in present}
    owner = {key: line.head for line in present for key in line.persons}
    if not owner:
        return facts
    # A44: what was said under another person about a visit that is now hers.
    moved = {visit: line.head for line in present if line.encounter.moved_from for visit in line.visits}
    for line in present:
        facts[line.head].changed_at = max(
            line.encounter.recorded_at or 0, line.person.recorded_at or 0, facts[line.head].changed_at
        )

    def each(kind: Rows, add: Callable[[BoardFacts, Any], None]) -> None:
        since = [now_ms - back for back in kind.back]
        found = kind.of_persons(list(owner), *since)
        if kind.has_visit and moved:
            # Two reads, not one "or": each uses its own index.
            strange = kind.query(*since).filter(visit__in=list(moved)).exclude(person__in=list(owner))
            found = [*found, *strange.values_list(*kind.columns, named=True)]
        for row in found:
            head = moved.get(row.visit) if kind.has_visit else None
            of = facts[head or owner[row.person]]
            add(of, row)
            of.changed_at = max(of.changed_at, row.recorded_at or 0)

    each(
        _ALLERGIES,
        lambda of, row: _once(
            of.allergies,
            AllergySaid(row.label or "", row.state or "stated", row.reaction or "", row.stated_at),
        ),
    )
    each(
        _ALERTS,
        lambda of, row: _once(of.alerts, AlertSaid(row.label or row.code or "", bool(row.strong))),
    )
    each(
        _RESULTS,
        lambda of, row: of.results.append(
            NewResult(
                row.label or row.code or "", _short(row.value), row.unit or "", row.flag or "", row.sampled_at
            )
        ),
    )
    each(
        _REQUESTS,
        lambda of, row: of.planned.append(
            Planned(row.label or row.code or "", row.planned_at, row.department or "other")
        ),
    )
    each(
        _APPOINTMENTS,
        lambda of, row: of.planned.append(Planned(row.label or "", row.start_at, "appointment")),
    )
    _drugs(each, facts, owner, now_ms)
    _watch(each, facts, present, now_ms)
    for kept, other in Link.objects.filter(
        Q(person__in=list(owner)) | Q(other__in=list(owner)), kind="mother", status="active"
    ).values_list("person", "other"):
        if kept in owner:
            facts[owner[kept]].children.append(other)
        if other in owner:
            facts[owner[other]].mothers.append(kept)
    without = [key for key, head in owner.items() if not facts[head].results]
    for person, last in (
        Result.objects.filter(person__in=without, current=True)
        .values_list("person")
        .annotate(last=Max("sampled_at"))
    ):
        of = facts[owner[person]]
        of.last_result_at = max(of.last_result_at or 0, last or 0) or None
    return facts


def _watch(
    each: Callable[[Rows, Callable[[BoardFacts, Any], None]], None],
    facts: dict[str, BoardFacts],
    present: Sequence[Present],
    now_ms: int,
) -> None:
    """Add how each person stands by her vital signs of a day."""
    forms: dict[int, list[Any]] = {}
    each(_CHARTS, lambda of, row: forms.setdefault(id(of), []).append(row))
    for line in present:
        of = facts[line.head]
        # A night crosses no birthday that matters, and the score is made for 16 years and more: UTC is near enough.
        of.watch = standing_of(forms.get(id(of), []), age_on(line.person.birth_date, now_ms, _UTC))


def _drugs(
    each: Callable[[Rows, Callable[[BoardFacts, Any], None]], None],
    facts: dict[str, BoardFacts],
    owner: dict[str, str],
    now_ms: int,
) -> None:
    """Add the active medication lines with the doses charted on each since a day and two hours."""
    doses: dict[str, list[Charted]] = {}
    each(
        _DOSES,
        lambda of, row: doses.setdefault(row.retold or row.request or "", []).append(
            Charted(at=row.given_at, status=row.status or "given", due_at=row.due_at)
        ),
    )
    each(
        _STOPPED,
        lambda of, row: of.after_stop.extend(
            [row.label or ""]
            if any(_given_after(dose, row.status_at) for dose in doses.get(row.id, ()))
            else []
        ),
    )
    over = {
        (person, visit)
        for person, visit in Encounter.objects.filter(person__in=list(owner), status__in=OVER).values_list(
            "person", "visit"
        )
    }

    def add(of: BoardFacts, row: Any) -> None:
        if (row.person, row.visit) in over:
            return  # nobody stopped it, but the stay it was prescribed for is over
        of.drugs.append(
            Drug(
                row.id,
                row.label or row.code or "",
                Line(
                    status=row.status or "active",
                    times=tuple(msgspec.json.decode(row.times)) if row.times else (),
                    interval_hours=row.interval_hours,
                    as_needed=bool(row.as_needed),
                    start_at=row.start_at,
                    end_at=row.end_at,
                ),
                tuple(doses.get(row.id, ())),
            )
        )

    def unsigned(of: BoardFacts, row: Any) -> None:
        of.unsigned += 1

    each(_UNSIGNED, unsigned)
    each(_ACTIVE, add)
    # A dose of one of two lines of the same number may be of either: both ask before the next one.
    either = lines_of_either(
        {drug.id for of in facts.values() for drug in of.drugs}, [one for one in doses if one]
    )
    for of in facts.values() if either else ():
        of.drugs[:] = [
            msgspec.structs.replace(
                drug,
                charted=(
                    *drug.charted,
                    *(
                        msgspec.structs.replace(dose, status="unknown")
                        for request in either.get(drug.id, ())
                        for dose in doses[request]
                    ),
                ),
            )
            for drug in of.drugs
        ]
