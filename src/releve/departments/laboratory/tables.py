"""The views of medical biology."""

from django.db import models

from releve.views.columns import PersonRow, instant, text

__all__ = ["Result"]


class Result(PersonRow):
    """One result (OBX). A correction is a later row of the same `series` and `sample`, which then is `current`."""

    visit = text()
    series = text()  # what is measured: code^system, the line of a trend
    sample = text(db_index=True)  # which sample or report: filler number, else time
    request = text()  # ServiceRequest id, when known
    report = text()  # OBR-4 label: the panel
    label = text()
    code = text()
    system = text()
    value = text()  # as received, the laboratory's digits
    number = models.FloatField(null=True)  # the same as a number, for plots only
    unit = text()
    range = text()  # as received, "3.5-5.1"
    flag = text()  # high, low, critical-high, critical-low, abnormal, normal or NULL (not said)
    status = text()  # preliminary, final, corrected, cancelled
    value_type = text()  # NM, ST, TX, CE…
    sampled_at = instant(db_index=True)
    issued_at = instant()
    validated_by = text()
    note = text()
    previous = text()  # value this correction replaces
    current = models.BooleanField(null=True)

    class Meta:
        db_table = "laboratory_result"
