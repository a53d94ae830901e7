"""What the restoration brings to the views."""

from releve.restoration.fold import FOLDS, KINDS, read
from releve.restoration.labels_printed import LABELS_KIND, read_labels
from releve.views.reading import Offer

__all__ = ["OFFER"]

OFFER = Offer(
    name="restoration",
    fold_version=4,
    kinds=dict.fromkeys(KINDS, read) | {LABELS_KIND: read_labels},
    folds=FOLDS,
    person_tables=(
        "restoration_line", "restoration_plan_request", "restoration_plan", "restoration_adopted",
        "restoration_published", "restoration_report", "restoration_evidence", "restoration_signed",
    ),
)  # fmt: skip
