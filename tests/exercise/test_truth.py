"""The truth adds up what messages say, in whatever order they come."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from releve.exercise.demo import demo_hospital
from releve.exercise.hospital_life import HospitalLife
from releve.exercise.tales import (
    AllergiesTold,
    LineTold,
    Linked,
    Moved,
    PersonTold,
    ResultTold,
    Tale,
    VisitMoved,
)
from releve.exercise.truth import snapshot
from releve.exercise.world import Emission

START = datetime(2026, 11, 18, 6, tzinfo=UTC)
HOURS = 6


def moved(
    number: int, event: str, ward: str, bed: str = "P", *, cancelled: bool = False, at: int = 0
) -> Moved:
    """A movement of visit V: `number` is also its hour."""
    return Moved(at or number, "8001", "V", f"{number:03d}", event, number, ward, "12", bed, cancelled)


def test_a_cancelled_transfer_leaves_the_patient_where_she_was() -> None:
    """After A12 the nurse of the first ward must have her back on the board."""
    tales = [moved(1, "A01", "2101"), moved(2, "A02", "2102"), moved(2, "A02", "2102", cancelled=True, at=3)]

    where = snapshot(tales).visits["V"]

    assert (where.status, where.ward) == ("present", "2101")


def test_cancelled_discharges_and_admissions_are_taken_back() -> None:
    """A discharge by mistake empties no bed; an admission by mistake fills none."""
    back = [moved(1, "A01", "2101"), moved(2, "A03", "2101"), moved(2, "A03", "2101", cancelled=True, at=3)]
    never = [moved(1, "A01", "2101"), moved(1, "A01", "2101", cancelled=True, at=2)]

    assert snapshot(back).visits["V"].status == "present"
    assert snapshot(never).visits["V"].status == "cancelled"
    assert snapshot(never).present() == {}


def test_of_two_statements_the_younger_counts() -> None:
    """Late messages are the rule on a bad night; they must not bring the past back."""
    young = LineTold(20, "8001", "V", "P1", "stopped", "Apixaban", "5")
    old = LineTold(10, "8001", "V", "P1", "active", "Apixaban", "2.5")
    final = ResultTold(20, "8001", "B1", "2823-3", "4.1", "F", "", 5)
    draft = ResultTold(10, "8001", "B1", "2823-3", "6.9", "P", "HH", 5)

    made = snapshot([young, old, final, draft])

    assert made.lines["P1"].status == "stopped"
    assert made.active_lines("V") == []
    assert made.results["B1", "2823-3"].value == "4.1"


def test_links_and_moved_visits_say_whose_a_stay_is() -> None:
    """After a merge and an account move the stay belongs to one person only."""
    tales: list[Tale] = [
        moved(1, "A01", "2101"),
        VisitMoved(5, "V", "8002", "8001"),
        Linked(6, "8003", "8002", "merge"),
        AllergiesTold(7, "8003", ()),
        PersonTold(8, "8003", "MARTIN", "", "ANNE", "1980", "F", "QUAL"),
    ]

    made = snapshot(tales)

    assert made.visits["V"].ipp == "8002"
    assert made.stands_for("8002") == "8003"
    assert made.allergies["8003"] == ()
    assert made.named == {"8001", "8002", "8003"}


@pytest.fixture(scope="module")
def sent() -> tuple[HospitalLife, list[Emission]]:
    """Some hours of the demonstration hospital, and all that was sent in them."""
    life = HospitalLife(demo_hospital(), seed=2, start=START, keep_truth=True)
    return life, list(life.run(HOURS))


@pytest.fixture(scope="module")
def morning(sent: tuple[HospitalLife, list[Emission]]) -> tuple[HospitalLife, list[Tale]]:
    """The same hours, and all that was told in them."""
    life, emissions = sent
    return life, [tale for emission in emissions for tale in emission.tells]


def test_every_patient_a_message_names_is_in_the_truth(sent: tuple[HospitalLife, list[Emission]]) -> None:
    """A dispensing may be all that an island heard of somebody when the lines were cut."""
    kinds = Counter[str]()
    for emission in sent[1]:
        segments = [line.split("|") for line in emission.payload.decode("utf-8", "replace").split("\r")]
        fields = [line[{"PID": 3, "MRG": 1}[line[0]]] for line in segments if line[0] in ("PID", "MRG")]
        identifiers = [one.split("^") for field in fields for one in field.split("~")]
        named = {parts[0] for parts in identifiers if "PI" in parts}

        assert named <= snapshot(emission.tells).named, segments[0][8]
        kinds[segments[0][8]] += bool(named)
    assert {"ADT^A01^ADT_A01", "RDS^O13^RDS_O13", "ORU^R01^ORU_R01"} <= {
        kind for kind in kinds if kinds[kind]
    }


@pytest.mark.parametrize("shuffle", [1, 2])
def test_the_truth_of_a_day_does_not_depend_on_the_order_of_arrival(
    morning: tuple[HospitalLife, list[Tale]], shuffle: int
) -> None:
    """If it did, it could not judge an island that received the same messages in another order."""
    life, told = morning[0], list(morning[1])
    Random(shuffle).shuffle(told)

    shuffled = snapshot(told)
    truth = life.truth_at(START + timedelta(hours=HOURS))

    assert shuffled.present() == truth.present()
    assert shuffled.allergies.keys() == truth.allergies.keys()
    assert {key: line.status for key, line in shuffled.lines.items() if line.visit in truth.present()} == {
        key: line.status for key, line in truth.lines.items() if line.visit in truth.present()
    }


def test_the_truth_at_a_moment_knows_nothing_of_later(morning: tuple[HospitalLife, list[Tale]]) -> None:
    """A board is held against what it could know when it was looked at."""
    life, _ = morning

    early, late = life.truth_at(START), life.truth_at(START + timedelta(hours=HOURS))

    assert 0 < len(early.results) < len(late.results)
    assert set(early.visits) < set(late.visits)
    assert all(line.at_us <= START.timestamp() * 1e6 for line in early.lines.values())


def test_a_life_without_truth_says_so() -> None:
    """Silence would read as an empty hospital."""
    life = HospitalLife(demo_hospital(), seed=2, start=START)

    with pytest.raises(ValueError, match="keep_truth"):
        life.truth_at(START)
