"""Numbers of a person that look wrong: kept, and said on the very next page, in the reader's language."""

import re
from typing import Any

import pytest
from admissions_island import AdmissionsIsland
from django.test import Client
from test_admissions_admit import admit

from releve.web.middleware import choice_cookie

WRONG_INS = "258037511600137"


def receipt_of(answer: Any) -> str:
    """Return what the page says of the act that led to it."""
    found = re.search(r'<div class="saved".*?</div>', answer.content.decode(), re.S)
    assert found, answer.status_code
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found[0]))


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("fr", "INS à relire : La clé de contrôle ne va pas avec le numéro"),
        ("en", "INS to be read again: The control key"),
    ],
)
def test_an_ins_that_does_not_fit_is_said_as_soon_as_somebody_is_admitted(
    island: AdmissionsIsland, nurse: Client, language: str, words: str
) -> None:
    """A clerk who reads it an hour later no longer has the card in hand; held up by it, the patient waits."""
    nurse.cookies[choice_cookie("")] = language
    said = receipt_of(admit(nurse, ins=WRONG_INS, follow=True))

    assert words in said
    assert WRONG_INS not in said, "a session holds no number of a patient"
    assert island.entries("person.admitted.1")[0]["ins"] == WRONG_INS


def test_a_sinus_number_of_another_shape_is_said_as_soon_as_a_victim_is_admitted(
    island: AdmissionsIsland, nurse: Client
) -> None:
    """Without it nobody finds the victim on the list of the disaster."""
    form = {
        "step": "admit", "act_key": "k1", "sex": "U", "estimated_age": "40", "sinus": "FR075SAMU2026",
        "bed": "bed:2140-206", "happened_at": "03:05", "provenance": "home", "allergies": "not-asked",
    }  # fmt: skip

    said = receipt_of(nurse.post("/admit/unidentified/", form, follow=True))

    assert "SINUS à relire" in said


def test_a_right_ins_is_not_doubted(island: AdmissionsIsland, nurse: Client) -> None:
    """A warning that always stands there is not read."""
    assert "à relire" not in receipt_of(admit(nurse, ins="258037511600139", follow=True))
