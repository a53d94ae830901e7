"""What admissions bring to the views."""

from releve.departments.admissions.facts import KINDS
from releve.departments.admissions.fold import FOLDS, read_act
from releve.views.reading import Offer

__all__ = ["OFFER"]

OFFER = Offer(
    name="admissions",
    fold_version=3,
    kinds=dict.fromkeys(KINDS, read_act),
    folds=FOLDS,
    person_tables=("admissions_arrival", "admissions_bed"),
)
