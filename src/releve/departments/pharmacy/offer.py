"""What the pharmacy brings to the views."""

from releve.departments.pharmacy.facts import MedicationDispensed
from releve.departments.pharmacy.fold import FOLDS
from releve.departments.pharmacy.hl7 import read_rds
from releve.views.numbers import Numbered
from releve.views.reading import Offer

__all__ = ["OFFER"]

OFFER = Offer(
    name="pharmacy",
    fold_version=2,
    hl7={"RDS": read_rds},
    folds=FOLDS,
    numbers={MedicationDispensed: (Numbered("line", "request"),)},
    person_tables=("pharmacy_dispense",),
)
