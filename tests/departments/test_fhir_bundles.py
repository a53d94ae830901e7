"""FHIR R4 bundles become the same rows as messages do."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from views_table import ViewsTable, entry_of

from releve.codecs.hl7v2.batch import split_batch

IPP = "urn:oid:1.2.250.1.1"
PATIENT = {
    "resourceType": "Patient",
    "id": "p1",
    "identifier": [
        {"system": IPP, "value": "8001"},
        {"system": "urn:oid:1.2.250.1.213.1.4.8", "value": "279035121518989"},
    ],
    "name": [
        {"use": "official", "family": "LEFÈVRE", "given": ["Anne", "Zoé"]},
        {"use": "usual", "family": "PETIT"},
    ],
    "gender": "female",
    "birthDate": "1945-07",
}


def bundle(*resources: dict[str, Any]) -> bytes:
    """Return a bundle of these resources."""
    entries = [
        {"fullUrl": f"urn:uuid:{place}", "resource": resource} for place, resource in enumerate(resources)
    ]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}).encode()


def test_a_bundle_tells_the_person_under_the_hospital_s_own_number(views: ViewsTable) -> None:
    """The page of a patient must not depend on the wire a fact came by."""
    allergy = {
        "resourceType": "AllergyIntolerance", "patient": {"reference": "Patient/p1"},
        "code": {"text": "Pénicilline"}, "criticality": "high",
    }  # fmt: skip
    views.fold([entry_of(bundle(PATIENT, allergy), 0, kind="message.fhir")])

    assert views.rows(
        "SELECT id, birth_name, used_name, given_names, birth_date, sex FROM record_person WHERE id = 'CHV:8001'"
    ) == [("CHV:8001", "LEFÈVRE", "PETIT", "Anne Zoé", "1945-07", "F")]
    assert views.rows("SELECT person, label, criticality FROM record_allergy") == [
        ("CHV:8001", "Pénicilline", "high")
    ]


def test_a_reference_to_a_patient_told_elsewhere_finds_her_when_she_comes(views: ViewsTable) -> None:
    """Resources are posted one by one, in any order."""
    potassium = {
        "resourceType": "Observation", "id": "o1", "status": "final", "subject": {"reference": "Patient/p1"},
        "code": {"coding": [{"system": "http://loinc.org", "code": "2823-3"}], "text": "Potassium"},
        "valueQuantity": {"value": 4.0, "unit": "mmol/L"}, "effectiveDateTime": "2026-11-20T06:30:00+01:00",
    }  # fmt: skip
    views.fold(
        [
            entry_of(json.dumps(potassium).replace("4.0", "4.00").encode(), 0, kind="message.fhir"),
            entry_of(json.dumps(PATIENT).encode(), 1, kind="message.fhir"),
        ]
    )

    assert views.rows("SELECT person, value FROM laboratory_result") == [("FHIR:p1", "4.00")]
    assert views.rows("SELECT person, other FROM record_link") == [("CHV:8001", "FHIR:p1")]


def test_a_medication_with_named_hours_keeps_them(views: ViewsTable) -> None:
    """The grid is made of hours that somebody named."""
    request = {
        "resourceType": "MedicationRequest", "identifier": [{"value": "P9"}], "status": "on-hold", "intent": "order",
        "medicationCodeableConcept": {"text": "Bisoprolol 2,5 mg"}, "subject": {"reference": "Patient/p1"},
        "dosageInstruction": [
            {
                "timing": {"repeat": {"timeOfDay": ["08:00:00"], "frequency": 1, "period": 1, "periodUnit": "d"}},
                "doseAndRate": [{"doseQuantity": {"value": 2.5, "unit": "mg"}}],
            }
        ],
    }  # fmt: skip
    views.fold([entry_of(bundle(PATIENT, request), 0, kind="message.fhir")])

    assert views.rows("SELECT id, times, interval_hours, dose_value, status FROM prescribing_request") == [
        ("CHV:8001/P9", '["08:00"]', 24.0, "2.5", "suspended")
    ]


def test_every_resource_of_the_corpora_is_folded_or_listed(
    views: ViewsTable, corpus: Callable[[str], Path]
) -> None:
    """What cannot be read is said by type, and nothing stops the fold."""
    files = sorted(corpus("fhir").rglob("*.json"))

    views.fold([entry_of(path.read_bytes(), place, kind="message.fhir") for place, path in enumerate(files)])

    reasons = [reason for (reason,) in views.rows("SELECT reason FROM views_not_understood")]
    assert not [reason for reason in reasons if "stopped at" in reason]
    assert views.rows("SELECT count(*) > 15 FROM record_person") == [(1,)]
    assert views.rows("SELECT count(*) > 30 FROM laboratory_result") == [(1,)]


def test_every_message_of_the_corpora_is_folded_or_listed(
    views: ViewsTable, corpus: Callable[[str], Path]
) -> None:
    """Real senders' messages never stop the boards."""
    files = sorted(corpus("hl7v2").rglob("*.hl7"))

    views.fold([message for path in files for message in split_batch(path.read_bytes()).messages])

    reasons = [reason for (reason,) in views.rows("SELECT reason FROM views_not_understood")]
    assert not [reason for reason in reasons if "stopped at" in reason]
    assert views.rows("SELECT count(*) > 60 FROM record_person") == [(1,)]
