"""What was given, in the account of the downtime: words for whoever keys it in, FHIR for whoever imports it."""

from typing import Any

import msgspec
import pytest
from django.utils import translation

from releve.departments.prescribing.account import RESOURCES, TITLES, WORDS
from releve.departments.prescribing.dose_facts import DOSE_ACTS, DoseCorrected, DoseGiven, DoseOmitted

COMMON: dict[str, Any] = {
    "act": "k1", "person": "CHV:1", "function": "administer", "happened_at": 1_795_227_000_000, "by": "nk",
    "by_name": "Nadia KERVELLA", "request": "CHV:1/P1", "label": "Furosémide", "code": "3400893766521",
    "due_at": 1_795_226_400_000,
}  # fmt: skip
ACTS = {
    "dose.given.1": DoseGiven(
        **COMMON, dose_value="2.5", dose_unit="mg", lot="A1234B", expiry="2027-11-30", product="3400893766521",
        second="sr", second_name="Solène ROUSSEAU", warned=("expired",),
    ),
    "dose.omitted.1": DoseOmitted(**COMMON, reason="refused", note="dit non"),
    "dose.corrected.1": DoseCorrected(
        **COMMON, dose="CHV:1/k0", status="deleted", given_at=1_795_226_400_000, why="autre lit", was_status="given",
        was_dose="20",
    ),
}  # fmt: skip
IDS = {"patient": "Patient/1", "encounter": "Encounter/1", "performer": "Practitioner/nk"}


def body(kind: str) -> dict[str, Any]:
    """Return an act as the journal holds it."""
    read: dict[str, Any] = msgspec.msgpack.decode(msgspec.msgpack.encode(ACTS[kind]))
    return read


@pytest.mark.parametrize("kind", sorted(DOSE_ACTS))
def test_every_act_on_a_dose_has_a_title_words_and_a_resource(kind: str) -> None:
    """What has no words in the account is keyed into no application."""
    assert TITLES[kind]
    told = dict(WORDS[kind](body(kind)))
    assert told["Product"] == "Furosémide (3400893766521)"
    assert told["Line"] == "P1"
    assert "03:00" in told["Due at"] or "02:00" in told["Due at"]
    made = RESOURCES[kind](body(kind), IDS)
    assert made["resourceType"] == "MedicationAdministration"
    assert made["subject"] == {"reference": "Patient/1"}
    assert made["effectiveDateTime"].endswith("Z")


def test_lot_second_person_and_what_was_said_against_it_are_told() -> None:
    """A batch recall is answered from here; so is the question who checked."""
    with translation.override("fr"):
        told = dict(WORDS["dose.given.1"](body("dose.given.1")))
    assert told["Lot"] == "A1234B"
    assert told["Dose"] == "2,5\u00a0mg"
    assert "périmé" in told["Said by the screen, and recorded all the same"]
    made = RESOURCES["dose.given.1"](body("dose.given.1"), IDS)
    assert made["contained"][0]["batch"] == {"lotNumber": "A1234B", "expirationDate": "2027-11-30"}
    assert [one["actor"]["display"] for one in made["performer"]] == ["Nadia KERVELLA", "Solène ROUSSEAU"]
    assert made["dosage"]["dose"] == {
        "value": 2.5, "unit": "mg", "system": "http://unitsofmeasure.org", "code": "mg",
    }  # fmt: skip


def test_what_was_never_done_goes_back_as_entered_in_error() -> None:
    """A charting on the wrong patient must not become a dose in the application."""
    made = RESOURCES["dose.corrected.1"](body("dose.corrected.1"), IDS)

    assert made["status"] == "entered-in-error"
    assert RESOURCES["dose.omitted.1"](body("dose.omitted.1"), IDS)["status"] == "not-done"
