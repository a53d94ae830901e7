"""What documents bring to the views."""

from releve.departments.documents.fhir import READERS
from releve.departments.documents.fold import FOLDS
from releve.departments.documents.hl7 import read_mdm, read_oru
from releve.views.reading import Offer

__all__ = ["OFFER"]

OFFER = Offer(
    name="documents",
    fold_version=2,
    hl7={"MDM": read_mdm, "ORU": read_oru},
    fhir=READERS,
    folds=FOLDS,
    person_tables=("documents_document",),
)
