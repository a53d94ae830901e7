"""What the record brings to the views."""

from releve.record.answers import ANSWER_KINDS, read_answer
from releve.record.disputed import derive_disputed
from releve.record.facts import ServiceRequested
from releve.record.fhir import READERS
from releve.record.fold import FOLDS
from releve.record.hl7 import read_adt, read_every
from releve.record.links import derive_clusters
from releve.record.retold import derive_retold_requests
from releve.record.tubes import PRINTED_KIND, read_printed
from releve.record.whereabouts import derive_whereabouts
from releve.views.numbers import Numbered
from releve.views.reading import Offer

__all__ = ["OFFER"]

OFFER = Offer(
    name="record",
    fold_version=16,
    every_hl7=read_every,
    hl7={"ADT": read_adt},
    fhir=READERS,
    kinds=dict.fromkeys(ANSWER_KINDS, read_answer) | {PRINTED_KIND: read_printed},
    folds=FOLDS,
    numbers={ServiceRequested: (Numbered("order", "placer"),)},
    person_tables=(
        "record_act", "record_act_answer", "record_person", "record_identifier", "record_link", "record_encounter",
        "record_movement", "record_allergy", "record_problem", "record_alert", "record_measure", "record_contact",
        "record_service_request", "record_statement", "record_tube",
    ),
    derives=(  # who is one person decides which visits and which orders are one
        derive_clusters, derive_whereabouts, derive_disputed, derive_retold_requests,
    ),
    derived_from=(
        "record_movement", "record_encounter", "record_link", "record_statement", "record_service_request",
    ),
)  # fmt: skip
