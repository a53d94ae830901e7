"""What was admitted and moved here is told again, to be keyed by hand or sent, in order and whole."""

from admissions_island import AdmissionsIsland
from django.test import Client

from releve.departments.admissions.account import RESOURCES, TITLES, WORDS
from releve.departments.admissions.facts import KINDS

IDS = {"patient": "Patient/1", "performer": "Practitioner/1"}


def test_every_kind_of_this_room_has_words_in_the_account() -> None:
    """An act without words would be keyed in by guessing."""
    assert set(WORDS) == set(TITLES) == set(KINDS)
    assert set(RESOURCES) <= set(KINDS)


def test_an_admission_is_told_in_words_and_as_an_encounter(island: AdmissionsIsland, nurse: Client) -> None:
    """Whoever keys it in needs every trait, the numbers given here and the real hour."""
    from test_admissions_admit import admit

    admit(nurse, allergies="stated", allergy_text="pénicilline\nlatex")
    (body,) = island.entries("person.admitted.1")

    words = dict(WORDS["person.admitted.1"](body))
    assert words["Birth name"] == "BERNARDIN"
    assert words["IPP"] == "AP000001"
    assert words["Ward, room, bed"] == "2140 206 206"
    assert words["Allergies"] == "pénicilline; latex"
    assert words["Sex"] == "Femme"
    assert words["Birth date"].startswith("12 mars 1958")
    told = RESOURCES["person.admitted.1"](body, IDS)
    assert told["resourceType"] == "Encounter"
    assert told["period"]["start"] == "2026-11-21T02:05:00Z"
    assert told["contained"][0]["birthDate"] == "1958-03-12"
    assert told["contained"][0]["identifier"][0]["assigner"]["display"] == "RELEVE-A"


def test_allergies_are_what_was_answered_and_never_more(island: AdmissionsIsland, nurse: Client) -> None:
    """ "Not asked" is not "none": a dose is given on that difference."""
    from test_admissions_admit import admit

    from releve.record.tables import Allergy

    admit(nurse)
    assert not Allergy.objects.exists()
    admit(nurse, act_key="k2", birth_name="Vidal", bed="bed:2140-207", allergies="none-known")
    assert [row.state for row in Allergy.objects.all()] == ["none-known"]
    empty = admit(nurse, act_key="k3", birth_name="Roux", bed="bed:2140-208", allergies="stated")
    assert empty.status_code == 422
    mixed = admit(nurse, act_key="k4", birth_name="Roux", bed="bed:2140-208", allergy_text="latex")
    assert mixed.status_code == 422
    assert Allergy.objects.count() == 1
