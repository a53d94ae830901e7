"""What the crisis cell brings to the views."""

from releve.crisis.fold import FOLDS, KINDS, read_act
from releve.views.reading import Offer

__all__ = ["OFFER"]

OFFER = Offer(
    name="crisis",
    fold_version=5,
    kinds=dict.fromkeys(KINDS, read_act),
    folds=FOLDS,
    person_tables=("hospital_declaration", "hospital_declaration_word"),
)
