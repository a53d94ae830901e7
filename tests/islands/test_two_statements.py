"""One patient, two islands, two corrections that had not seen one another: the same in both orders of arrival."""

from pathlib import Path

import pytest
from house_of_islands import House

from releve.departments.admissions.facts import IdentityCorrected, Traits
from releve.departments.observations.statement_facts import ProblemStatedHere
from releve.journal.entry import Draft
from releve.record.acts import draft_of
from releve.record.sayings import sayings_of
from releve.record.tables import Person, Problem
from releve.views.database import generation_in_force, open_views

PERSON = "CHV:8001"
AT = 1_795_227_000_000


@pytest.fixture(scope="module")
def joined(tmp_path_factory: pytest.TempPathFactory) -> House:
    """Return islands A and B that added one another."""
    return House.joined(tmp_path_factory.mktemp("two"), "a", "b", wards=("2140", "4140"))


def said(name: str, *seen: str, person: str = PERSON) -> tuple[Draft, Draft]:
    """Return a correction of the name, and a problem stated beside it."""
    traits = Traits(birth_name=name, given_name="Élise", birth_date="1945-07-14", sex="F", status="PROV")
    common = {"person": person, "happened_at": AT, "by": "nurse"}
    named = IdentityCorrected(
        act=f"i-{person}{name}{len(seen)}", function="identity", traits=traits, seen=seen, **common
    )
    problem = ProblemStatedHere(
        act=f"p-{person}{name}{len(seen)}", function="observe", label="Chute", **common
    )
    return draft_of(named), draft_of(problem)


def fold_of(house: House, origin: str) -> str:
    """Return the alias of a connection that may write the views of an island."""
    generation = generation_in_force(house.data(origin))
    assert generation is not None
    return open_views(generation, "tamper").alias


def shown(house: House, origin: str) -> tuple[list[str], str | None, int | None, list[str]]:
    """Return what an island shows: corrections that stand, the name, how many differ, the problem's rows."""
    house.run(origin, "islands", "list")
    person = Person.objects.get(id=PERSON)
    stand = [one.entry for one in sayings_of("identity.corrected.1", [PERSON])[PERSON]]
    return stand, person.birth_name, person.disputed, sorted(Problem.objects.values_list("id", flat=True))


def test_what_two_islands_say_of_one_patient_is_the_same_in_both_orders_of_arrival(
    joined: House, tmp_path: Path
) -> None:
    """A reads itself, then B; B the other way round. Both must show both, and the one act that settles them."""
    house = joined.copy(tmp_path)
    places = {}
    for origin, name in (("a", "DELORME"), ("b", "DELORNE")):
        (receipt, _problem) = house.say(origin, *said(name))
        places[origin] = f"{origin}/1#{receipt.index}"
        assert shown(house, origin)[2] is None
    house.carry()

    first, second = shown(house, "a"), shown(house, "b")

    assert first == second
    assert set(first[0]) == set(places.values())
    assert first[2] == 2
    assert first[3] == [f"{PERSON}/|CHUTE@a", f"{PERSON}/|CHUTE@b"]

    house.say("b", *said("DELORNE", *places.values()))
    house.carry("b")

    first, second = shown(house, "a"), shown(house, "b")
    assert first == second
    assert (first[1], first[2], len(first[0])) == ("DELORNE", None, 1)


def test_islands_at_different_entries_compare_the_patients_that_did_not_move_on(
    joined: House, tmp_path: Path
) -> None:
    """A busy hospital never stands at the same entries twice: it must still see that two pages differ."""
    house = joined.copy(tmp_path)
    for number in range(8):
        house.say("a", *said(f"NOM{number}", person=f"CHV:{number}"))
    house.carry("a")
    house.run("b", "islands", "status", "--compare")
    house.carry("b")
    house.say("a", *said("AUTRE", person="CHV:0"))

    (line,) = house.run("a", "islands", "status")["islands"]
    assert line["views"] == "equal in 7 persons of a sample"
    assert (line["step"], line["in_step"]) == ("unknown", False)

    Person.objects.using(fold_of(house, "a")).filter(id="CHV:5").update(birth_name="AUTREMENT")

    (line,) = house.run("a", "islands", "status")["islands"]
    assert line["views"] == "NOT EQUAL in 1 person of a sample"
