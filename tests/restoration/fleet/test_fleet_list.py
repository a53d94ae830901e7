"""The list of machines, as inventories and spreadsheets give it."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from releve.app.commands.fleet import app
from releve.exercise.demo import demo_hospital
from releve.exercise.demo_fleet import demo_fleet
from releve.restoration.fleet.facts import Machine, MachinesListed, draft_of
from releve.restoration.fleet.inventory import Inventory, read_inventory, write_inventory
from releve.restoration.fleet.listing import MACHINES_AN_ENTRY, listed

WARDS = ("2140", "0110")


def read(text: str, *, encoding: str = "utf-8") -> Inventory:
    """Return what a file gives, on a hospital of two wards."""
    return read_inventory(
        text.encode(encoding), wards=WARDS, buildings=("B",), ward_of_room={"R201": "2140", "R1": "0110"}
    )


def test_a_french_inventory_is_taken_under_its_own_names() -> None:
    """Nobody renames twenty columns at 3 a.m."""
    found = read(
        "sep=;\r\nNuméro d’inventaire;Nom machine;Catégorie;UF;Local;VLAN;N° de série;Garantie\r\n"
        "PC-1;POSTE-1;Poste de travail;2140;R201;40;5CG1;2027\r\nSRV/2;;Serveur;;;;;\r\nIMP-3;;Copieur;;R1;;;\r\n",
        encoding="cp1252",
    )

    assert found.machines == (
        Machine(tag="PC-1", name="POSTE-1", ward="2140", room="R201", network="40", serial="5CG1"),
        Machine(tag="SRV/2", kind="server"),
        Machine(tag="IMP-3", kind="printer", ward="0110", room="R1"),
    )
    assert [problem.severity for problem in found.problems] == ["warning"]  # "Garantie" is not read


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("PC 9;Poste;2140", "code"),
        (";Poste;2140", "required"),
        ("PC-9;Frigo;2140", "choice"),
        ("PC-9;Poste;9999", "reference"),
        ("PC-9;Poste;110", "reference-zero"),
        ("PC-1;Poste;2140", "duplicate"),
        ("#REF!;Poste;2140", "formula"),
        ("1.2E+15;Poste;2140", "scientific"),
    ],
)
def test_a_wrong_line_is_said_with_its_place_and_the_others_are_taken(line: str, expected: str) -> None:
    """A list refused for one line is a fleet without a list."""
    found = read(f"étiquette;type;service\r\nPC-1;Poste;2140\r\n{line}\r\nPC-2;Poste;2140\r\n")

    assert [(problem.line, problem.expected) for problem in found.errors] == [(3, expected)]
    assert [machine.tag for machine in found.machines] == ["PC-1", "PC-2"]


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04zip", b"nom;type\r\nx;Poste\r\n", b"\x00" * 50])
def test_a_file_that_is_no_list_gives_words_and_no_machine(data: bytes) -> None:
    """A workbook sent as it is must be told to be saved as CSV."""
    found = read_inventory(data, wards=WARDS, buildings=(), ward_of_room={})

    assert found.machines == ()
    assert found.errors


def test_what_is_written_is_read_back() -> None:
    """The list is corrected in a spreadsheet and brought in again."""
    hospital = demo_hospital()
    machines = demo_fleet()

    found = read_inventory(
        write_inventory(machines),
        wards={ward.code for ward in hospital.wards},
        buildings={building.code for building in hospital.buildings},
        ward_of_room={room.code: room.ward for room in hospital.rooms},
    )

    assert found.machines == machines
    assert found.problems == ()


def test_a_name_that_a_spreadsheet_would_compute_is_written_as_text_and_read_back() -> None:
    """Names come from every island and every keyboard: none may run when the list is opened."""
    told = Machine(tag="PC-1", name="=HYPERLINK(1)", room='bureau 3; "porte"', network="-")

    data = write_inventory([told])

    assert ";'=HYPERLINK(1);" in data.decode()
    assert read_inventory(data, wards=(), buildings=(), ward_of_room={}).machines == (told,)


def test_the_demonstration_has_machines_in_every_ward() -> None:
    """`make run` shows a fleet, or nobody looks at its pages before the crisis."""
    machines = demo_fleet()

    assert 300 <= len(machines) <= 600
    assert {machine.ward for machine in machines} - {""} == {ward.code for ward in demo_hospital().wards}
    assert len({machine.tag for machine in machines}) == len(machines)


def test_only_what_changed_is_recorded_a_hundred_machines_an_entry() -> None:
    """A list brought in each week must not fill the journal with itself."""
    machines = demo_fleet()
    keys = (f"k{number}" for number in range(100))

    facts = listed(machines, known={}, standing={}, key=lambda: next(keys), now_ms=1, by="x")

    assert all(len(draft_of(fact).body) < 32 * 1024 for fact in facts)
    assert len(facts) == -(-len(machines) // MACHINES_AN_ENTRY)
    known = {machine.tag: machine for machine in machines}
    assert listed(machines, known=known, standing={}, key=lambda: next(keys), now_ms=1, by="x") == ()
    again = listed(
        machines, known=known, standing={machines[0].tag: ("k0", "other")}, twice={machines[0].tag},
        key=lambda: next(keys), now_ms=1, by="x",
    )  # fmt: skip
    assert isinstance(again[0], MachinesListed)
    assert (again[0].machines, again[0].seen) == ((machines[0],), ("k0", "other"))


def test_a_script_brings_the_list_in_and_reads_what_became_of_it(tmp_path: Path) -> None:
    """The night’s job looks at the status and the last line, nothing else."""
    from releve.app.island import make_island

    data = tmp_path / "island"
    make_island(data, hospital=demo_hospital(), exercise=True, origin="a", name="A", accounts=[])
    (tmp_path / "parc.csv").write_text("étiquette;type;service\r\nPC-1;Poste;2140\r\nPC-2;Frigo;2140\r\n")

    def run(*arguments: str) -> tuple[int, Any, str]:
        done = CliRunner().invoke(app, [*arguments, "--data", str(data), "--json"])
        return done.exit_code, json.loads(done.stdout.splitlines()[-1]), done.stderr

    status, told, words = run("import", str(tmp_path / "parc.csv"), "--language", "en")
    assert (status, told["new"], told["errors"]) == (1, 1, 1)
    assert "machines.csv, line 3" in words
    status, told, _words = run("status")

    assert (status, told["machines"], told["unspoken"]) == (0, 1, 1)
