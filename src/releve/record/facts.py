"""What can be said about a patient across departments. Pure; frozen; times are UTC milliseconds.

`None` means: the message did not say. `NULL` (the HL7 null) means: the message says there is none.
Sources: FHIR R4 Patient, Encounter, AllergyIntolerance, Condition, ServiceRequest; HL7 v2.5 ch. 3; IHE PAM France.
"""

import msgspec

__all__ = [
    "ActDone", "AlertRaised", "AllergyStated", "ContactNamed", "EncounterDescribed", "EncounterMovedAccount",
    "IdentifierKnown", "Measured", "MovementCancelled", "Moved", "PersonDescribed",
    "PersonsLinked", "ProblemStated", "ServiceRequested", "StatementMade",
]  # fmt: skip


class Said(msgspec.Struct, frozen=True, kw_only=True, tag_field="fact"):
    """Something said about one person."""

    person: str  # key, see `releve.record.identity`


class PersonDescribed(Said, frozen=True, kw_only=True, tag="person-described.1"):
    """Traits of a person (PID). `authority`: the identity authority said so; others only fill what is unknown."""

    authority: bool
    birth_name: str | None = None
    used_name: str | None = None
    given_name: str | None = None
    given_names: str | None = None
    birth_date: str | None = None
    sex: str | None = None
    birth_place: str | None = None
    identity_status: str | None = None
    identity_doubt: str | None = None
    phone: str | None = None
    address: str | None = None
    died_at: int | None = None
    confidential: str | None = None


class IdentifierKnown(Said, frozen=True, kw_only=True, tag="identifier-known.1"):
    """One identifier of the person (PID-3, FHIR Patient.identifier)."""

    value: str
    system: str
    type: str


class PersonsLinked(Said, frozen=True, kw_only=True, tag="persons-linked.1"):
    """`other` leads to `person`: merge (A40), change of number (A47), link (A24), mother of a newborn (PID-21)."""

    other: str
    kind: str
    status: str  # active from the identity authority, proposed from anyone else
    happened_at: int | None = None


class EncounterDescribed(Said, frozen=True, kw_only=True, tag="encounter-described.1"):
    """What PV1 and PV2 say of a visit, apart from where it is."""

    visit: str
    account: str | None = None
    class_code: str | None = None
    admitted_at: int | None = None
    discharged_at: int | None = None
    expected_discharge_at: int | None = None
    reason: str | None = None
    attending: str | None = None
    discharge_mode: str | None = None
    confidential: str | None = None


class Moved(Said, frozen=True, kw_only=True, tag="moved.1"):
    """A movement of a visit: admission, transfer, leave, return, discharge (ZBE, or its equal)."""

    visit: str
    number: str  # ZBE-1; "seen" for a place told by an update without movement
    event: str | None  # None: a correction that does not say of what, and changes nothing in that
    happened_at: int | None
    happened_text: str | None
    ward: str | None = None
    room: str | None = None
    bed: str | None = None
    building: str | None = None
    medical_ward: str | None = None
    care_ward: str | None = None
    nature: str | None = None
    historic: bool = False


class MovementCancelled(Said, frozen=True, kw_only=True, tag="movement-cancelled.1"):
    """A movement is withdrawn by its number (ZBE-4 CANCEL). `event`: what it was, as far as the message says."""

    visit: str
    number: str
    event: str | None = None


class EncounterMovedAccount(Said, frozen=True, kw_only=True, tag="encounter-moved-account.1"):
    """A44: the visit belongs to another person. Told once for each: `to` or `from_` is the other one."""

    visit: str
    to: str | None = None
    from_: str | None = None


class AllergyStated(Said, frozen=True, kw_only=True, tag="allergy-stated.1"):
    """An allergy, or its absence, as somebody stated it. Never inferred.

    `island`: where people stated it, "" for a message; two islands that say the same are two statements. `row`: the
    row that a withdrawal names; whatever else says the same allergy stands.
    """

    label: str | None
    island: str = ""
    row: str = ""
    code: str | None = None
    system: str | None = None
    category: str | None = None
    severity: str | None = None
    criticality: str | None = None
    reaction: str | None = None
    since_text: str | None = None
    state: str = "stated"
    stated_at: int | None = None


class StatementMade(Said, frozen=True, kw_only=True, tag="statement-made.1"):
    """What somebody said of one thing (`about`: a row), with the entries she had seen about it; None: not asked yet."""

    about: str
    kind: str
    seen: tuple[str, ...] | None
    words: dict[str, str]
    by: str
    by_name: str | None = None
    happened_at: int | None = None


class ProblemStated(Said, frozen=True, kw_only=True, tag="problem-stated.1"):
    """A problem or diagnosis as received (DG1, PRB, FHIR Condition). `island` and `row` as of an allergy."""

    island: str = ""
    row: str = ""

    visit: str | None
    label: str | None
    code: str | None = None
    system: str | None = None
    kind: str | None = None
    since_at: int | None = None
    status: str = "active"


class AlertRaised(Said, frozen=True, kw_only=True, tag="alert-raised.1"):
    """An alert for everyone at the bedside. `island` and `row` as of an allergy."""

    visit: str | None
    code: str
    island: str = ""
    row: str = ""
    label: str
    strong: bool = False
    status: str = "active"
    since_at: int | None = None


class Measured(Said, frozen=True, kw_only=True, tag="measured.1"):
    """A measure (weight, height…); `value` keeps the digits received, `unit` the unit received."""

    visit: str | None
    code: str
    label: str
    value: str
    unit: str | None = None
    measured_at: int | None = None


class ContactNamed(Said, frozen=True, kw_only=True, tag="contact-named.1"):
    """A person to call (NK1)."""

    rank: str
    name: str | None
    relation: str | None = None
    phone: str | None = None


class ServiceRequested(Said, frozen=True, kw_only=True, tag="service-requested.1"):
    """An order placed with a department, or its new state (ORC, OBR). `department`: laboratory, imaging, other."""

    placer: str
    department: str
    visit: str | None = None
    filler: str | None = None
    group: str | None = None
    label: str | None = None
    code: str | None = None
    system: str | None = None
    priority: str | None = None
    status: str | None = None
    requested_at: int | None = None
    planned_at: int | None = None
    planned_text: str | None = None
    requester: str | None = None
    note: str | None = None
    accession: str | None = None


class ActDone(Said, frozen=True, kw_only=True, tag="act-done.1"):
    """An act of care recorded here: counted, shown, handed back. See `releve.record.acts.CareAct`."""

    act: str
    kind: str
    function: str
    about: str | None = None
    visit: str | None = None
    ward: str | None = None
    applications: tuple[str, ...] = ()
    happened_at: int
    by: str
    by_name: str | None = None
    second: str | None = None
    second_name: str | None = None
    told_by: str | None = None
    paper: str | None = None
    late: bool = False
    offline: bool = False
    place: str | None = None
    carried_by: str | None = None
