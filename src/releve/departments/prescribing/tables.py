"""The views of prescription and administration."""

from django.db import models

from releve.views.columns import PersonRow, RetoldRow, Told, instant, text

__all__ = [
    "ChecksInForce", "Formulary", "MedicationAdministration", "MedicationLineAct", "MedicationRequest",
    "MedicationSheet",
]  # fmt: skip


class MedicationRequest(RetoldRow):
    """A medication line. `id` is "PERSON/PLACER": changes of the same order change this row."""

    visit = text()
    placer = text()  # ORC-2
    label = text()
    code = text()  # UCD13, CIP13 or local
    system = text()
    substance = text()  # common name
    drug_class = text()  # ATC
    dose_value = text()  # "500"; a range is "1-2"
    dose_unit = text()  # UCUM or as received
    dose_text = text()  # given instructions in words (RXE-7, RXO-7)
    route = text()
    route_code = text()
    form = text()
    rate = text()  # "20 mL/h"
    times = text()  # JSON list of "HH:MM" when fixed hours are said
    interval_hours = models.FloatField(null=True)  # "every 6 h"
    schedule_text = text()  # TQ1 or RXE-1 as received
    as_needed = models.BooleanField(null=True)
    condition = text()  # "si douleur"
    start_at = instant()
    end_at = instant()
    status = text()  # active, suspended, stopped, completed, cancelled
    status_at = instant()
    # What was told of it under its own number, where another number's word is the last one (`retold.py`).
    own_status = text()
    own_status_at = instant()
    prescriber = text()
    high_alert = models.BooleanField(null=True)
    note = text()
    ordered_at = instant()
    awaits = models.BooleanField(null=True)  # told by telephone here: a prescriber has still to sign it

    class Meta:
        db_table = "prescribing_request"


class MedicationLineAct(PersonRow):
    """An act on a medication line, done here. `id` is "PERSON/ACT"; nothing that was decided is written over."""

    line = text(db_index=True)  # MedicationRequest id; "" for an act on all lines of a person
    kind = text()  # the entry's kind
    happened_at = instant()
    by = text()
    by_name = text()
    decided_on = text()  # the entry it was decided on, "ORIGIN/EPOCH#INDEX"
    awaits = models.BooleanField(null=True)  # told by telephone: to be signed by a prescriber
    body = text()  # the whole act, JSON

    class Meta:
        db_table = "prescribing_line_act"


class Formulary(Told):
    """A formulary that was told; `hospital.standing.told_in_force` says which one holds here."""

    body = text()  # JSON of `formulary.Formulary`
    signed_by = text()  # JSON: keys of those whose signature on it holds
    statement = text()  # nonce of these signatures

    class Meta:
        db_table = "prescribing_formulary"


class ChecksInForce(Told):
    """Which checks were switched on, by whom, since when; `told_in_force` says which word holds here."""

    body = text()  # JSON of `checks.Switched`
    signed_by = text()  # as for a formulary
    statement = text()

    class Meta:
        db_table = "prescribing_checks"


class MedicationAdministration(PersonRow):
    """A dose charted: given, partly given, or not given and why (RAS^O17)."""

    visit = text()
    request = text()  # MedicationRequest id
    label = text()
    code = text()
    given_at = instant(db_index=True)
    status = text()  # given, partial, omitted, refused
    dose_value = text()
    dose_unit = text()
    reason = text()
    by = text()
    route = text()
    lot = text()
    number = text()  # RXA-2, by which a correction names the dose
    action = text()  # RXA-21: A, U, D
    # What only a dose charted here says (`dose_facts.py`).
    here = models.BooleanField(null=True)
    ward = models.TextField(null=True, db_index=True)
    due_at = instant()  # the hour of the grid that it answers
    reason_code = text()  # why not given: a code of dose_rules.REASONS
    rate = text()
    product = text()  # number read from the pack
    expiry = text()  # ISO date, as read
    second = text()  # name of the second person
    alone = text()  # why there was none
    wristband = models.BooleanField(null=True)
    late = models.BooleanField(null=True)
    offline = models.BooleanField(null=True)
    corrected_at = instant()
    corrected_by = text()
    correction = text()  # why it was put right
    was_status = text()
    was_at = instant()
    was_dose = text()
    retold = text()  # the line that stands for the one it was charted on

    @property
    def line(self) -> str:
        """The key of the line that it is a dose of, "" when it is of none."""
        return self.retold or self.request or ""

    class Meta:
        db_table = "prescribing_administration"


class MedicationSheet(Told):
    """A medication sheet that the hospital can only print (PDF), or send as PN13: kept, aged, shown, bound."""

    ward = models.TextField(null=True, db_index=True)
    person = models.TextField(null=True, db_index=True)
    blob = text()  # SHA-256 of the bytes, or NULL when the entry itself holds them
    media_type = text()  # application/pdf, application/xml
    pages = models.IntegerField(null=True)
    dated_at = instant()

    class Meta:
        db_table = "prescribing_sheet"
