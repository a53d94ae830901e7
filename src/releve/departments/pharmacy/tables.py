"""The views of the pharmacy."""

from releve.views.columns import PersonRow, instant, text

__all__ = ["MedicationDispense"]


class MedicationDispense(PersonRow):
    """A product dispensed to a person (RDS^O13)."""

    visit = text()
    request = text()  # MedicationRequest id
    label = text()
    code = text()
    quantity = text()
    unit = text()
    lot = text()
    expires = text()
    dispensed_at = instant()
    by = text()

    class Meta:
        db_table = "pharmacy_dispense"
