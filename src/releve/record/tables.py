"""The views of the patient across departments. Keys begin with the person's key: one person, one place on disk."""

from django.db import models

from releve.views.columns import PersonRow, RetoldRow, instant, text

__all__ = [
    "Act", "ActAnswer", "Alert", "Allergy", "Contact", "Encounter", "HeardUntil", "Identifier", "Link", "Measure",
    "Movement", "Person", "Problem", "ServiceRequest", "Statement", "WardChange",
]  # fmt: skip


class Person(PersonRow):
    """A person as one identifier domain knows them. `id` equals `person`."""

    birth_name = text()  # PID-5 type L (family^given)
    used_name = text()  # PID-5 type D, family name in use
    given_name = text()  # first given name
    given_names = text()  # all given names, as received
    birth_date = text()  # as precise as received: "1945", "1945-07" or "1945-07-14"
    sex = text()  # F, M, U, O (PID-8)
    birth_place = text()  # INSEE code or words (PID-11 type BDL, PID-23)
    identity_status = text()  # PID-32: PROV, VALI, QUAL…
    identity_doubt = text()  # PID-32 others: DOUB, FICT, CACH…, comma separated
    phone = text()
    address = text()
    died_at = instant()
    confidential = text()  # why this person is shown under a cover name, or NULL
    cluster = models.TextField(null=True, db_index=True)  # key of the person standing for all linked ones
    search_name = text(db_index=True)  # folded letters of the names, for search
    identity_from = text()  # "authority" or "feed": who last said the traits
    disputed = models.IntegerField(null=True)  # corrections that stand side by side: see `record.disputed`

    class Meta:
        db_table = "record_person"
        indexes = [models.Index(fields=["birth_date"], name="record_person_birth")]

    @property
    def doubts(self) -> set[str]:
        """Why the identity is doubtful: the codes received, and DOUB while two corrections stand side by side."""
        codes = {code.strip().upper() for code in (self.identity_doubt or "").split(",") if code.strip()}
        return codes | {"DOUB"} if self.disputed else codes


class Identifier(PersonRow):
    """One identifier of a person: IPP, INS, a laboratory's own number."""

    value = models.TextField(db_index=True)
    system = text()  # namespace or OID (PID-3.4)
    type = text()  # PI, INS, NH, SN… (PID-3.5)
    until = instant()

    class Meta:
        db_table = "record_identifier"


class Link(PersonRow):
    """A reversible link between two persons (merge, change of number, proposal). Nothing is moved.

    `person` is the one that stays; `other` the one that leads to it.
    """

    other = models.TextField(db_index=True)
    kind = text()  # merge (A40), renumber (A47), link (A24), alias (FHIR id), mother (PID-21)
    status = text()  # active, proposed, withdrawn
    happened_at = instant()

    class Meta:
        db_table = "record_link"


class Encounter(PersonRow):
    """A stay or visit. `id` is "PERSON/VISIT"; where and whether it stands is derived from its movements."""

    visit = models.TextField(db_index=True)  # PV1-19 or PID-18
    account = text(db_index=True)  # PID-18
    class_code = text()  # PV1-2: I, O, E, P, U…
    status = text()  # planned, present, leave, left, cancelled, moved
    admitted_at = instant()
    discharged_at = instant()
    expected_discharge_at = instant()
    ward = models.TextField(null=True, db_index=True)  # UF of accommodation, PV1-3.1
    room = text()
    bed = text()
    building = text()
    medical_ward = text()  # ZBE-7
    care_ward = text()  # ZBE-8
    since_at = instant()  # since when in this bed
    reason = text()  # PV2-3
    attending = text()
    discharge_mode = text()
    confidential = text()  # PV1-16, or NULL
    moved_to = text()  # person key, after A44
    moved_from = text()
    attributed_to = text()  # ward in charge when it differs

    class Meta:
        db_table = "record_encounter"
        indexes = [models.Index(fields=["status", "ward"], name="record_encounter_present")]


class Movement(PersonRow):
    """One movement of a visit (ZBE), or its equal when the sender has none."""

    visit = models.TextField(db_index=True)
    number = text()  # ZBE-1
    event = text()  # A01, A02…
    happened_at = instant(db_index=True)
    happened_text = text()  # as received, with its precision
    ward = text()
    room = text()
    bed = text()
    building = text()
    medical_ward = text()
    care_ward = text()
    nature = text()  # ZBE-9
    historic = models.BooleanField(null=True)
    status = text()  # active, cancelled
    first_stamp = instant()  # when it was first said; `stamp` is its last correction

    class Meta:
        db_table = "record_movement"


