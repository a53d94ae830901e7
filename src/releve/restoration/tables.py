"""The views of the restoration. `person` is no patient: it is the subject, such as "restoration:task:T1"."""

from django.db import models

from releve.views.columns import PersonRow, instant, text

__all__ = ["Adopted", "CatalogueLine", "Evidence", "PlanRequest", "PlanTold", "Published", "Report", "Signed"]


class CatalogueLine(PersonRow):
    """One line of the catalogue as it was said last; `id` is its subject."""

    what = text(db_index=True)
    code = text()
    value = text()  # JSON of the struct of `case.py`; NULL: taken out
    come_from = text()
    by = text()
    by_name = text()

    class Meta:
        db_table = "restoration_line"


class PlanRequest(PersonRow):
    """A plan that was asked for, and what became of it where it gave none. `id` is the entry's place."""

    seconds = models.FloatField(null=True)
    seed = models.BigIntegerField(null=True)
    base = text()
    what_if = text()
    label = text()
    plan = text()  # JSON of a plan made by hand
    starts_at = instant()
    made_by = text()
    by = text()
    by_name = text()
    asked_at = instant()
    failed = text()
    failed_places = text()  # JSON list
    failed_at = instant()

    class Meta:
        db_table = "restoration_plan_request"


class PlanTold(PersonRow):
    """A plan that was made. `id` is the entry's place; `body` is JSON of `plan.Plan`."""

    plan_id = text()
    asked = text(db_index=True)
    body = text()
    starts_at = instant()
    now_hour = models.BigIntegerField(null=True)
    case_digest = text()
    dates = text()  # JSON list of `facts.Dated`
    returned = text()  # JSON list of `facts.CareReturned`
    runs = models.BigIntegerField(null=True)
    moved = text()
    why = text()
    what_if = text()
    left_out = text()  # JSON list
    loss = models.FloatField(null=True)
    bound = models.FloatField(null=True)
    parent = text()
    seconds = models.FloatField(null=True)
    by_hand = text()  # who made it, where no planner did
    learned = text()  # JSON of `facts.Lengths`
    made_at = instant()

    class Meta:
        db_table = "restoration_plan"


class Adopted(PersonRow):
    """A plan put in force, by whom. The last one holds."""

    plan = text()
    despite = text()  # JSON list of what was found and agreed to
    by = text()
    by_name = text()
    note = text()
    adopted_at = instant()

    class Meta:
        db_table = "restoration_adopted"


class Published(PersonRow):
    """Dates that were announced."""

    plan = text()
    dates = text()  # JSON list of `facts.PublishedMoment`
    told_to = text()
    by = text()
    by_name = text()
    published_at = instant()

    class Meta:
        db_table = "restoration_published"


class Report(PersonRow):
    """One report of a task. `id` is the entry's place; which of them stand is decided where they are read."""

    task = text(db_index=True)
    state = text()
    at = instant()
    remaining_hours = models.BigIntegerField(null=True)
    until = instant()
    reason = text()
    evidence = text()
    attachment = text()
    sha256 = text()
    people = text()  # JSON list
    seen = text()  # places, by a space
    by = text()
    by_name = text()
    told_by = text()

    class Meta:
        db_table = "restoration_report"


class Evidence(PersonRow):
    """A file kept as evidence; its bytes are read from the entry."""

    name = text()
    media_type = text()
    bytes = models.BigIntegerField(null=True)
    sha256 = text(db_index=True)

    class Meta:
        db_table = "restoration_evidence"


class Signed(PersonRow):
    """Who stands by it that an application may be in service again."""

    application = text(db_index=True)
    words = text()
    by = text()
    by_name = text()
    role = text()
    signed_at = instant()

    class Meta:
        db_table = "restoration_signed"
