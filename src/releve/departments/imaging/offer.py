"""What imaging brings to the views."""

from releve.departments.imaging.facts import ImagingReported
from releve.departments.imaging.fold import FOLDS
from releve.departments.imaging.hl7 import read_imaging_order, read_order, read_oru
from releve.departments.imaging.retold import derive_retold
from releve.views.numbers import Numbered
from releve.views.reading import Offer

__all__ = ["OFFER"]

OFFER = Offer(
    name="imaging",
    fold_version=4,
    hl7={"OMI": read_imaging_order, "ORM": read_order, "OMG": read_order, "ORU": read_oru},
    folds=FOLDS,
    numbers={ImagingReported: (Numbered("order", "request"), Numbered("report", "number"))},
    person_tables=("imaging_report",),
    derives=(derive_retold,),
    derived_from=("imaging_report",),
)
