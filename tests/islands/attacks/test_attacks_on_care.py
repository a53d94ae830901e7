"""C writes about A's patients: deaths, allergies, merges, moments in no calendar. A line takes all of it out again."""

import sys
from pathlib import Path

import msgspec
import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

from house_of_islands import HOSPITAL, House
from test_cutline import admitted

from releve.bedside.board import read_ward
from releve.hospital.map import Directory
from releve.journal.entry import Draft
from releve.journal.reader import LogReader
from releve.record.tables import Person

DIRECTORY = Directory(HOSPITAL)
NOW_MS = 1_795_227_000_000


def message(kind: str, number: str, *segments: str) -> Draft:
    """Return a message about somebody, from a sender that is not the identity authority."""
    head = [
        f"MSH|^~\\&|EVIL|CHV|RELEVE||20261120110000||{kind}|{number}{len(segments)}|P|2.5",
        "EVN||20261120110000",
        f"PID|||{number}^^^CHV^PI||LE GOFF^ANNE^^^^^L||19450714|F",
    ]
    return Draft(kind="message.hl7v2", body="\r".join([*head, *segments, ""]).encode(), source="mllp:evil")


def flood() -> list[Draft]:
    """Return what C floods the boards with."""
    person = "CHV:701"
    far = [0, -1, 1 << 45, 1 << 46, 1 << 50, 1 << 62, -(1 << 44), -(1 << 62), (1 << 63) - 1]
    care = []
    for number, at in enumerate(far):
        body = {"type": "observation.charted.1", "act": f"evil-{number}", "person": person, "ward": "2140",
                "function": "observations", "happened_at": at, "by": "x", "by_name": "\u202ex\0<script>"}  # fmt: skip
        care.append(Draft(kind="observation.charted.1", body=msgspec.msgpack.encode(body), source="evil",
                          occurred_at_us=max(-(1 << 61), min(at * 1000, 1 << 61))))  # fmt: skip
        note = body | {"type": "alert.raised.1", "text": "\u202e" * 500 + "DÉCÉDÉE", "kind": "other"}
        care.append(Draft(kind="alert.raised.1", body=msgspec.msgpack.encode(note), source="evil"))
    merges = [message("ADT^A40^ADT_A39", "701", "MRG|702^^^CHV^PI")]
    deaths = [
        message(
            "ADT^A08^ADT_A01",
            "701",
            "PID|||701^^^CHV^PI||LE GOFF^ANNE||19450714|F||||||||||||||||||||||20261120|Y",
        )
    ]
    allergies = [message("ADT^A60^ADT_A60", "701", f"IAM|{n}|DA|X{n}^FAUX{n}^L|SV||A|") for n in range(30)]
    bodies = [b"\x91" * 30_000, b"\xff" * 500, b"MSH" * 9000, b"MSH|^~\\&|" + b"|" * 30_000]
    kinds = (
        "message.hl7v2",
        "message.fhir",
        "bed.set.1",
        "duplicate.judged.1",
        "dose.given.1",
        "initial.census",
    )
    junk = [Draft(kind=kind, body=body, source="evil") for kind in kinds for body in bodies]
    return [*care, *merges, *deaths, *allergies, *junk]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """Return A, B and C; A admitted two; then C wrote what it likes about them."""
    made = House(tmp_path_factory.mktemp("care"), "a", "b", "c")
    made.join("2140", "", "4140")
    made.say("a", admitted("701"), admitted("702"))
    with LogReader(made.data("c") / "journal" / "c" / "1.sqlite3") as reader:
        made.line = reader.size  # type: ignore[attr-defined]
    made.carry()
    return made


def hashed(house: House, origin: str) -> dict[str, object]:
    """Return the number of each table of an island's views about patients."""
    house.run(origin, "islands", "list")
    tables = house.run(origin, "views", "hash")["tables"]
    return {name: one for name, one in tables.items() if not name.startswith(("hospital_", "web_"))}


def test_a_flood_of_false_acts_stops_no_board_and_a_line_takes_all_of_it_out(
    house: House, tmp_path: Path
) -> None:
    """B, which hears all of it and then of the line, ends as a hospital in which C never spoke."""
    quiet = house.copy(tmp_path)
    house.say("c", *flood())
    house.carry("c")
    for origin in "ab":
        house.run(origin, "islands", "list")
        assert {"CHV:701", "CHV:702"} <= set(Person.objects.values_list("id", flat=True))
        board = read_ward("2140", DIRECTORY, {}, now_ms=NOW_MS)
        assert board is not None
        assert len([line for line in board.lines if line.present is not None]) >= 2, (
            "both are still in their beds"
        )
    for place in (house, quiet):
        place.run("a", "islands", "cutline", "c", "1", str(house.line), "--mode", "exclude", "--reason", "x", "--yes",  # type: ignore[attr-defined]
                  signed=True)  # fmt: skip
        place.carry("a")
    never = hashed(quiet, "b")
    assert hashed(house, "b") == never
    assert hashed(house, "a") == never
