"""Numbers of a person that look wrong: asked once more at their field, kept when sent again, said on the next page."""

import re
from typing import Any

import pytest
from admissions_island import AdmissionsIsland
from django.test import Client
from test_admissions_admit import admit

from releve.web.middleware import choice_cookie
from screens import marks_in

WRONG_INS = "258037511600137"


def receipt_of(answer: Any) -> str:
    """Return what the page says of the act that led to it."""
    found = re.search(r'<div class="saved".*?</div>', answer.content.decode(), re.S)
    assert found, answer.status_code
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found[0]))


def field_of(answer: Any, name: str) -> str:
    """Return the words that stand at a field."""
    found = re.search(
        rf'<div class="field[^"]*">\s*<label for="id_{name}".*?</div>', answer.content.decode(), re.S
    )
    assert found
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found[0])).replace("\u202f", " ")


def test_a_doubtful_ins_is_asked_at_its_field_once_and_kept_when_it_is_sent_again(
    island: AdmissionsIsland, nurse: Client
) -> None:
    """The card is still in her hand: on the page after, it is back in the patient's pocket."""
    first = admit(nurse, ins=WRONG_INS)

    assert first.status_code == 422
    assert "La clé de contrôle ne va pas avec le numéro. Le relire ; renvoyé tel quel" in field_of(
        first, "ins"
    )
    assert WRONG_INS in first.content.decode(), "what was typed is kept"
    assert "Rien n’est encore enregistré" in first.content.decode()
    assert not island.entries("person.admitted.1")

    # Another wrong one is asked anew; the same one is taken.
    other = admit(nurse, ins=WRONG_INS[:-1] + "8", read_again=marks_in(first))
    assert other.status_code == 422
    assert admit(nurse, ins=WRONG_INS, read_again=marks_in(first)).status_code == 302
    assert [one["ins"] for one in island.entries("person.admitted.1")] == [WRONG_INS]


def test_a_doubt_that_was_answered_is_not_asked_again_beside_another_error(
    island: AdmissionsIsland, nurse: Client
) -> None:
    """Two pages that each undo what the other accepted are never left."""
    marks = marks_in(admit(nurse, ins=WRONG_INS))

    answer = admit(nurse, ins=WRONG_INS, birth_date="31/02/1945", read_again=marks)

    assert answer.status_code == 422
    assert "clé de contrôle" not in answer.content.decode()
    assert marks_in(answer) == marks


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
    marks = marks_in(admit(nurse, ins=WRONG_INS))
    said = receipt_of(admit(nurse, ins=WRONG_INS, read_again=marks, follow=True))

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

    asked = nurse.post("/admit/unidentified/", form)
    said = receipt_of(nurse.post("/admit/unidentified/", form | {"read_again": marks_in(asked)}, follow=True))

    assert "21 signes" in field_of(asked, "sinus")
    assert "SINUS à relire" in said


def test_a_right_ins_is_not_doubted(island: AdmissionsIsland, nurse: Client) -> None:
    """A warning that always stands there is not read."""
    assert "à relire" not in receipt_of(admit(nurse, ins="258037511600139", follow=True))
