"""What was charted goes home: as words somebody can key in, and as FHIR R4 that says the same."""

from typing import Any

import pytest
from django.test import Client
from ward_island import NOW_MS, WardIsland

from releve.departments.documents import account as notes
from releve.departments.observations import account

IDS = {"patient": "Patient/1", "encounter": "Encounter/2", "performer": "Practitioner/3"}
SIGNS = {
    "act_key": "k1", "respiratory_rate": "22", "spo2": "94", "oxygen": "oxygen", "oxygen_flow": "2,5",
    "systolic": "105", "diastolic": "62", "consciousness": "C", "temperature": "38,4", "note": "frissons",
}  # fmt: skip


@pytest.fixture
def handle(island: WardIsland) -> str:
    """Return somebody in bed 201, while her record is cut."""
    handle = island.admit("8001", "DELORME^Élise", "201")
    island.cut("DPI")
    return handle


def test_every_value_of_a_form_comes_back_with_code_unit_and_hour(
    island: WardIsland, nurse: Client, handle: str
) -> None:
    """What is lost on the way home was measured for nothing."""
    nurse.post(f"/patient/{handle}/observations/chart/", SIGNS)
    body = island.last("observation.charted.1")

    told = dict(account.WORDS["observation.charted.1"](body))
    resource: dict[str, Any] = account.RESOURCES["observation.charted.1"](body, IDS)

    assert told["Temperature"] == "38,4 °C"
    assert told["Oxygen flow"] == "2,5 L/min"
    assert told["Consciousness"] == "Confusion nouvelle (C)"
    assert told["Remark"] == "frissons"
    assert resource["resourceType"] == "Observation"
    assert resource["status"] == "final"
    assert resource["effectiveDateTime"] == "2026-11-21T02:10:00Z"
    assert resource["subject"] == {"reference": "Patient/1"}
    values = {
        one["code"]["coding"][0]["code"]: one["valueQuantity"]
        for one in resource["component"]
        if "valueQuantity" in one
    }
    assert values["8310-5"] == {
        "value": 38.4, "unit": "Cel", "system": "http://unitsofmeasure.org", "code": "Cel",
    }  # fmt: skip
    assert values["9279-1"]["value"] == 22
    assert len(resource["component"]) == 8


def test_a_withdrawn_form_comes_back_as_an_error(island: WardIsland) -> None:
    """The record must not keep the neighbour's fever."""
    body = {"happened_at": NOW_MS, "values": [], "corrects": "k1", "reason": "mauvais patient"}

    resource = account.RESOURCES["observation.charted.1"](body, IDS)

    assert resource["status"] == "entered-in-error"
    assert resource["note"] == [{"text": "mauvais patient"}]


@pytest.mark.parametrize(
    ("state", "verification"), [("stated", "unconfirmed"), ("removed", "entered-in-error")]
)
def test_an_allergy_comes_back_as_it_was_said(state: str, verification: str) -> None:
    """A hospital that gets an allergy back inverted is worse off than without it."""
    body = {"happened_at": NOW_MS, "state": state, "label": "Latex", "severity": "SV", "reaction": "choc"}

    resource = account.RESOURCES["allergy.stated.1"](body, IDS)

    assert resource["code"] == {"text": "Latex"}
    assert resource["patient"] == {"reference": "Patient/1"}
    assert resource["verificationStatus"]["coding"][0]["code"] == verification
    assert ("clinicalStatus" in resource) is (state == "stated")
    assert resource["criticality"] == "high"


def test_a_note_comes_back_word_for_word(island: WardIsland, nurse: Client, handle: str) -> None:
    """Signed words are not summed up."""
    import base64

    text = "Chute sans gravité.\nœdème é à ü 😀"
    nurse.post(f"/patient/{handle}/notes/write/nursing/", {"act_key": "n1", "title": "Chute", "text": text})
    body = island.last("note.written.1")

    resource = notes.RESOURCES["note.written.1"](body, IDS)

    attached = resource["content"][0]["attachment"]
    assert base64.b64decode(attached["data"]).decode() == text
    assert resource["type"]["coding"][0]["code"] == "34746-8"
    assert resource["author"] == [{"reference": "Practitioner/3"}]
    assert dict(notes.WORDS["note.written.1"](body))["Text"] == text


def test_every_kind_of_act_has_a_title_and_words() -> None:
    """A kind without words is printed as bare fields."""
    from releve.departments.documents.note_fold import NOTE_KINDS
    from releve.departments.observations.fold import KINDS, STATEMENT_KINDS

    acts = {*KINDS, *STATEMENT_KINDS} - {"handover.taken.1"}

    assert acts <= set(account.WORDS)
    assert acts <= set(account.TITLES)
    assert set(NOTE_KINDS) <= set(notes.WORDS) & set(notes.TITLES) & set(notes.RESOURCES)
