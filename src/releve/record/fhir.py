"""FHIR R4 resources become facts about the patient. Pure.

Source: FHIR R4 Patient, Encounter, AllergyIntolerance, Condition, ServiceRequest; fr-core (identifier types, names).
A resource whose patient cannot be resolved inside its document is filed under "FHIR:<id>"; the Patient resource of
that id links it to the hospital's number when it comes.
"""

from collections.abc import Iterator
from typing import Any

from releve.codecs.fhir.reader import Document, Node, Resource
from releve.codecs.fhir.values import Reference
from releve.record import facts
from releve.record.identity import PERSON_TYPES, person_key
from releve.views.numbers import entity
from releve.views.reading import Context, NotRead

__all__ = ["READERS", "instant_at", "patient_key_of", "place_number", "words"]

# FHIR administrative-gender to HL7 v2 table 0001.
SEXES = {"male": "M", "female": "F", "other": "O", "unknown": "U"}
NO_ALLERGY_CODES = {"716186003", "409137002", "160244002", "nka", "nkda", "no-known-allergy"}
ENCOUNTERS = {
    "planned": "A05", "arrived": "A04", "triaged": "A04", "in-progress": "A01", "onleave": "A21", "finished": "A03",
    "cancelled": "A11", "entered-in-error": "A11",
}  # fmt: skip
CLASSES = {"IMP": "I", "ACUTE": "I", "NONAC": "I", "EMER": "E", "AMB": "O", "SS": "O", "PRENC": "P"}
REQUESTS = {
    "draft": "requested", "active": "requested", "on-hold": "held", "revoked": "cancelled", "completed": "completed",
    "entered-in-error": "cancelled",
}  # fmt: skip
# A person here is known by the hospital's number; the national one (INS) is only an identifier.
NATIONAL_SYSTEMS = (
    "urn:oid:1.2.250.1.213.1.4.8",
    "urn:oid:1.2.250.1.213.1.4.9",
    "urn:oid:1.2.250.1.213.1.4.10",
)


def instant_at(node: Node, path: str, context: Context) -> int | None:
    """Return a date or time in UTC milliseconds, None when absent or unreadable."""
    moment = node.date_time(path, context.zone)
    return None if moment is None or moment.at_us is None else moment.at_us // 1000


def words(node: Node, path: str) -> str | None:
    """Return the words of a concept: its own text, else the display of its first coding, else the code."""
    concept = node.concept(path)
    if concept is None:
        return None
    first = concept.codings[0] if concept.codings else None
    return concept.text or (first.display or first.code if first is not None else "") or None


def place_number(resource: Resource) -> str:
    """Return what names a resource for its sender: first identifier, else id, else its place."""
    numbers = resource.identifiers()
    return numbers[0].value if numbers else resource.id or resource.address


def patient_key_of(resource: Resource, document: Document, context: Context) -> str:
    """Return the key of the person a resource is about, "" when it names none."""
    if resource.type == "Patient":
        return _key_of_patient(resource, context)
    for path in ("subject", "patient", "individual"):
        reference = resource.reference(path)
        if reference is not None:
            return _key_of_reference(reference, document, resource, context)
    for participant in resource.nodes("participant"):
        reference = participant.reference("actor")
        if reference is not None and reference.type in ("Patient", ""):
            return _key_of_reference(reference, document, resource, context)
    return ""


def _key_of_reference(reference: Reference, document: Document, within: Resource, context: Context) -> str:
    found = document.resolve(reference, within=within)
    if found is not None and found.type == "Patient":
        return _key_of_patient(found, context)
    if reference.identifier is not None and reference.identifier.value:
        return _key_of(reference.identifier.value, reference.identifier.system, context)
    return person_key(reference.id, "FHIR") if reference.id and reference.type in ("Patient", "") else ""


