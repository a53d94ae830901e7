"""What documents bring to the views."""

from releve.departments.documents.fhir import READERS
from releve.departments.documents.fold import FOLDS
from releve.departments.documents.hl7 import read_mdm, read_oru
from releve.departments.documents.note_fold import NOTE_FOLDS, NOTE_KINDS, read_note
from releve.departments.documents.retold import derive_retold
from releve.views.reading import Offer

__all__ = ["OFFER"]

OFFER = Offer(
    name="documents",
    fold_version=5,
    hl7={"MDM": read_mdm, "ORU": read_oru},
    fhir=READERS,
    kinds=dict.fromkeys(NOTE_KINDS, read_note),
    folds=FOLDS | NOTE_FOLDS,
    person_tables=("documents_document", "documents_note"),
    derives=(derive_retold,),
    derived_from=("documents_document",),
)
