"""What appointments bring to the views."""

from releve.departments.appointments.fhir import READERS
from releve.departments.appointments.fold import FOLDS
from releve.departments.appointments.hl7 import read_siu
from releve.departments.appointments.retold import derive_retold
from releve.views.reading import Offer

__all__ = ["OFFER"]

OFFER = Offer(
    name="appointments",
    fold_version=2,
    hl7={"SIU": read_siu},
    fhir=READERS,
    folds=FOLDS,
    person_tables=("appointments_appointment",),
    derives=(derive_retold,),
    derived_from=("appointments_appointment",),
)
