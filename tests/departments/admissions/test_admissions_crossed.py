"""Two corrections that had not seen one another: both stand, both are shown, one act settles them."""

import re
from typing import Any

import pytest
from admissions_island import MINUTE_MS, AdmissionsIsland
from django.test import Client

from releve.departments.admissions.facts import BedSet, IdentityCorrected, Traits
from releve.record.acts import draft_of
from releve.record.sayings import sayings_of
from releve.record.tables import Person
from releve.web.opaque import seal

PERSON = "CHV:8001"
SENT = {
    "given_name": "Élise",
    "sex": "F",
    "birth_date": "14/07/1945",
    "birth_place": "38185",
    "document": "passport",
}


def corrected(name: str, seen: tuple[str, ...] = (), *, at: int, **more: Any) -> Any:
    """Return the entry by which a colleague on the other island writes another birth name."""
    traits = Traits(
        birth_name=name, given_name="Élise", given_names="Élise", birth_date="1945-07-14", sex="F",
        birth_place="38185", status="PROV", **more,
    )  # fmt: skip
    return draft_of(
        IdentityCorrected(
            act=f"there-{name}", person=PERSON, function="identity", happened_at=at, by="bmorel",
            by_name="MOREL Bruno", traits=traits, changed=("birth_name",), seen=seen,
        )
    )  # fmt: skip


@pytest.fixture
def url(island: AdmissionsIsland) -> str:
    """Return the address of the identity of somebody known on both islands."""
    island.known("8001", "DELORME", "Élise", ward="2140", bed="206")
    return f"/patient/{seal(PERSON)}/identity/correct/"


def send(client: Client, url: str, name: str, key: str, page: str = "") -> Any:
    """Send the form of a page (the one shown now) with this birth name."""
    page = page or client.get(url).content.decode()
    found = re.search(r'name="place" value="([^"]+)"', page)
    assert found is not None
    return client.post(url, {**SENT, "birth_name": name, "act_key": key, "place": found[1]})


@pytest.mark.parametrize("minutes", [-30, 30], ids=["earlier-clock", "later-clock"])
def test_two_islands_that_correct_one_identity_are_both_shown_until_somebody_settles_it(
    island: AdmissionsIsland, nurse: Client, url: str, minutes: int
) -> None:
    """The one whose clock runs ahead must not rename a patient behind the other's back."""
    # She opened the page before the other island's entry arrived, and sends it after.
    stale = nurse.get(url).content.decode()
    there_ms = island.now_ms + minutes * MINUTE_MS
    island.hear(corrected("DELORNE", at=there_ms), 0, at_ms=there_ms)
    page = nurse.get(url).content.decode()
    assert "aucune n’avait vu l’autre" not in page
    assert send(nurse, url, "DELORMES", "k0", stale).status_code == 422

    island.hear(corrected("DELORMES", at=there_ms + 1), 0, origin="c", at_ms=there_ms + 1)

    page = nurse.get(url).content.decode()
    assert "aucune n’avait vu l’autre" in page
    assert {"DELORNE", "DELORMES"} <= set(re.findall(r"DELOR\w+", page))
    assert page.count("MOREL Bruno") == 2
    assert Person.objects.get(id=PERSON).disputed == 2
    patient = nurse.get(f"/patient/{seal(PERSON)}/").content.decode()
    assert "Identité douteuse" in patient
    heading = re.sub(r"<[^>]+>|\s+", " ", re.findall(r"<h1>(.+?)</h1>", patient, re.S)[0])
    assert re.search(r"DELORNE Élise +ou +DELORMES Élise", heading), (
        "neither is the name until somebody says so"
    )
    assert patient.count("14 juil. 1945") == 1, "what both say is said once"
    assert url in patient

    assert send(nurse, url, "DELORNE", "k1").status_code == 302

    (said,) = island.entries("identity.corrected.1")
    assert set(said["seen"]) == {"b/1#0", "c/1#0"}
    assert Person.objects.get(id=PERSON).disputed is None
    assert "DELORMES" not in nurse.get(f"/patient/{seal(PERSON)}/").content.decode()
    assert "aucune n’avait vu l’autre" not in nurse.get(url).content.decode()


def test_two_that_say_the_same_are_no_dispute_and_what_was_seen_is_none_either(
    island: AdmissionsIsland, nurse: Client, url: str
) -> None:
    """A flag that is there without cause is one nobody reads."""
    island.hear(corrected("DELORNE", at=island.now_ms), 0)
    island.hear(corrected("DELORNE", at=island.now_ms), 0, origin="c")
    assert Person.objects.get(id=PERSON).disputed is None

    island.hear(corrected("DELORNES", ("b/1#0", "c/1#0"), at=island.now_ms), 1)

    assert Person.objects.get(id=PERSON).disputed is None
    assert [one.entry for one in sayings_of("identity.corrected.1", [PERSON])[PERSON]] == ["b/1#1"]


def test_a_bed_kept_in_two_ways_is_the_more_careful_of_both_until_it_is_settled(
    island: AdmissionsIsland, nurse: Client
) -> None:
    """A bed blocked on one island and opened on the other must not receive somebody by the luck of a clock."""
    for origin, state, isolation in (("b", "open", "air"), ("c", "blocked", "")):
        act = BedSet(
            act=f"bed-{origin}", person="bed:2140-208", ward="2140", function="admit", happened_at=island.now_ms,
            by="bmorel", by_name="MOREL Bruno", bed_code="2140-208", state=state, isolation=isolation, seen=(),
        )  # fmt: skip
        island.hear(draft_of(act), 0, origin=origin, at_ms=island.now_ms + MINUTE_MS * (origin == "b"))
    board = nurse.get("/beds/2140/").content.decode()
    for words in ("deux déclarations", ">fermé<", "Isolement air"):
        assert words in board, words

    address = "/beds/2140/2140-208/"
    page = nurse.get(address).content.decode()
    assert page.count("MOREL Bruno") == 2
    place = re.search(r'name="place" value="([^"]+)"', page)
    assert place is not None
    answer = nurse.post(address, {"state": "open", "act_key": "k9", "place": place[1], "isolation": "air"})

    assert answer.status_code == 302
    assert set(island.entries("bed.set.1")[0]["seen"]) == {"b/1#0", "c/1#0"}
    assert "deux déclarations" not in nurse.get("/beds/2140/").content.decode()
