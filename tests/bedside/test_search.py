"""Finding a person without leaving a trace of what was typed, and without finding whom one may not."""

from collections.abc import Callable
from datetime import date

import pytest
from bedside_island import NOW_MS, BedsideIsland
from django.test import Client

from releve.bedside.birth import read_birth
from releve.bedside.search import read_label
from releve.codecs.identifiers.made_here import tube_number

TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("14/07/1945", ("1945-07-14",)),
        ("14.7.1945", ("1945-07-14",)),
        ("14071945", ("1945-07-14",)),
        ("1945-07-14", ("1945-07-14",)),
        ("19450714", ("1945-07-14",)),
        ("14 juillet 1945", ("1945-07-14",)),
        ("1er janv. 1952", ("1952-01-01",)),
        ("07/1945", ("1945-07",)),
        ("1945-07", ("1945-07",)),
        ("juin 1945", ("1945-06",)),
        ("071945", ("1945-07",)),
        ("1945", ("1945",)),
        ("14/07/45", ("1945-07-14",)),
        ("14/07/12", ("1912-07-14", "2012-07-14")),
        ("29 févr. 1940", ("1940-02-29",)),
        ("31/02/1945", ()),
        ("14/07/2045", ()),
        ("12/13/1945", ()),
        ("hier", ()),
        ("1 2 3 4", ()),
    ],
)
def test_a_birth_date_is_read_as_people_type_it(typed: str, meant: tuple[str, ...]) -> None:
    """At night nobody looks for the right format; a date that cannot be must be refused, not guessed."""
    assert read_birth(typed, TODAY) == meant


def test_a_label_says_ipp_and_visit_and_a_badge_is_none() -> None:
    """A badge scanned in the wrong field must not open somebody's page."""
    assert read_label("RLV1|P|8000412301|9000511") == ("8000412301", "9000511")
    assert read_label("rlv1|P|8000412301") == ("8000412301", "")
    assert read_label("8000412301") == ("8000412301", "")
    assert read_label("RLV1|A|nkervella") is None


def found(client: Client, **typed: str) -> str:
    """Return the answer to a search."""
    return client.post("/find/", {"birth": "", "name": "", "number": ""} | typed).content.decode()


def test_birth_date_and_first_letters_find_the_person(island: BedsideIsland, nurse: Client) -> None:
    """The way one is asked for at a desk; accents and used names must not hide her."""
    island.patient("8000412301", used_name="MARCHAND", search_name="DELORME MARCHAND ELISE")
    island.person("8000412302", name="DURAND", birth_date="1945-07-15")

    by_given = found(nurse, birth="14/07/1945", name="éli")
    by_used = found(nurse, birth="1945", name="march")
    by_day = found(nurse, birth="14/07/1945")
    other = found(nurse, birth="14/07/1945", name="x")

    assert all("DELORME" in answer and "DURAND" not in answer for answer in (by_given, by_used, by_day))
    assert "Personne trouvé" in other


def test_a_birth_date_stored_less_precisely_is_found_by_a_whole_one(
    island: BedsideIsland, nurse: Client
) -> None:
    """Of many people nobody knows more than the year."""
    island.person("1", name="NGUYEN", birth_date="1945")
    island.person("2", name="TRAN", birth_date="1945-07")
    island.person("3", name="LE", birth_date="1946")

    answer = found(nurse, birth="14/07/1945")

    assert "NGUYEN" in answer
    assert "TRAN" in answer
    assert ">LE<" not in answer


def test_a_linked_number_leads_to_the_person_and_says_so(island: BedsideIsland, nurse: Client) -> None:
    """An old label names the number that was merged."""
    head = island.patient("100")
    island.person("200", cluster=head)

    answer = found(nurse, number="200")

    assert "trouvé sous 200, relié" in answer
    assert answer.count('class="found"') == 1


def test_namesakes_are_told_before_one_is_chosen(island: BedsideIsland, nurse: Client) -> None:
    """Twins share name and birth date: only the number tells them apart."""
    island.patient("1", "201", name="BERNARD", given="Michel")
    island.patient("2", "202", name="BERNARD", given="Maurice")

    answer = found(nurse, name="bernard")

    assert "2 personnes portent le même nom" in answer
    assert answer.count("Même nom, même date de naissance") == 2


def test_a_covered_stay_is_not_found_by_name_or_ipp_but_by_its_label(
    island: BedsideIsland, enter: Callable[..., Client]
) -> None:
    """The search must not tell who is here; whoever holds the wristband stands at the bedside."""
    island.patient("8000412301", confidential="PV1-16 I")
    outsider, insider = enter(role="physician", wards=("4140",)), enter(wards=("2140",))

    by_name = found(outsider, birth="14/07/1945", name="del")
    by_ipp = found(outsider, number="8000412301")
    by_label = found(outsider, number="RLV1|P|8000412301|V8000412301")
    inside = found(insider, birth="14/07/1945", name="del")

    assert 'class="found"' not in by_name + by_ipp
    assert "CONFIDENTIEL" in by_label
    assert "Élise" not in by_label
    assert "DELORME" in inside