def _key_of_patient(patient: Resource, context: Context) -> str:
    spare = ""
    for number in patient.identifiers():
        if number.system in NATIONAL_SYSTEMS or (number.type_code and number.type_code not in PERSON_TYPES):
            continue
        key = _key_of(number.value, number.system, context)
        if key.startswith(f"{context.namespace}:"):
            return key
        spare = spare or key
    return spare or (person_key(patient.id, "FHIR") if patient.id else "")


def _key_of(value: str, system: str, context: Context) -> str:
    # Unlike a CX of the hospital's own wires, a number without system could be anybody's: it is never ours.
    ours = system and (system == context.namespace or system == f"urn:oid:{context.oid}")
    return person_key(value, context.namespace if ours else system or "FHIR")


def read_patient(patient: Resource, document: Document, context: Context) -> Iterator[Any]:
    """Read a Patient."""
    birth = used = None
    givens: tuple[str, ...] = ()
    for name in patient.names():
        if name.use in ("official", "old", "") and (birth is None or name.use == "official"):
            birth, givens = name.family or name.text, name.given or givens
        elif name.use in ("usual", "maiden"):
            if name.use == "maiden":
                birth = name.family
            else:
                used = name.family
        givens = givens or name.given
    phone = next(
        (node.text("value") for node in patient.nodes("telecom") if node.text("system") == "phone"), None
    )
    home = next(iter(patient.nodes("address")), None)
    yield facts.PersonDescribed(
        person=context.person,
        authority=False,  # a feed of documents does not outrank the identity authority's own messages
        birth_name=birth or used,
        used_name=used,
        given_name=givens[0] if givens else None,
        given_names=" ".join(givens) or None,
        birth_date=patient.text("birthDate") or None,
        sex=SEXES.get(patient.text("gender")),
        phone=phone or None,
        address=(
            home.text("text")
            or " ".join(filter(None, (home.text("line"), home.text("postalCode"), home.text("city"))))
        )
        or None
        if home is not None
        else None,
        died_at=instant_at(patient, "deceasedDateTime", context),
    )
    for number in patient.identifiers():
        yield facts.IdentifierKnown(
            person=context.person, value=number.value, system=number.system, type=number.type_code
        )
    alias = person_key(patient.id, "FHIR")
    if patient.id and alias != context.person:
        yield facts.PersonsLinked(person=context.person, other=alias, kind="alias", status="active")
    for rank, contact in enumerate(patient.nodes("contact"), start=1):
        called = [
            " ".join(filter(None, (known.family, *known.given))) or known.text for known in contact.names()
        ]
        yield facts.ContactNamed(
            person=context.person,
            rank=str(rank),
            name=called[0] if called else None,
            relation=words(contact, "relationship"),
            phone=contact.text("telecom.value") or None,
        )


def read_encounter(encounter: Resource, document: Document, context: Context) -> Iterator[Any]:
    """Read an Encounter: the visit, and where it is."""
    visit = place_number(encounter)
    period = encounter.period("period", context.zone)
    start = period.start.at_us // 1000 if period is not None and period.start is not None else None
    end = period.end.at_us // 1000 if period is not None and period.end is not None else None
    status = encounter.text("status")
    yield facts.EncounterDescribed(
        person=context.person,
        visit=visit,
        class_code=CLASSES.get(encounter.text("class.code")),
        admitted_at=start,
        discharged_at=end,
        reason=words(encounter, "reasonCode"),
    )
    event = ENCOUNTERS.get(status)
    if event is None:
        return
    ward = room = bed = None
    for node in encounter.nodes("location"):
        if node.text("status") in ("", "active"):
            ward, room, bed = _place(node, document, encounter)
    happened = end if event == "A03" else start
    yield facts.Moved(
        person=context.person,
        visit=visit,
        number=f"FHIR {event}@{happened or context.stamp}",
        event=event,
        happened_at=happened or context.stamp,
        happened_text=None,
        ward=ward,
        room=room,
        bed=bed,
    )


