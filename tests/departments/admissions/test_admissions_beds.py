"""Beds: who is in which, moved by two presses or two scans, kept back, and what happens when two choose one bed."""

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from admissions_island import AdmissionsIsland
from django.test import Client

from releve.record.tables import Encounter


def test_two_presses_put_somebody_in_another_bed(island: AdmissionsIsland, nurse: Client) -> None:
    """At three in the morning a bed is changed in two gestures or not at all."""
    island.known("8001", "DELORME", "Élise", ward="2140", bed="206")
    board = nurse.get("/beds/2140/").content.decode()
    chosen = re.search(r'href="(/beds/2140/\?who=[^"]+)"', board)
    assert chosen is not None
    page = nurse.get(chosen[1]).content.decode()
    who = re.search(r'name="who" value="([^"]+)"', page)
    place = re.search(r'name="place" value="([^"]+)"', page)
    assert who is not None
    assert place is not None

    answer = nurse.post(
        "/beds/2140/", {"step": "move", "act_key": "k", "who": who[1], "place": place[1], "bed": "2140-208"}
    )

    assert answer.status_code == 302
    assert Encounter.objects.get().bed == "208"
    assert "mutation vers le lit 208" in nurse.get(answer.headers["Location"]).content.decode()


def test_two_scans_put_somebody_in_another_bed(island: AdmissionsIsland, nurse: Client) -> None:
    """The wristband, then the bed: nothing is typed, nobody is taken for another."""
    island.known("8001", "DELORME", "Élise", ward="2140", bed="206")

    first = nurse.post("/beds/2140/", {"step": "scan", "code": "RLV1|P|8001|V8001"})
    who = first.headers["Location"].partition("who=")[2]
    second = nurse.post(
        "/beds/2140/", {"step": "scan", "act_key": "k", "code": "RLV1|B|2140-208", "who": who}
    )

    assert second.status_code == 302
    assert Encounter.objects.get().bed == "208"


def test_a_bed_taken_meanwhile_is_refused_and_what_was_typed_is_kept(
    island: AdmissionsIsland, nurse: Client
) -> None:
    """The page was open for ten minutes; somebody else came."""
    from test_admissions_admit import admit

    admit(nurse)
    answer = admit(nurse, act_key="k2", birth_name="Vidal", given_name="Paule")

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "entre-temps" in page
    assert 'value="Vidal"' in page
    assert len(island.entries("person.admitted.1")) == 1


def test_two_people_in_one_bed_at_the_same_second_are_both_kept_and_shown(
    island: AdmissionsIsland, enter: Any, monkeypatch: Any
) -> None:
    """Neither page could know of the other: nothing is lost, and the board says it in words."""
    from releve.departments.admissions import forms

    # Both forms were checked before either was folded.
    monkeypatch.setattr(forms.AdmitForm, "_bed", lambda self, data: [])
    from test_admissions_admit import admit

    clients = [enter("nkervella"), enter("andiaye")]
    changes = [
        {"act_key": "k1", "birth_name": "Bernardin", "given_name": "Michelle"},
        {"act_key": "k2", "birth_name": "Vidal", "given_name": "Paul", "sex": "M"},
    ]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda pair: admit(pair[0], **pair[1]), zip(clients, changes, strict=True)))

    assert [answer.status_code for answer in answers] == [302, 302]
    numbers = [entry["movement"] for entry in island.entries("person.admitted.1")]
    assert sorted(numbers) == ["AM000001", "AM000002"]
    page = clients[0].get("/beds/2140/").content.decode()
    assert "deux personnes y sont notées" in page
    assert "BERNARDIN" in page
    assert "VIDAL" in page
    board = clients[0].get("/ward/2140/").content.decode()
    assert "BERNARDIN" in board
    assert "VIDAL" in board


def test_a_blocked_bed_takes_nobody_until_it_is_opened(island: AdmissionsIsland, nurse: Client) -> None:
    """A bed whose gas does not work looks free on paper."""
    from test_admissions_admit import admit

    blocked = nurse.post(
        "/beds/2140/", {"step": "set", "act_key": "b1", "bed": "2140-206", "state": "blocked", "place": ""}
    )
    refused = admit(nurse)
    place = re.search(r'name="place" value="(a/1#\d+)"', nurse.get("/beds/2140/").content.decode())
    assert place is not None
    opened = nurse.post(
        "/beds/2140/", {"step": "set", "act_key": "b2", "bed": "2140-206", "state": "open", "place": place[1]}
    )
    taken = admit(nurse, act_key="k2")

    assert [one.status_code for one in (blocked, refused, opened, taken)] == [302, 422, 302, 302]


def test_isolation_and_for_whom_a_bed_is_kept_stand_on_the_board(
    island: AdmissionsIsland, nurse: Client
) -> None:
    """Whoever walks in must know what to wear."""
    form = {
        "act_key": "b1",
        "state": "reserved",
        "isolation": "air",
        "reserved_for": "bloc, 04:00",
        "place": "",
    }
    answer = nurse.post("/beds/2140/2140-207/", form)

    assert answer.status_code == 302
    page = nurse.get("/beds/2140/").content.decode()
    assert "Isolement air" in page
    assert "bloc, 04:00" in page
    assert (
        "réservé" in nurse.get("/admit/?ward=2140").content.decode() or nurse.get("/beds/").status_code == 200
    )


def test_in_normal_times_the_board_is_read_and_nothing_can_be_pressed(
    closed: AdmissionsIsland, enter: Any
) -> None:
    """Two places to write are two truths: there is one sentence, and no button."""
    closed.known("8001", "DELORME", "Élise", ward="2140", bed="206")
    client = enter("nkervella")

    page = client.get("/beds/2140/").content.decode()
    answer = client.post(
        "/beds/2140/", {"step": "set", "act_key": "b", "bed": "2140-208", "state": "blocked", "place": ""}
    )

    assert "Identité et mouvements" in page
    assert "btn" not in page.partition("<main")[2].partition("</main>")[0]
    assert answer.status_code == 422
    assert closed.entries("bed.set.1") == []


def test_another_ward_and_another_role_write_nothing(island: AdmissionsIsland, enter: Any) -> None:
    """A nurse writes for her own wards; a laboratory technician for none."""
    from test_admissions_admit import admit

    elsewhere = admit(enter("nkervella"), bed="bed:1110-1")
    technician = admit(enter("lrey"))
    clerk = admit(enter("andiaye"), bed="bed:1110-1", act_key="k3")

    assert [one.status_code for one in (elsewhere, technician, clerk)] == [422, 422, 302]
