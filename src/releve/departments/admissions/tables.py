"""The views of this room: how beds are kept, what an admission said besides the record's own columns."""

from django.db import models

from releve.views.columns import PersonRow, text

__all__ = ["Arrival", "BedKept"]


class BedKept(PersonRow):
    """How a bed is kept, as last said. `id` is the bed's code on the map; `person` is "bed:CODE"."""

    ward = models.TextField(null=True, db_index=True)
    state = text()  # open, blocked, reserved
    isolation = text()
    reserved_for = text()
    note = text()
    by = text()
    by_name = text()

    class Meta:
        db_table = "admissions_bed"


class Arrival(PersonRow):
    """What an admission said besides traits and place. `id` is "PERSON/VISIT"."""

    visit = text()
    mode = text()  # new, known, unidentified, newborn
    document = text()  # seen at admission or at a later correction
    provenance = text()
    estimated_age = models.IntegerField(null=True)
    birth_rank = models.IntegerField(null=True)
    sinus = text()
    bed_code = text()

    class Meta:
        db_table = "admissions_arrival"