def _place(node: Node, document: Document, within: Resource) -> tuple[str | None, str | None, str | None]:
    """Return ward, room and bed of a location reference, climbing partOf inside the document."""
    reference = node.reference("location")
    location = document.resolve(reference, within=within)
    found: dict[str, str] = {}
    for _ in range(6):
        if location is None:
            break
        kind = location.text("physicalType.coding.code")
        number = (
            next((item.value for item in location.identifiers()), "") or location.text("name") or location.id
        )
        found.setdefault({"bd": "bed", "ro": "room", "wa": "ward"}.get(kind, "ward"), number)
        reference = location.reference("partOf")
        location = document.resolve(reference, within=location)
    if not found and reference is not None:
        found["ward"] = (
            (reference.identifier.value if reference.identifier else "") or reference.display or reference.id
        )
    return found.get("ward"), found.get("room"), found.get("bed")


def read_allergy(allergy: Resource, document: Document, context: Context) -> Iterator[Any]:
    """Read an AllergyIntolerance, "no known allergy" included."""
    coding = allergy.coding("code")
    label = words(allergy, "code")
    if not label:
        yield NotRead(reason="AllergyIntolerance.code: expected the substance")
        return
    verification = allergy.text("verificationStatus.coding.code")
    removed = (
        verification in ("refuted", "entered-in-error")
        or allergy.text("clinicalStatus.coding.code") == "resolved"
    )
    none = coding is not None and coding.code.lower() in NO_ALLERGY_CODES
    yield facts.AllergyStated(
        person=context.person,
        label=label,
        code=coding.code if coding is not None and coding.code else None,
        system=coding.system if coding is not None else None,
        category=allergy.text("category") or None,
        severity=allergy.text("reaction.severity") or None,
        criticality=allergy.text("criticality") if allergy.text("criticality") in ("high", "low") else None,
        reaction=next((words(node, "manifestation") for node in allergy.nodes("reaction")), None),
        since_text=allergy.text("onsetDateTime") or None,
        state="removed" if removed else "none-known" if none else "stated",
        stated_at=instant_at(allergy, "recordedDate", context) or context.stamp,
    )


def read_condition(condition: Resource, document: Document, context: Context) -> Iterator[Any]:
    """Read a Condition."""
    coding, label = condition.coding("code"), words(condition, "code")
    if not label:
        yield NotRead(reason="Condition.code: expected the problem")
        return
    clinical = condition.text("clinicalStatus.coding.code")
    verification = condition.text("verificationStatus.coding.code")
    removed = verification in ("refuted", "entered-in-error")
    yield facts.ProblemStated(
        person=context.person,
        visit=None,
        label=label,
        code=coding.code if coding is not None and coding.code else None,
        system=coding.system if coding is not None else None,
        kind=condition.text("category.coding.code") or None,
        since_at=instant_at(condition, "onsetDateTime", context),
        status="removed"
        if removed
        else "resolved"
        if clinical in ("inactive", "resolved", "remission")
        else "active",
    )


def read_service_request(request: Resource, document: Document, context: Context) -> Iterator[Any]:
    """Read a ServiceRequest: SNOMED category tells imaging from biology."""
    coding = request.coding("code")
    category = request.text("category.coding.code")
    department = {"363679005": "imaging", "108252007": "laboratory"}.get(category, "other")
    planned = request.text("occurrenceDateTime") or request.text("occurrencePeriod.start")
    yield facts.ServiceRequested(
        person=context.person,
        placer=entity(place_number(request), None),
        department=department,
        label=words(request, "code"),
        code=coding.code if coding is not None and coding.code else None,
        system=coding.system if coding is not None else None,
        priority=request.text("priority") or None,
        status=REQUESTS.get(request.text("status")),
        requested_at=instant_at(request, "authoredOn", context),
        planned_at=instant_at(request, "occurrenceDateTime", context)
        or instant_at(request, "occurrencePeriod.start", context),
        planned_text=planned or None,
        requester=request.text("requester.display") or None,
        note=request.text("note.text") or None,
    )


READERS = {
    "Patient": read_patient,
    "Encounter": read_encounter,
    "AllergyIntolerance": read_allergy,
    "Condition": read_condition,
    "ServiceRequest": read_service_request,
}
