"""The views of imaging. Orders are `releve.record.tables.ServiceRequest` with department "imaging"."""

from releve.views.columns import RetoldRow, instant, text

__all__ = ["ImagingReport"]


class ImagingReport(RetoldRow):
    """A report of an imaging examination (ORU^R01 of a RIS)."""

    visit = text()
    request = text()
    label = text()
    accession = text()
    body = text()
    status = text()  # preliminary, final, corrected
    performed_at = instant()
    issued_at = instant()
    author = text()

    class Meta:
        db_table = "imaging_report"
