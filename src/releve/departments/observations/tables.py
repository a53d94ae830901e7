"""The views of what is charted at the bed."""

from django.db import models

from releve.views.columns import PersonRow, instant, text

__all__ = ["Care", "CareDone", "Chart", "Fluid", "Handover"]


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


class Care(PersonRow):
    """One planned action of nursing care. `id` is "PERSON/ACT" of the act that planned it."""

    visit = text()
    ward = text()
    problem = text()
    goal = text()
    action = text()
    every = text()  # a code of care_rules.EVERY
    happened_at = instant()
    by = text()
    by_name = text()
    told_by = text()
    late = models.BooleanField(null=True)
    paper = text()
    stopped_at = instant()
    stopped_by = text()
    stop_reason = text()
    reached = models.BooleanField(null=True)

    class Meta:
        db_table = "observations_care"


class CareDone(PersonRow):
    """What became of a planned action in a shift. `id` is "PERSON/ACT"; every word is kept, the newest counts."""

    care = models.TextField(null=True, db_index=True)  # Care id
    visit = text()
    ward = text()
    shift = text()  # "2026-11-21/night"
    done = models.BooleanField(null=True)
    reason = text()
    note = text()
    happened_at = instant()
    by = text()
    by_name = text()
    told_by = text()
    late = models.BooleanField(null=True)
    paper = text()

    class Meta:
        db_table = "observations_care_done"
