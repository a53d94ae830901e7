"""What the fleet brings to the views."""

from releve.restoration.fleet.derived import DERIVED_FROM, derive_machines
from releve.restoration.fleet.fold import FLEET_KINDS, FOLDS, read_fleet
from releve.views.reading import Offer

__all__ = ["OFFER"]

OFFER = Offer(
    name="fleet",
    fold_version=1,
    kinds=dict.fromkeys(FLEET_KINDS, read_fleet),
    folds=FOLDS,
    person_tables=(
        "fleet_described", "fleet_step", "fleet_machine", "fleet_batch", "fleet_order", "fleet_report",
    ),
    derives=(derive_machines,),
    derived_from=DERIVED_FROM,
)  # fmt: skip
