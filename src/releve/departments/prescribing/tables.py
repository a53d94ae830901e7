"""The views of prescription and administration."""

from django.db import models

from releve.views.columns import PersonRow, Told, instant, text

__all__ = ["MedicationAdministration", "MedicationRequest", "MedicationSheet"]


class MedicationRequest(PersonRow):
    """A medication line. `id` is "PERSON/PLACER": changes of the same order change this row."""

    visit = text()
    placer = text()  # ORC-2
    label = text()
    code = text()  # UCD13, CIP13 or local
    system = text()
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
    prescriber = text()
    high_alert = models.BooleanField(null=True)
    note = text()
    ordered_at = instant()

    class Meta:
        db_table = "prescribing_request"


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
