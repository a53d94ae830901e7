"""What prescription and administration bring to the views."""

from releve.departments.prescribing.dose_facts import DoseCharted
from releve.departments.prescribing.dose_fold import DOSE_FOLDS, DOSE_KINDS
from releve.departments.prescribing.facts import MedicationAdministered, MedicationRequested
from releve.departments.prescribing.fhir import READERS
from releve.departments.prescribing.fold import FOLDS
from releve.departments.prescribing.hl7 import read_administration, read_prescription
from releve.departments.prescribing.hospital_fold import HOSPITAL_FOLDS, HOSPITAL_KINDS
from releve.departments.prescribing.line_fold import LINE_FOLDS, LINE_KINDS, ActOnLine, read_line_act
from releve.departments.prescribing.replaced import derive_replaced
from releve.departments.prescribing.retold import derive_retold
from releve.departments.prescribing.sheets_in import read_dropped_document, read_pn13
from releve.departments.prescribing.stopped import derive_stopped
from releve.views.numbers import Numbered
from releve.views.reading import Offer

__all__ = ["OFFER"]

OFFER = Offer(
    name="prescribing",
    fold_version=11,
    hl7={"RDE": read_prescription, "OMP": read_prescription, "RAS": read_administration},
    fhir=READERS,
    kinds={
        "initial.document": read_dropped_document,
        "initial.pn13": read_pn13,
        **DOSE_KINDS,
        **dict.fromkeys(LINE_KINDS, read_line_act),
        **HOSPITAL_KINDS,
    },
    numbers={
        MedicationRequested: (Numbered("line", "placer"),),
        MedicationAdministered: (Numbered("line", "request"),),
        DoseCharted: (Numbered("line", "line"),),
        ActOnLine: (Numbered("line", "line"),),
    },
    folds={**FOLDS, **DOSE_FOLDS, **LINE_FOLDS, **HOSPITAL_FOLDS},
    person_tables=("prescribing_request", "prescribing_administration", "prescribing_line_act"),
    derives=(derive_replaced, derive_stopped, derive_retold),
    derived_from=("prescribing_administration", "prescribing_line_act", "prescribing_request"),
)
