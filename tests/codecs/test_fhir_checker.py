"""Problems of a FHIR resource are told by place, never by value."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest

from releve.codecs.fhir.checker import PROBLEMS_MAX, check

CORPUS = Path(os.environ.get("RELEVE_CORPORA", "../shared/corpora")) / "fhir" / "hl7-fhir-r4-examples"


def resource(**more: object) -> bytes:
    """Return a Patient as JSON."""
    return msgspec.json.encode({"resourceType": "Patient", **more})


@pytest.mark.parametrize(
    ("content", "address", "expected"),
    [
        ({"birthDate": "DUPONT"}, "Patient.birthDate", "a valid date"),
        ({"name": {"family": "DUPONT"}}, "Patient.name", "an array"),
        ({"name": []}, "Patient.name", "no empty array"),
        ({"dupont": 1}, "Patient.dupont", "an element of FHIR R4"),
        ({"DUPONT Jean": 1}, "Patient.?", "an element of FHIR R4"),
        ({"multipleBirthInteger": 1.5}, "Patient.multipleBirthInteger", "a valid integer"),
        (
            {"photo": [{"data": "###DUPONT is not a valid name"}]},
            "Patient.photo[0].data",
            "a valid base64Binary",
        ),
    ],
)
def test_a_problem_names_the_place_and_what_was_expected(
    content: dict[str, object], address: str, expected: str
) -> None:
    """Whoever repairs the interface needs the place; the log must not receive the patient."""
    problems = check(resource(**content))

    assert (address, expected) in [(problem.address, problem.expected) for problem in problems]
    assert "DUPONT" not in " ".join(map(str, problems))


def test_a_sound_resource_has_no_problem() -> None:
    """A checker that always complains is switched off within a week."""
    assert check(resource(birthDate="1954-02", name=[{"family": "LÉVY"}])) == []


def test_text_that_is_not_json_is_one_problem_with_its_place() -> None:
    """The checker is asked about whatever came; it must not stop the process that asked."""
    (problem,) = check(b'{"resourceType":"Patient",')

    assert problem.address.startswith("line 1, column")
    assert problem.expected == "JSON"
    assert check(b"\xff\xfe\x00") != []


def test_a_bundle_of_faults_stays_a_readable_list() -> None:
    """Ten thousand lines for one wrong export setting hide the one that matters."""
    entries = [{"resource": {"resourceType": "Patient", "birthDate": "x"}} for _ in range(300)]

    problems = check(msgspec.json.encode({"resourceType": "Bundle", "type": "collection", "entry": entries}))

    assert len(problems) == PROBLEMS_MAX
    assert problems[0].address == "Bundle.entry[0].resource.birthDate"


@pytest.mark.skipif(not CORPUS.is_dir(), reason="RELEVE_CORPORA names no folder of FHIR examples")
def test_the_official_examples_are_sound_but_for_a_few_known_ones() -> None:
    """If most official examples were refused, the checker would be wrong, not they."""
    files = sorted(CORPUS.glob("*.json"))

    faulty = [file.name for file in files if check(file.read_bytes())]

    assert len(faulty) <= len(files) // 10, faulty
