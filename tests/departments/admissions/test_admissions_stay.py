"""A stay goes on while the application is cut: moved, on leave, back, gone; and each can be put right."""

import re
from typing import Any

import pytest
from admissions_island import MINUTE_MS, AdmissionsIsland, hospital
from django.test import Client

from releve.hospital.map import IdentityAuthority
from releve.record.tables import Encounter, Movement
from screens import marks_in


@pytest.fixture
def stay_url(island: AdmissionsIsland) -> str:
    """Return the address of the stay of somebody in bed 206, admitted by the application an hour ago."""
    from releve.web.opaque import seal

    return f"/patient/{seal(island.known('8001', 'DELORME', 'Élise', ward='2140', bed='206'))}/stay/"


def place_on(page: str) -> str:
    """Return the entry that a page was made from."""
    found = re.search(r'name="place" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def move(client: Client, url: str, event: str, key: str, **fields: Any) -> Any:
    """Send one movement as the page shown just before would."""
    place = place_on(client.get(url).content.decode())
    return client.post(url, {"step": event, "act_key": key, "place": place, **fields})


def where() -> tuple[Any, ...]:
    """Return where the only stay is."""
    stay = Encounter.objects.get()
    return stay.status, stay.ward, stay.bed


def test_a_stay_is_moved_goes_on_leave_comes_back_and_ends(
    island: AdmissionsIsland, nurse: Client, stay_url: str
) -> None:
    """Each step has its real hour and a number of its own, for the application that will receive them."""
    assert move(nurse, stay_url, "A02", "k1", bed="bed:2140-208", happened_at="02:50").status_code == 302
    assert where() == ("present", "2140", "208")
    assert move(nurse, stay_url, "A21", "k2", happened_at="02:55").status_code == 302
    assert where() == ("leave", "2140", "208")
    assert move(nurse, stay_url, "A22", "k3", happened_at="03:00").status_code == 302
    assert where() == ("present", "2140", "208")

    answer = move(nurse, stay_url, "A03", "k4", happened_at="03:05", discharge_mode="home")

    assert answer.status_code == 302
    assert where()[0] == "left"
    told = [(one["event"], one["movement"]) for one in island.entries("person.moved.1")]
    assert told == [("A02", "AM000001"), ("A21", "AM000002"), ("A22", "AM000003"), ("A03", "AM000004")]
    assert Movement.objects.get(number="AM000001").happened_at == island.now_ms - 20 * MINUTE_MS


def test_a_movement_that_did_not_happen_is_withdrawn_and_she_is_where_she_was(
    island: AdmissionsIsland, nurse: Client, stay_url: str
) -> None:
    """A slip must not leave somebody in a bed where nobody finds her."""
    move(nurse, stay_url, "A02", "k1", bed="bed:2140-208", happened_at="03:00")
    page = nurse.get(stay_url).content.decode()
    address = re.findall(r'href="(/patient/[^"]+/stay/[^"]+/)"', page)[-1]

    without = nurse.post(address, {"step": "cancel", "act_key": "k2", "place": place_on(page), "reason": ""})
    answer = nurse.post(
        address, {"step": "cancel", "act_key": "k3", "place": place_on(page), "reason": "mauvais lit"}
    )

    assert (without.status_code, answer.status_code) == (422, 302)
    assert where() == ("present", "2140", "206")
    (said,) = island.entries("movement.cancelled.1")
    assert (said["event"], said["cancels"], said["movement"]) == ("A12", "A02", "AM000001")


def test_an_hour_put_right_changes_the_hour_and_keeps_the_number(
    island: AdmissionsIsland, nurse: Client, stay_url: str
) -> None:
    """The dose of 03:00 was given on one ward or on the other: the hour of a transfer decides."""
    move(nurse, stay_url, "A02", "k1", bed="bed:2140-208", happened_at="03:00")
    page = nurse.get(stay_url).content.decode()
    address = re.findall(r'href="(/patient/[^"]+/stay/[^"]+/)"', page)[-1]

    answer = nurse.post(
        address,
        {"step": "correct", "act_key": "k2", "place": place_on(page), "at": "02:52", "bed": "bed:2140-208"},
    )

    assert answer.status_code == 302
    row = Movement.objects.get(number="AM000001")
    assert (row.happened_at, row.event, row.bed) == (island.now_ms - 18 * MINUTE_MS, "A02", "208")


def test_who_wrote_in_the_meantime_is_shown_before_anything_is_recorded(
    island: AdmissionsIsland, nurse: Client, stay_url: str
) -> None:
    """Two people decide on the same picture; the second one must see that it is no longer true."""
    old = place_on(nurse.get(stay_url).content.decode())
    move(nurse, stay_url, "A02", "k1", bed="bed:2140-208")

    answer = nurse.post(
        stay_url, {"step": "A03", "act_key": "k2", "place": old, "destination": "chez sa fille"}
    )

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "entre-temps" in page
    assert "chez sa fille" in page
    assert len(island.entries("person.moved.1")) == 1
    assert place_on(page) != old


def test_a_movement_before_her_arrival_or_into_her_own_bed_is_refused(
    island: AdmissionsIsland, nurse: Client, stay_url: str
) -> None:
    """An hour typed wrong would put her in a bed before she came."""
    early = move(nurse, stay_url, "A02", "k1", bed="bed:2140-208", happened_at="20/11/2026 23:00")
    same = move(nurse, stay_url, "A02", "k2", bed="bed:2140-206")

    assert (early.status_code, same.status_code) == (422, 422)
    assert island.entries("person.moved.1") == []


def test_a_child_born_here_is_linked_to_her_mother_and_twins_are_two(
    island: AdmissionsIsland, nurse: Client, stay_url: str
) -> None:
    """A newborn without name is found by her mother; two of them are never one."""
    address = stay_url.replace("/patient/", "/admit/newborn/").replace("/stay/", "/")
    born = {
        "step": "admit", "birth_name": "Delorme", "sex": "F", "birth_date": "21/11/2026", "happened_at": "02:58",
        "bed": "bed:2140-209B",
    }  # fmt: skip
    first = nurse.post(address, born | {"act_key": "n1", "birth_rank": "1"})
    second = nurse.post(address, born | {"act_key": "n2", "birth_rank": "2", "bed": "ward:2140"})

    assert (first.status_code, second.status_code) == (302, 302)
    from releve.record.tables import Link

    links = Link.objects.filter(kind="mother", status="active")
    assert {(link.person, link.other) for link in links} == {
        ("CHV:8001", "RELEVE-A:AP000001"), ("CHV:8001", "RELEVE-A:AP000002"),
    }  # fmt: skip
    assert [act["birth_rank"] for act in island.entries("person.admitted.1")] == [1, 2]


def test_somebody_nobody_can_name_gets_a_name_that_is_nobodys(
    island: AdmissionsIsland, nurse: Client
) -> None:
    """Two unconscious people in one night must not be taken for each other, nor be given a national number."""
    form = {"step": "admit", "sex": "M", "estimated_age": "50", "sinus": "FR-38", "bed": "bed:2140-206"}
    form |= {"read_again": marks_in(nurse.post("/admit/unidentified/", form))}
    one = nurse.post("/admit/unidentified/", form | {"act_key": "u1"})
    two = nurse.post("/admit/unidentified/", form | {"act_key": "u2", "bed": "bed:2140-207"})

    assert (one.status_code, two.status_code) == (302, 302)
    from releve.record.tables import Identifier, Person

    persons = list(Person.objects.filter(id__startswith="RELEVE-A"))
    assert len({person.birth_name for person in persons}) == 2
    assert {(person.identity_status, person.identity_doubt, person.birth_date) for person in persons} == {
        ("PROV", "FICT", None)
    }
    assert not Identifier.objects.filter(type="INS").exists()
    assert Identifier.objects.filter(type="SINUS", value="FR-38").count() == 2
    page = nurse.get(one.headers["Location"].replace("/labels/", "/stay/")).content.decode()
    assert "21 signes sont attendus" in page


def test_what_was_done_during_the_cut_is_taken_once_it_is_over_and_nothing_else(
    closed: AdmissionsIsland, enter: Any
) -> None:
    """Paper is found days later: it is written where it was done, marked late; today's movements are not."""
    from test_admissions_admit import NEW

    now = closed.now_ms
    closed.now_ms = now - 60 * MINUTE_MS
    closed.cut(minutes_ago=0)
    closed.now_ms = now - 10 * MINUTE_MS
    closed.cut("GAM", status="live", minutes_ago=0)
    closed.now_ms = now
    nurse = enter("nkervella")
    page = nurse.get("/admit/").content.decode()
    assert "?late=1" in page
    assert (
        'id="admission"'
        not in nurse.post("/admit/", {"step": "search", "birth": "1958", "letters": "ber"}).content.decode()
    )

    today = nurse.post("/admit/?late=1", NEW | {"happened_at": "03:05"})
    then = nurse.post("/admit/?late=1", NEW | {"happened_at": "02:30"})

    assert (today.status_code, then.status_code) == (422, 302)
    (act,) = closed.entries("person.admitted.1")
    assert (act["late"], act["applications"]) == (True, ["GAM"])


@pytest.mark.parametrize(
    ("destination", "warned"), [("CHU 750712185", True), ("CHU 750712184", False), ("chez sa fille", False)]
)
def test_the_number_of_another_hospital_that_does_not_fit_is_told_and_never_refused(
    island: AdmissionsIsland, nurse: Client, stay_url: str, destination: str, warned: bool
) -> None:
    """She leaves now, whatever the number; whoever typed it can still read it again."""
    leaves = {"discharge_mode": "transfer", "destination": destination}
    asked = move(nurse, stay_url, "A03", "k1", **leaves)
    answer = move(nurse, stay_url, "A03", "k1", **leaves, read_again=marks_in(asked)) if warned else asked

    assert (asked.status_code, answer.status_code) == (422 if warned else 302, 302)
    assert ("Le numéro FINESS qui s’y trouve" in asked.content.decode()) is warned
    assert ("FINESS ne correspond pas à sa clé" in nurse.get(stay_url).content.decode()) is warned
    assert island.entries("person.moved.1")[-1]["destination"] == destination


def test_a_number_of_another_shape_than_the_hospital_gives_is_warned_of_and_kept(
    island: AdmissionsIsland, nurse: Client
) -> None:
    """A stay number typed as a patient number finds nobody when the record is handed back."""
    from releve.web.opaque import seal

    url = f"/patient/{seal(island.known('8001', 'DELORME', 'Élise', ward='2140', bed='206'))}/stay/"
    warning = "la forme des numéros de patient de cet hôpital"
    before = nurse.get(url).content.decode()
    assert ">reçu de GAM<" not in before, "a feed has one name, on every page"

    island.change_map(hospital(identity=IdentityAuthority(feed="ADT", namespace="CHV", ipp="80[0-9]{8}")))

    assert warning not in before
    assert warning in nurse.get(url).content.decode()
    island.change_map(hospital(identity=IdentityAuthority(feed="ADT", namespace="CHV", ipp="80[0-9]{2}")))
    assert warning not in nurse.get(url).content.decode()
