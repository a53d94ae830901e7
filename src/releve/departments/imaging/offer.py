"""What imaging brings to the views."""

from releve.departments.imaging.fold import FOLDS
from releve.departments.imaging.hl7 import read_imaging_order, read_order, read_oru
from releve.views.reading import Offer

__all__ = ["OFFER"]

OFFER = Offer(
    name="imaging",
    fold_version=2,
    hl7={"OMI": read_imaging_order, "ORM": read_order, "OMG": read_order, "ORU": read_oru},
    folds=FOLDS,
    person_tables=("imaging_report",),
)
