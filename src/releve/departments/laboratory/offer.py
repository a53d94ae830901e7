"""What medical biology brings to the views."""

from releve.departments.laboratory.facts import ResultReported
from releve.departments.laboratory.fhir import READERS
from releve.departments.laboratory.fold import FOLDS
from releve.departments.laboratory.hl7 import read_order, read_oru
from releve.departments.laboratory.standing import derive_current
from releve.views.numbers import Numbered
from releve.views.reading import Offer

__all__ = ["OFFER"]

OFFER = Offer(
    name="laboratory",
    fold_version=3,
    hl7={"OML": read_order, "ORL": read_order, "ORU": read_oru},
    fhir=READERS,
    folds=FOLDS,
    numbers={ResultReported: (Numbered("order", "request"), Numbered("sample", "sample"))},
    person_tables=("laboratory_result",),
    derives=(derive_current,),
    derived_from=("laboratory_result",),
)
