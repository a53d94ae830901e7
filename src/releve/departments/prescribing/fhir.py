"""FHIR R4 medication resources become facts. Pure. Source: FHIR R4 MedicationRequest, MedicationAdministration."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from releve.codecs.fhir.reader import Document, Node, Resource
from releve.departments.prescribing.facts import MedicationAdministered, MedicationRequested
from releve.departments.prescribing.highalert import is_high_alert
from releve.departments.prescribing.timing import read_time
from releve.record.fhir import instant_at, place_number, words
from releve.views.numbers import entity
from releve.views.reading import Context, NotRead

__all__ = ["READERS"]

STATUSES = {
    "active": "active", "on-hold": "suspended", "stopped": "stopped", "completed": "completed",
    "cancelled": "cancelled", "entered-in-error": "cancelled", "intended": "active",
}  # fmt: skip
DOSES = {
    "completed": "given", "in-progress": "given", "not-done": "omitted", "stopped": "partial",
    "entered-in-error": "deleted", "on-hold": "unknown", "unknown": "unknown",
}  # fmt: skip
HOURS = {"h": 1.0, "d": 24.0, "wk": 168.0, "min": 1 / 60, "s": 1 / 3600}


def _medication(resource: Resource, document: Document) -> tuple[str | None, str | None, str | None]:
    """Return label, code and system of medication[x]: a concept, or a reference inside the document."""
    coding, label = resource.coding("medicationCodeableConcept"), words(resource, "medicationCodeableConcept")
    if label is None:
        reference = resource.reference("medicationReference")
        found = document.resolve(reference, within=resource)
        if found is not None:
            coding, label = found.coding("code"), words(found, "code")
        elif reference is not None:
            label = reference.display or None
    return (
        label,
        (coding.code or None if coding is not None else None),
        (coding.system or None if coding is not None else None),
    )


def read_request(request: Resource, document: Document, context: Context) -> Iterator[Any]:
    """Read a MedicationRequest, or a MedicationStatement of what is taken."""
    label, code, system = _medication(request, document)
    if label is None:
        yield NotRead(reason=f"{request.type}.medication[x]: expected the product")
        return
    dosages = list(request.nodes("dosageInstruction") or request.nodes("dosage"))
    dosage = next(iter(dosages), None)
    dose = rate = None
    if dosage is not None:
        dose = dosage.quantity("doseAndRate.doseQuantity") or dosage.quantity("doseQuantity")
        found = dosage.quantity("doseAndRate.rateQuantity")
        rate = f"{found.value} {found.unit}" if found is not None else None
    times, interval = _timing(dosage) if dosage is not None else ((), None)
    as_needed = None
    condition = None
    if dosage is not None:
        condition = words(dosage, "asNeededCodeableConcept")
        as_needed = bool(dosage.get("asNeededBoolean")) or condition is not None
    dose_value, dose_unit = (
        (str(dose.value), (dose.unit or dose.code) or None) if dose is not None else (None, None)
    )
    if len(dosages) > 1:
        # Doses that differ by the hour are never one dose: no hours then, and every part in words.
        times, interval, as_needed, dose_unit = (), None, False, None
        dose_value = " · ".join(_dose_and_hours(one) for one in dosages)
    yield MedicationRequested(
        person=context.person,
        placer=entity(place_number(request), None),
        label=label,
        code=code,
        system=system,
        dose_value=dose_value,
        dose_unit=dose_unit,
        dose_text=dosage.text("text") or None if dosage is not None else None,
        route=words(dosage, "route") if dosage is not None else None,
        rate=rate,
        times=times or None,
        interval_hours=interval,
        schedule_text=", ".join(text for one in dosages if (text := one.text("text"))) or None,
        as_needed=as_needed,
        condition=condition,
        start_at=instant_at(dosage, "timing.repeat.boundsPeriod.start", context)
        if dosage is not None
        else None,
        end_at=instant_at(dosage, "timing.repeat.boundsPeriod.end", context) if dosage is not None else None,
        status=STATUSES.get(request.text("status"), "active"),
        prescriber=request.text("requester.display") or None,
        high_alert=is_high_alert(label),
        note=request.text("note.text") or None,
        ordered_at=instant_at(request, "authoredOn", context),
        whole=True,
        timed=True,
    )


def _dose_and_hours(dosage: Node) -> str:
    dose = dosage.quantity("doseAndRate.doseQuantity") or dosage.quantity("doseQuantity")
    said = f"{dose.value} {dose.unit or dose.code}".strip() if dose is not None else "?"
    when = ", ".join(_timing(dosage)[0]) or dosage.text("text")
    return f"{said} ({when})" if when else said


def _timing(dosage: Node) -> tuple[tuple[str, ...], float | None]:
    repeat = dosage.get("timing.repeat")
    if not isinstance(repeat, dict):
        return (), None
    named = repeat.get("timeOfDay")
    times = tuple(
        sorted(time for text in named if (time := read_time(str(text)))) if isinstance(named, list) else ()
    )
    if repeat.get("dayOfWeek") or repeat.get("when"):
        return (), None  # "on Mondays at eight" is not every day at eight
    frequency, period, unit = repeat.get("frequency", 1), repeat.get("period"), repeat.get("periodUnit")
    if not isinstance(period, int | float | Decimal) or unit not in HOURS:
        return times, None
    hours = float(period) * HOURS[unit]
    # "Three times a day" names no hours: only "once every so many hours" is an interval.
    return times, hours if frequency == 1 and hours > 0 else None


def read_administration(given: Resource, document: Document, context: Context) -> Iterator[Any]:
    """Read a MedicationAdministration."""
    label, code, _ = _medication(given, document)
    request = given.reference("request")
    found = document.resolve(request, within=given)
    dose = given.quantity("dosage.dose")
    yield MedicationAdministered(
        person=context.person,
        request=entity(place_number(found), None)
        if found is not None
        else (entity(request.id, None) if request is not None and request.id else None),
        rank=1,
        label=label,
        code=code,
        given_at=instant_at(given, "effectiveDateTime", context)
        or instant_at(given, "effectivePeriod.start", context)
        or context.stamp,
        status=DOSES.get(given.text("status"), "unknown"),
        dose_value=str(dose.value) if dose is not None else None,
        dose_unit=(dose.unit or dose.code) or None if dose is not None else None,
        reason=words(given, "statusReason"),
        by=given.text("performer.actor.display") or None,
        route=words(given, "dosage.route"),
    )


READERS = {
    "MedicationRequest": read_request,
    "MedicationStatement": read_request,
    "MedicationAdministration": read_administration,
}
