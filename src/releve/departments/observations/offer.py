"""What vital signs and charts bring to the views."""

from releve.departments.observations.fold import FOLDS, KINDS, read_act
from releve.views.reading import Offer

__all__ = ["OFFER"]

OFFER = Offer(
    name="observations",
    fold_version=1,
    kinds=dict.fromkeys(KINDS, read_act),
    folds=FOLDS,
    person_tables=("observations_chart", "observations_fluid", "observations_handover"),
)
