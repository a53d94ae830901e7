"""What is known when a line is signed: the lines of a person, her allergies, weight and age, who did what to a line."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any

import msgspec

from releve.departments.prescribing.checks import Known, Running
from releve.departments.prescribing.formulary import Formulary
from releve.departments.prescribing.highalert import is_high_alert
from releve.departments.prescribing.line_facts import Posology
from releve.departments.prescribing.rules import Decision, conflicts, unsigned
from releve.departments.prescribing.tables import MedicationLineAct, MedicationRequest
from releve.record.chart import Chart
from releve.record.tables import Allergy, Measure, Person

__all__ = ["Acted", "History", "history_of", "known_of", "lines_of", "place_of", "posology_of"]

DAY_MS = 86_400_000
# What changes a line; an opinion or a signature changes nothing in it.
CHANGES = (
    "prescription.started.1", "prescription.changed.1", "prescription.stopped.1", "prescription.suspended.1",
    "prescription.resumed.1",
)  # fmt: skip


class Acted(msgspec.Struct, frozen=True, kw_only=True):
    """One act on a line, as a page shows it. `body` is the act itself."""

    act: str
    kind: str
    place: str
    decided_on: str
    happened_at: int | None
    recorded_at: int | None
    by_name: str
    awaits: bool
    body: dict[str, Any]


class History(msgspec.Struct, frozen=True, kw_only=True):
    """The acts on one line in order; `conflicts` are acts whose authors had not seen one another's."""

    acts: tuple[Acted, ...] = ()
    conflicts: tuple[tuple[Acted, ...], ...] = ()
    unsigned: tuple[str, ...] = ()


def place_of(row: Any) -> str:
    """Return the entry that wrote a row last, "ORIGIN/EPOCH#INDEX"."""
    return f"{row.log}#{row.index}"


def lines_of(persons: Sequence[str]) -> list[MedicationRequest]:
    """Return the lines that run or wait, of all the linked numbers of a person."""
    return list(
        MedicationRequest.objects.filter(person__in=list(persons), status__in=("active", "suspended"))
        .exclude(label=None)
        .order_by("label", "id")
    )


def posology_of(row: MedicationRequest, formulary: Formulary | None) -> Posology:
    """Return a line of the views as a form is filled with it; what its product is made of, if the formulary knows."""
    drug = formulary.drug(row.code or "") if formulary else None
    times = tuple(msgspec.json.decode(row.times)) if row.times else ()
    once = bool(
        len(times) == 1
        and row.start_at is not None
        and row.end_at is not None
        and row.end_at - row.start_at <= DAY_MS + 3_600_000
    )
    return Posology(
        label=row.label or "",
        code=row.code or "",
        system=row.system or "",
        substance=row.substance or (drug.substance if drug else ""),
        drug_class=row.drug_class or (drug.drug_class if drug else ""),
        free_text=not row.code,
        dose_value=row.dose_value or "",
        dose_unit=row.dose_unit or "",
        route=row.route or "",
        route_code=row.route_code or "",
        form=row.form or "",
        rate=row.rate or "",
        times=times,
        interval_hours=row.interval_hours,
        once=once,
        as_needed=bool(row.as_needed),
        continuous=row.schedule_text == "C",
        condition=row.condition or "",
        start_at=row.start_at,
        end_at=row.end_at,
        high_alert=bool(row.high_alert) or is_high_alert(row.label) or bool(drug and drug.high_alert),
        note=row.note or "",
    )


def known_of(chart: Chart, formulary: Formulary | None) -> Known:
    """Return what the checks need of a person: what nobody said stays unknown."""
    allergies = list(
        Allergy.objects.filter(person__in=list(chart.persons)).exclude(state="removed").order_by("label")
    )
    stated = tuple(row.label or row.code or "" for row in allergies if row.state == "stated")
    none_known = any(row.state == "none-known" for row in allergies)
    births = Person.objects.filter(id__in=list(chart.persons)).values_list("id", "birth_date")
    birth = dict(births).get(chart.person) or next((text for _, text in births if text), None)
    weight = (
        Measure.objects.filter(person__in=list(chart.persons), code="weight")
        .exclude(value=None)  # charted, then put right: what stands is the one before
        .order_by("-measured_at", "id")
        .first()
    )
    return Known(
        allergy_state="stated" if stated else "none-known" if none_known else "not-said",
        allergies=stated,
        weight_kg=_kilograms(weight.value, weight.unit) if weight is not None else None,
        weight_days=max(0.0, (chart.here.now_ms - weight.measured_at) / DAY_MS)
        if weight is not None and weight.measured_at is not None
        else None,
        age_years=_years(
            birth, datetime.fromtimestamp(chart.here.now_ms / 1000, UTC).astimezone(chart.here.zone).date()
        ),
        running=tuple(_running(row, formulary) for row in lines_of(chart.persons)),
    )


def _running(row: MedicationRequest, formulary: Formulary | None) -> Running:
    what = posology_of(row, formulary)
    return Running(
        line=row.id, label=what.label, code=what.code, substance=what.substance, drug_class=what.drug_class
    )


def _kilograms(value: str | None, unit: str | None) -> float | None:
    try:
        number = float((value or "").replace(",", "."))
    except ValueError:
        return None
    grams = (unit or "kg").strip().casefold() == "g"
    if not grams and (unit or "kg").strip().casefold() != "kg":
        return None
    kilograms = number / 1000 if grams else number
    return kilograms if 0.2 <= kilograms <= 400 else None


def _years(birth: str | None, today: date) -> float | None:
    """Return the age of a full birth date; a part of a date gives none, for a limit may fall within it."""
    try:
        born = date.fromisoformat(birth or "")
    except ValueError:
        return None
    days = (today - born).days
    return days / 365.2425 if days >= 0 else None


def history_of(line: str, person: str) -> History:
    """Return what was done here to one line."""
    rows = MedicationLineAct.objects.filter(person=person, line=line).order_by("stamp", "log", "index")
    return history_from(rows)


def history_from(rows: Iterable[MedicationLineAct]) -> History:
    """Return the history that rows of one line, in order, make."""
    acts = tuple(
        Acted(
            act=row.id.rpartition("/")[2],
            kind=row.kind or "",
            place=place_of(row),
            decided_on=row.decided_on or "",
            happened_at=row.happened_at,
            recorded_at=row.recorded_at,
            by_name=row.by_name or row.by or "",
            awaits=bool(row.awaits),
            body=msgspec.json.decode(row.body or "{}"),
        )
        for row in rows
    )
    by_place = {act.place: act for act in acts}
    groups = conflicts(
        Decision(act=act.act, place=act.place, decided_on=act.decided_on)
        for act in acts
        if act.kind in CHANGES
    )
    waiting = unsigned((act.act, act.awaits, tuple(act.body.get("acts", ()))) for act in acts)
    return History(
        acts=acts,
        conflicts=tuple(tuple(by_place[one.place] for one in group) for group in groups),
        unsigned=waiting,
    )
