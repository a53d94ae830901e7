"""What vital signs and charts bring to the views."""

from releve.departments.observations.care_fold import CARE_FOLDS, CARE_KINDS, read_care
from releve.departments.observations.fold import FOLDS, KINDS, STATEMENT_KINDS, read_act, read_statement
from releve.views.reading import Offer

__all__ = ["OFFER"]

OFFER = Offer(
    name="observations",
    fold_version=5,
    kinds=dict.fromkeys(KINDS, read_act)
    | dict.fromkeys(STATEMENT_KINDS, read_statement)
    | dict.fromkeys(CARE_KINDS, read_care),
    folds=FOLDS | CARE_FOLDS,
    person_tables=(
        "observations_chart",
        "observations_fluid",
        "observations_handover",
        "observations_care",
        "observations_care_done",
    ),
)
