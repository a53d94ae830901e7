"""The views of what is charted at the bed."""

from django.db import models

from releve.views.columns import PersonRow, instant, text

__all__ = ["Chart", "Fluid", "Handover"]


class Chart(PersonRow):
    """One form of vital signs: values measured together, digits as written. `id` is "PERSON/ACT"."""

    act = text()
    visit = text()
    ward = text()
    happened_at = instant(db_index=True)
    respiratory_rate = text()  # /min
    spo2 = text()  # %
    spo2_scale = models.IntegerField(null=True)
    oxygen = text()  # air, oxygen
    oxygen_flow = text()  # L/min
    systolic = text()  # mm[Hg]
    diastolic = text()
    pulse = text()  # /min
    consciousness = text()  # A, C, V, P, U
    temperature = text()  # Cel
    pain = text()  # 0 to 10
    weight = text()  # kg
    glucose = text()
    glucose_unit = text()  # g/L, mmol/L
    note = text()
    by = text()
    by_name = text()
    told_by = text()
    paper = text()
    late = models.BooleanField(null=True)
    offline = models.BooleanField(null=True)
    corrects = text()  # act
    corrected_by = text()  # act that took its place
    reason = text()

    class Meta:
        db_table = "observations_chart"


class Fluid(PersonRow):
    """One volume in or out. `id` is "PERSON/ACT"."""

    act = text()
    visit = text()
    ward = text()
    happened_at = instant(db_index=True)
    direction = text()  # in, out
    kind = text()
    volume_ml = models.IntegerField(null=True)
    note = text()
    by = text()
    by_name = text()
    told_by = text()
    paper = text()
    late = models.BooleanField(null=True)
    corrects = text()
    corrected_by = text()
    reason = text()

    class Meta:
        db_table = "observations_fluid"


class Handover(PersonRow):
    """Words for the next shift about one person, and who took her over. `id` is "PERSON/ACT"."""

    act = text()
    kind = text()  # written, taken
    visit = text()
    ward = models.TextField(null=True, db_index=True)
    shift = text()
    body = text()
    about = text()
    happened_at = instant(db_index=True)
    by = text()
    by_name = text()
    told_by = text()
    late = models.BooleanField(null=True)
    place = text()

    class Meta:
        db_table = "observations_handover"
