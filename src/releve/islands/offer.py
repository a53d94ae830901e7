"""What this room brings to the views: what was said of islands."""

from releve.islands.fold import FOLDS, KINDS, read
from releve.views.reading import Offer

__all__ = ["OFFER"]

OFFER = Offer(
    name="islands",
    fold_version=3,
    kinds=dict.fromkeys(KINDS, read),
    folds=FOLDS,
    person_tables=("hospital_island",),
)
