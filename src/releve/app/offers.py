"""All that the rooms offer to the views, put together; no room looks up."""

from zoneinfo import ZoneInfo

from releve.crisis.offer import OFFER as CRISIS
from releve.departments.admissions.offer import OFFER as ADMISSIONS
from releve.departments.appointments.offer import OFFER as APPOINTMENTS
from releve.departments.documents.offer import OFFER as DOCUMENTS
from releve.departments.imaging.offer import OFFER as IMAGING
from releve.departments.laboratory.offer import OFFER as LABORATORY
from releve.departments.observations.offer import OFFER as OBSERVATIONS
from releve.departments.pharmacy.offer import OFFER as PHARMACY
from releve.departments.prescribing.offer import OFFER as PRESCRIBING
from releve.hospital.belonging import Belonging
from releve.hospital.map import Directory, HospitalMap
from releve.hospital.offer import OFFER as HOSPITAL
from releve.islands.offer import OFFER as ISLANDS
from releve.record.fhir import patient_key_of
from releve.record.identity import identify
from releve.record.offer import OFFER as RECORD
from releve.restoration.fleet.offer import OFFER as FLEET
from releve.restoration.offer import OFFER as RESTORATION
from releve.views.database import schema_digest
from releve.views.interpreter import Interpreter, Situation
from releve.web.offer import OFFER as ACCOUNTS

__all__ = ["OFFERS", "fold_version", "make_interpreter", "situation_of"]

# The record comes first: a person stands before anything is said about her.
OFFERS = (
    RECORD, ADMISSIONS, LABORATORY, PRESCRIBING, IMAGING, APPOINTMENTS, DOCUMENTS, OBSERVATIONS, PHARMACY,
    HOSPITAL, CRISIS, ACCOUNTS, ISLANDS, RESTORATION, FLEET,
)  # fmt: skip


def situation_of(hospital: HospitalMap) -> Situation:
    """Return what the map says about reading messages."""
    directory = Directory(hospital)
    feed = directory.feeds.get(hospital.identity.feed)
    rules = hospital.confidential.rules
    return Situation(
        zone=ZoneInfo(hospital.zone),
        namespace=hospital.identity.namespace,
        oid=hospital.identity.oid,
        authority_senders=frozenset({feed.sending_application}) if feed is not None else frozenset(),
        confidential_codes=frozenset(rule.value for rule in rules if rule.address == "PV1-16"),
        confidential_statuses=frozenset(rule.value for rule in rules if rule.address == "PID-32"),
        confidential_elsewhere=frozenset(
            (rule.address, rule.value) for rule in rules if rule.address not in ("PV1-16", "PID-32")
        ),
    )


def make_interpreter(hospital: HospitalMap) -> Interpreter:
    """Return the reader of entries for this hospital."""
    return Interpreter(OFFERS, situation_of(hospital), identify, patient_key_of)


def fold_version(hospital: HospitalMap, lines: Belonging) -> str:
    """Return what decides the rows besides the entries: folds, tables, how messages are read, what is left out."""
    situation = situation_of(hospital)
    reading = (
        situation.zone.key, situation.namespace, situation.oid, *sorted(situation.authority_senders),
        *sorted(situation.confidential_codes), *sorted(situation.confidential_statuses),
        *("=".join(rule) for rule in sorted(situation.confidential_elsewhere)),
    )  # fmt: skip
    folds = "+".join(f"{offer.name}.{offer.fold_version}" for offer in OFFERS)
    out = f" without {lines.leaves_out}" if lines.leaves_out else ""
    return f"{folds} {schema_digest()} {'|'.join(reading)}{out}"
