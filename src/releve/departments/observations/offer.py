"""What vital signs and charts bring to the views."""

from releve.departments.observations.fold import FOLDS, KINDS, STATEMENT_KINDS, read_act, read_statement
from releve.views.reading import Offer

__all__ = ["OFFER"]

OFFER = Offer(
    name="observations",
    fold_version=3,
    kinds=dict.fromkeys(KINDS, read_act) | dict.fromkeys(STATEMENT_KINDS, read_statement),
    folds=FOLDS,
    person_tables=("observations_chart", "observations_fluid", "observations_handover"),
)
