"""Search, then admit: the first thing written when the identity application is gone."""

import re
from collections.abc import Callable
from typing import Any

from admissions_island import AdmissionsIsland
from django.test import Client

NEW = {
    "step": "admit", "act_key": "k1", "birth_name": "Bernardin", "given_name": "Michelle", "sex": "F",
    "birth_date": "12/03/1958", "birth_place": "Valombre", "used_name": "", "document": "identity-card",
    "bed": "bed:2140-206", "happened_at": "03:05", "provenance": "home", "allergies": "not-asked",
}  # fmt: skip


def admit(client: Client, **changes: Any) -> Any:
    """Send the admission form of somebody new."""
    follow = changes.pop("follow", False)
    return client.post("/admit/", {**NEW, **changes}, follow=follow)


def test_somebody_new_is_searched_admitted_and_stands_on_the_board(
    island: AdmissionsIsland, nurse: Client
) -> None:
    """Whoever lies in a bed must be on the board of that ward, with the hour at which she really came."""
    searched = nurse.post("/admit/", {"step": "search", "birth": "12031958", "letters": "ber"})
    assert searched.status_code == 200
    assert 'value="12/03/1958"' in searched.content.decode()

    answer = admit(nurse)

    assert answer.status_code == 302
    board = nurse.get("/ward/2140/").content.decode()
    assert "BERNARDIN" in board
    (act,) = island.entries("person.admitted.1")
    assert (act["ipp"], act["visit"], act["movement"]) == ("AP000001", "AV000001", "AM000001")
    assert (act["person"], act["applications"]) == ("RELEVE-A:AP000001", ["GAM"])
    assert act["happened_at"] == island.now_ms - 5 * 60_000
    assert act["traits"]["status"] == "VALI"


def test_the_same_form_twice_is_one_person_with_one_number(island: AdmissionsIsland, nurse: Client) -> None:
    """A nurse whose page hangs presses again: there is one patient, not two."""
    first = admit(nurse)
    second = admit(nurse)

    assert first.status_code == second.status_code == 302
    assert first.headers["Location"] == second.headers["Location"]
    assert len(island.entries("person.admitted.1")) == 1
    assert len(island.entries("admissions.numbers.1")) == 1


def test_whoever_may_be_meant_is_shown_before_anybody_is_made(
    island: AdmissionsIsland, nurse: Client
) -> None:
    """Two files for one person lose her allergy; one file for two persons gives her the other's drugs."""
    island.known("8001", "BERNARD", "Michel", birth="19580312", sex="M", ward="2140", bed="207")
    island.known("8002", "BERNART", "Michel", birth="19550312", sex="M", ward="2140", bed="208")

    page = nurse.post(
        "/admit/", {"step": "search", "birth": "12/03/1958", "letters": "bernard"}
    ).content.decode()

    assert "2 personnes proches, 2 déjà dans ce service" in page
    assert page.index("8001") < page.index("8002")
    assert re.search(r'class="diff">12\s+mars\s+1955', page)


def test_a_known_person_is_admitted_without_asking_who_she_is_again(
    island: AdmissionsIsland, nurse: Client
) -> None:
    """Her qualified identity stays what it was; only the stay is new."""
    island.known("8003", "DELORME", "Élise", status="QUAL")
    page = nurse.post("/admit/", {"step": "search", "birth": "14/07/1945", "letters": "del"}).content.decode()
    address = re.search(r'href="(/admit/known/[^"]+)"', page)
    assert address is not None
    assert 'name="birth_name"' not in nurse.get(address[1]).content.decode()

    answer = nurse.post(
        address[1], {"step": "admit", "act_key": "k2", "bed": "bed:2140-206", "allergies": "none-known"}
    )

    assert answer.status_code == 302
    from releve.record.tables import Encounter, Person

    row = Person.objects.get(id="CHV:8003")
    assert (row.identity_status, row.birth_name) == ("QUAL", "DELORME")
    stay = Encounter.objects.get(person="CHV:8003")
    assert (stay.visit, stay.ward, stay.bed, stay.status) == ("AV000001", "2140", "206", "present")


def test_a_whole_birth_date_leaves_out_those_who_only_share_letters(
    island: AdmissionsIsland, nurse: Client
) -> None:
    """Thirty people whose name begins alike hide the one who was born that day, or that day turned round."""
    island.known("8001", "MARTIN", "Anne", birth="19580312")
    island.known("8002", "MARCHAND", "Luc", birth="19581203")
    island.known("8003", "MARTY", "Yves", birth="19840720")

    near = nurse.post("/admit/", {"step": "search", "birth": "12/03/1958", "letters": "mar"}).content.decode()
    slip = nurse.post("/admit/", {"step": "search", "birth": "01/01/1901", "letters": "mar"}).content.decode()

    assert ["MARTIN" in near, "MARCHAND" in near, "MARTY" in near] == [True, True, False]
    assert "MARTY" in slip, "the date may be the slip: nobody is hidden by it"


def test_a_chosen_bed_says_its_ward_where_there_are_several(
    island: AdmissionsIsland, enter: Callable[[str], Client]
) -> None:
    """ "206, free" alone: a nurse of three wards admits her patient next door."""
    island.account("seule", "nurse", ("2140",))
    island.account("volante", "nurse", ("2140", "1110"))
    asked = {"step": "search", "birth": "12031958", "letters": "zyz"}
    pages = [enter(code).post("/admit/", asked).content.decode() for code in ("seule", "volante")]

    assert [re.findall(r">\s*(206, libre[^<]*)<", page) for page in pages] == [
        ["206, libre"], ["206, libre · Chirurgie polyvalente"],
    ]  # fmt: skip