class Allergy(PersonRow):
    """An allergy as somebody stated it; "none known" is a statement too, and says when it was asked."""

    label = text()
    code = text()
    system = text()
    category = text()  # AL1-2: DA, FA, MA…
    severity = text()  # AL1-4 as received: SV, MO, MI, U
    criticality = text()  # high, low or NULL: only SV and MI map
    reaction = text()
    since_text = text()
    state = text()  # stated, none-known, removed
    stated_at = instant()

    class Meta:
        db_table = "record_allergy"


class Statement(PersonRow):
    """What somebody said of one thing, each saying in a row of its own: see `releve.record.side_by_side`."""

    kind = text()  # entry kind
    about = models.TextField(db_index=True)  # the row it is about: a person, a bed, a dose
    seen = text()  # entries that stood on the screen, space separated; NULL: recorded before it was asked
    words = text()  # JSON, what was said by field
    by = text()
    by_name = text()
    happened_at = instant()

    class Meta:
        db_table = "record_statement"


class Problem(PersonRow):
    """A problem or diagnosis as received."""

    visit = text()
    label = text()
    code = text()
    system = text()
    kind = text()  # DG1-6, PRB…
    since_at = instant()
    status = text()  # active, resolved, removed

    class Meta:
        db_table = "record_problem"


class Alert(PersonRow):
    """Something everyone at the bedside must know: isolation, fall risk, fasting and the like."""

    visit = text()
    label = text()
    code = text()
    strong = models.BooleanField(null=True)
    status = text()  # active, ended
    since_at = instant()

    class Meta:
        db_table = "record_alert"


class Measure(PersonRow):
    """A measure that came with identity or care messages: weight, height and the like."""

    visit = text()
    code = text()
    label = text()
    value = text()
    unit = text()
    measured_at = instant()

    class Meta:
        db_table = "record_measure"


class Contact(PersonRow):
    """A person to call (NK1)."""

    name = text()
    relation = text()
    phone = text()

    class Meta:
        db_table = "record_contact"


class ServiceRequest(RetoldRow):
    """An order placed with a department: laboratory, imaging, opinion, care."""

    visit = text()
    placer = text()  # ORC-2
    filler = text()  # ORC-3
    group = text()  # ORC-4
    department = text()  # laboratory, imaging, other
    label = text()
    code = text()
    system = text()
    priority = text()  # S, A, R…
    status = text()  # requested, scheduled, in-progress, completed, cancelled, held
    requested_at = instant()
    planned_at = instant()
    planned_text = text()
    requester = text()
    note = text()
    accession = text()  # accession number, tube

    class Meta:
        db_table = "record_service_request"


class Act(PersonRow):
    """An act of care recorded here. `id` is "PERSON/ACT", the form's own key: sent twice, it is one act."""

    kind = models.TextField(db_index=True, null=True)  # the entry's kind
    entry = text()  # "ORIGIN/EPOCH#INDEX"
    about = text()  # the row it made or changed
    visit = text()
    ward = models.TextField(null=True, db_index=True)
    function = text()  # care function
    applications = text()  # JSON list: what it stands in for, and goes back to
    happened_at = instant(db_index=True)
    by = text()  # account of who did it
    by_name = text()
    second = text()
    second_name = text()
    told_by = text()  # told by telephone
    paper = text()  # number of the form it was copied from, as it was typed
    sheet = text(db_index=True)  # the same, whichever way it was written
    late = models.BooleanField(null=True)
    offline = models.BooleanField(null=True)
    place = text()  # the entry it was decided on
    carried_by = text(db_index=True)  # account whose session brought it here, when it was not its author's

    class Meta:
        db_table = "record_act"


class ActAnswer(PersonRow):
    """What is said of an act that a colleague's session carried: each answer is kept, the newest counts.

    By its author; or, where `settles`, by somebody in charge in its ward while the author is away or contests it.
    """

    answers = models.TextField(null=True, db_index=True)  # the act's own key
    contested = models.BooleanField(null=True)
    settles = models.BooleanField(null=True)
    reason = text()
    happened_at = instant()
    by = text()
    by_name = text()

    class Meta:
        db_table = "record_act_answer"


class Tube(PersonRow):
    """A tube whose label was printed here: its number leads to the patient. `visit` is the one on the label."""

    number = models.TextField(db_index=True)
    visit = text()
    printed_at = instant()
    by = text()  # account of who printed it

    class Meta:
        db_table = "record_tube"


class WardChange(models.Model):
    """When something shown on a ward's board changed last. Local to this island, outside the hash."""

    ward = models.TextField(primary_key=True)
    version = models.BigIntegerField()

    class Meta:
        db_table = "record_ward_change"


class HeardUntil(models.Model):
    """The latest moment told by a message about visits, or by an act: up to it, what was said in advance has happened.

    One row. It follows from the entries, not from a clock that is read here: the same entries give the same places.
    Local to this island, outside the hash.
    """

    one = models.BigIntegerField(primary_key=True)
    stamp = models.BigIntegerField()

    class Meta:
        db_table = "record_heard_until"
