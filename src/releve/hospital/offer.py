"""What the hospital's own entries bring to the views."""

from releve.hospital.fold import FOLDS, read_census_entry, read_map_entry
from releve.views.reading import Offer

__all__ = ["OFFER"]

OFFER = Offer(
    name="hospital",
    fold_version=3,
    kinds={"hospital.map.1": read_map_entry, "initial.census": read_census_entry},
    folds=FOLDS,
    person_tables=("hospital_map",),
)
