"""The views of the fleet. No row is a patient's: `person` is the subject, "machine:TAG", "batch:ID" or "fleet:…"."""

from django.db import models

from releve.views.columns import PersonRow, instant, text

__all__ = ["Batch", "BatchOrder", "Described", "MachineRow", "Report", "StepRow"]


class Described(PersonRow):
    """How one act described a machine. `id` is "TAG/ACT"."""

    tag = text()
    act = text()
    words = text()  # JSON object: name, kind, ward, building, room, network, serial
    seen = text()  # acts, separated by blanks
    by = text()
    by_name = text()
    happened_at = instant()
    entry = text()  # "LOG#INDEX"

    class Meta:
        db_table = "fleet_described"


class StepRow(PersonRow):
    """One step of one machine, as it was said. `id` is "TAG/ACT"."""

    tag = text()
    act = models.TextField(null=True, db_index=True)
    to = text()
    place = text()
    done = text()  # JSON list
    skipped = text()  # JSON list
    reason = text()
    image_sha256 = text()
    report = models.TextField(null=True, db_index=True)  # act of the report
    report_sha256 = text()
    batch = text()
    settles = models.BooleanField(null=True)
    seen = text()
    by = text()
    by_name = text()
    happened_at = instant()
    entry = text()
    withdrawn_by = text()  # act of the correction
    withdrawn_name = text()
    withdrawn_why = text()

    class Meta:
        db_table = "fleet_step"


class MachineRow(PersonRow):
    """One machine as it counts now; all but `tag` is put together from the rows above (`derived.py`). `id` is TAG."""

    tag = text()
    name = text()
    kind = text()
    ward = models.TextField(null=True, db_index=True)
    building = text()
    room = text()
    network = text()
    serial = text()
    described = text()  # acts of the descriptions that stand; NULL: nobody described it
    described_twice = models.BooleanField(null=True)  # they differ
    state = text()
    state_at = instant()
    standing = text()  # acts of the steps that stand
    two = text()  # states that stand side by side
    claimed = models.BooleanField(null=True)
    image_sha256 = text()
    report = text()
    last_at = instant()  # the last step, whatever it was
    last_by = text()
    last_place = text()

    class Meta:
        db_table = "fleet_machine"


class Batch(PersonRow):
    """A batch as it was last said. `id` is the batch's own key."""

    name = text()
    tags = text()  # JSON list
    closed = models.BooleanField(null=True)
    by = text()
    by_name = text()
    happened_at = instant()

    class Meta:
        db_table = "fleet_batch"


class BatchOrder(PersonRow):
    """In which order the batches are worked on, as it was last said. One row, `id` "order"."""

    batches = text()  # JSON list
    by = text()
    by_name = text()
    happened_at = instant()

    class Meta:
        db_table = "fleet_order"


class Report(PersonRow):
    """A scanner's report; its bytes stay in the journal. `id` is its act."""

    name = text()
    media_type = text()
    sha256 = text()
    size = models.BigIntegerField(null=True)
    tags = text()  # JSON list
    by = text()
    by_name = text()
    happened_at = instant()
    entry = text()

    class Meta:
        db_table = "fleet_report"