def test_a_scan_from_any_page_goes_to_the_patient_whose_address_says_nothing(
    island: BedsideIsland, nurse: Client
) -> None:
    """One press of the trigger; no number in the address."""
    island.patient("8000412301")

    answer = nurse.post("/scan/", {"code": "RLV1|P|8000412301|V8000412301"})
    badge = nurse.post("/scan/", {"code": "RLV1|A|nkervella"})
    in_the_field = nurse.post("/find/", {"number": "RLV1|P|8000412301|V8000412301"})

    assert answer.status_code == in_the_field.status_code == 302
    assert "DELORME" in nurse.get(in_the_field["Location"]).content.decode()
    assert "8000412301" not in answer["Location"]
    assert "DELORME" in nurse.get(answer["Location"]).content.decode()
    assert badge.status_code == 400
    assert "étiquette de patient" in badge.content.decode()


def test_what_cannot_be_searched_is_refused_in_words(island: BedsideIsland, nurse: Client) -> None:
    """An empty answer to a mistyped date would be read as "not here"."""
    island.patient("1")

    for typed, sentence in (
        ({"birth": "32/01/1945"}, "pas lisible"),
        ({"name": "de"}, "au moins trois lettres"),
        ({}, "Tapez une date"),
    ):
        answer = nurse.post("/find/", {"birth": "", "name": "", "number": ""} | typed)
        assert answer.status_code == 400
        assert sentence in answer.content.decode()


def test_an_address_searches_nothing(island: BedsideIsland, nurse: Client) -> None:
    """What is typed must never come to stand in an address."""
    island.patient("1")

    answer = nurse.get("/find/", {"name": "delorme", "birth": "1945"})

    assert "DELORME" not in answer.content.decode()
    assert 'method="post"' in answer.content.decode()


def test_a_person_who_left_is_found_with_the_hour(island: BedsideIsland, nurse: Client) -> None:
    """Calls come for those who went home this morning."""
    person = island.person("1")
    island.stay(person, "201", status="left", discharged_at=NOW_MS - 60 * 60_000)

    assert "sorti le 02:10" in found(nurse, name="delorme")


def test_a_tube_whose_number_was_misread_is_said_at_the_field(island: BedsideIsland, nurse: Client) -> None:
    """A digit read wrongly is another tube: nobody found would send her looking for a patient who is not there."""
    number = tube_number(68_430_304_770_003)
    wrong = number[:9] + str((int(number[9]) + 1) % 10) + number[10:]

    for answer in (nurse.post("/find/", {"number": wrong}), nurse.post("/scan/", {"code": wrong})):
        page = answer.content.decode()
        assert answer.status_code == 400
        assert "Un chiffre du numéro de ce tube a été mal lu" in page
        assert wrong in page, "what was typed is kept"
    assert "mal lu" not in nurse.post("/find/", {"number": number}).content.decode()


def printed(island: BedsideIsland, person: str, visit: str, number: str) -> None:
    """Put a tube of somebody where the fold puts it."""
    from releve.record.tables import Tube

    island.row(Tube, id=f"{person}/{number}", person=person, number=number, visit=visit, printed_at=NOW_MS)


def test_a_tube_leads_to_its_patient_scanned_or_typed(island: BedsideIsland, nurse: Client) -> None:
    """A tube without a request lies on the bench: whose is it, and what was it for?"""
    number = tube_number(68_430_304_770_003)
    printed(island, island.patient("8000412301"), "V8000412301", number)

    scanned = nurse.post("/scan/", {"code": number})
    by_hand = found(nurse, number=f" {number[:4]} {number[4:8]} {number[8:]} ")

    assert scanned.status_code == 302
    assert "read=" not in scanned["Location"], "a tube is no wristband: nothing is given on what it says"
    assert number not in scanned["Location"]
    assert "DELORME" in nurse.get(scanned["Location"]).content.decode()
    assert 'class="found"' in by_hand
    assert "DELORME" in by_hand


def test_the_tube_of_a_covered_stay_leads_to_its_cover_name_and_of_another_visit_nowhere(
    island: BedsideIsland, enter: Callable[..., Client]
) -> None:
    """It is a label like another: who holds it holds the visit printed on it, and nothing of the stays after."""
    person = island.patient("8000412301", confidential="PV1-16 I")
    now, before = tube_number(1), tube_number(2)
    printed(island, person, "V8000412301", now)
    printed(island, person, "V7999999999", before)
    outsider = enter(role="physician", wards=("4140",))

    assert "CONFIDENTIEL" in found(outsider, number=now)
    assert "DELORME" not in found(outsider, number=now)
    assert 'class="found"' not in found(outsider, number=before)
    assert "DELORME" in found(enter(wards=("2140",)), number=before)


def test_a_hospital_s_own_number_that_looks_like_a_misread_tube_finds_its_patient(
    island: BedsideIsland, nurse: Client
) -> None:
    """Checks warn, they never keep anybody from a patient: how a hospital numbers people is its own affair."""
    number = tube_number(68_430_304_770_003)
    theirs = number[:-1] + str((int(number[-1]) + 1) % 10)
    island.patient(theirs)

    assert "DELORME" in nurse.post("/find/", {"number": theirs}, follow=True).content.decode()
    assert "DELORME" in nurse.post("/scan/", {"code": theirs}, follow=True).content.decode()
