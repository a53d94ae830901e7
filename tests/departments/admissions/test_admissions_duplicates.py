"""One person with two numbers: proposed by the machine, decided by somebody, and undone."""

import re

from admissions_island import AdmissionsIsland
from django.test import Client

from releve.record.tables import Link, Person


def handles(page: str) -> dict[str, str]:
    """Return what the first form of a pair carries."""
    form = page.partition('name="kept"')
    names = ("kept", "other", "place")
    found = {}
    for name in names:
        value = re.search(rf'name="{name}" value="([^"]*)"', "".join(form[1:]))
        assert value is not None
        found[name] = value[1]
    return found


def test_the_same_person_admitted_twice_is_proposed_linked_and_undone(
    island: AdmissionsIsland, nurse: Client
) -> None:
    """A link moves nothing: whoever linked two living persons can take it back."""
    from test_admissions_admit import admit

    island.known("8009", "BERNARDIN", "Michelle", birth="19580312")
    assert admit(nurse).status_code == 302

    page = nurse.get("/duplicates/").content.decode()
    assert "AP000001" in page
    assert Link.objects.get(kind="duplicate").status == "proposed"
    linked = nurse.post("/duplicates/", handles(page) | {"step": "link", "act_key": "d1"})
    assert linked.status_code == 302
    assert Person.objects.get(id="RELEVE-A:AP000001").cluster == "CHV:8009"

    page = nurse.get("/duplicates/").content.decode()
    undone = nurse.post("/duplicates/", handles(page) | {"step": "undo", "act_key": "d2"})

    assert undone.status_code == 302
    assert Person.objects.get(id="RELEVE-A:AP000001").cluster == "RELEVE-A:AP000001"
    assert len(island.entries("duplicate.judged.1")) == 2


def test_two_admissions_that_never_saw_each_other_are_found_by_their_traits(
    island: AdmissionsIsland, nurse: Client
) -> None:
    """Two counters, one ambulance: neither screen could show the other."""
    from test_admissions_admit import admit

    from releve.departments.admissions import admit_page

    seen, admit_page._same_traits = admit_page._same_traits, lambda form, name, given: ()  # type: ignore[assignment]
    try:
        admit(nurse)
        admit(nurse, act_key="k2", birth_name="Bernardain", bed="bed:2140-207")
    finally:
        admit_page._same_traits = seen

    page = nurse.get("/duplicates/").content.decode()

    assert "AP000001" in page
    assert "AP000002" in page
    dismissed = nurse.post("/duplicates/", handles(page) | {"step": "dismiss", "act_key": "d1"})
    assert dismissed.status_code == 302
    assert "Deux personnes" in nurse.get("/duplicates/").content.decode()


def test_a_judgement_on_an_old_picture_is_refused(island: AdmissionsIsland, nurse: Client) -> None:
    """Somebody dismissed them while this page was open."""
    from test_admissions_admit import admit

    island.known("8009", "BERNARDIN", "Michelle", birth="19580312")
    admit(nurse)
    old = handles(nurse.get("/duplicates/").content.decode())
    nurse.post("/duplicates/", old | {"step": "dismiss", "act_key": "d1"})

    answer = nurse.post("/duplicates/", old | {"step": "link", "act_key": "d2"})

    assert answer.status_code == 422
    assert Person.objects.get(id="RELEVE-A:AP000001").cluster == "RELEVE-A:AP000001"


def test_a_correction_names_what_changes_and_a_qualified_identity_stays_while_nothing_strict_does(
    island: AdmissionsIsland, nurse: Client
) -> None:
    """What the national service said of these traits says nothing of others."""
    from releve.web.opaque import seal

    key = island.known("8010", "DELORME", "Élise", ward="2140", bed="206", status="QUAL")
    url = f"/patient/{seal(key)}/identity/correct/"
    page = nurse.get(url).content.decode()
    found = re.search(r'name="place" value="([^"]+)"', page)
    assert found is not None
    same = {
        "birth_name": "Delorme", "given_name": "Élise", "sex": "F", "birth_date": "14/07/1945",
        "birth_place": "38185", "document": "none", "place": found[1],
    }  # fmt: skip

    nothing = nurse.post(url, same | {"act_key": "i1"})
    used = nurse.post(url, same | {"act_key": "i2", "used_name": "Marchal"})
    row = Person.objects.get(id=key)
    assert (nothing.status_code, used.status_code) == (422, 302)
    assert (row.identity_status, row.used_name, row.birth_name) == ("QUAL", "MARCHAL", "DELORME")

    place = f"{row.log}#{row.index}"
    other = nurse.post(
        url, same | {"act_key": "i3", "place": place, "used_name": "Marchal", "birth_date": "15/07/1945"}
    )
    assert other.status_code == 302
    assert Person.objects.get(id=key).identity_status == "PROV"
    assert island.entries("identity.corrected.1")[-1]["changed"] == ["birth_date"]
