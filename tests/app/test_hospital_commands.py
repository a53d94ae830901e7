"""`releve hospital check` and `import`, as a script or a person types them, on a real journal."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from releve.app.commands.hospital import app
from releve.app.django_setup import prepare_django
from releve.exercise.demo import write_demo
from releve.hospital.in_force import latest_map
from releve.journal.folder import create_island

RUNNER = CliRunner()


@pytest.fixture
def demo(tmp_path: Path) -> Path:
    """Return the folder of the demonstration hospital."""
    write_demo(tmp_path / "hospital")
    return tmp_path / "hospital"


def island(tmp_path: Path, *, exercise: bool) -> Path:
    """Return the data folder of an island that has nothing but its journal."""
    create_island(tmp_path / "data", "a", exercise, "Essai", 1_700_000_000_000_000)
    return tmp_path / "data"


def lay_somebody(data: Path, *, ward: str, room: str, bed: str) -> None:
    """Write views in which one patient is present in a bed, as the fold would."""
    prepare_django(data)
    from releve.record.tables import Encounter
    from releve.views.database import new_generation, open_views, put_in_force

    generation = new_generation(data)
    connection = open_views(generation)
    row = {
        "id": "N:1/1",
        "person": "N:1",
        "visit": "1",
        "status": "present",
        "ward": ward,
        "room": room,
        "bed": bed,
    }
    Encounter(**row).save(using="fold")
    connection.close()
    put_in_force(data, generation)


def last_line(output: str) -> dict:
    """Return the JSON that scripts read."""
    return json.loads(output.strip().splitlines()[-1])


def test_check_says_what_a_right_folder_holds(demo: Path) -> None:
    """The person sees that nothing was cut short: 700 beds, not 70."""
    told = RUNNER.invoke(app, ["check", str(demo), "--language", "fr"])
    scripted = RUNNER.invoke(app, ["check", str(demo), "--json"])

    assert told.exit_code == 0
    assert "700\u00a0lits" in told.stdout
    assert last_line(scripted.stdout)["ok"] is True
    assert last_line(scripted.stdout)["beds"] == 700


def test_check_fails_and_leads_to_the_cell(demo: Path) -> None:
    """A script must stop, a person must find the line."""
    beds = demo / "beds.csv"
    beds.write_bytes(beds.read_bytes().replace(b"2140-203;2140;", b"2140-999;2140;", 1))

    told = RUNNER.invoke(app, ["check", str(demo), "--language", "en"])

    assert told.exit_code == 1
    assert "beds.csv, line" in told.stdout
    assert "column room" in told.stdout


def test_a_map_goes_through_the_journal_and_comes_back(demo: Path, tmp_path: Path) -> None:
    """First import, then nothing to do, then a change shown before it is taken."""
    data = island(tmp_path, exercise=True)

    first = RUNNER.invoke(app, ["import", str(demo), "--data", str(data), "--yes", "--json"])
    assert first.exit_code == 0, first.output
    assert last_line(first.stdout)["outcome"] == "imported"
    assert len(latest_map(data).beds) == 700

    again = RUNNER.invoke(app, ["import", str(demo), "--data", str(data), "--yes", "--json"])
    assert last_line(again.stdout)["outcome"] == "same"

    wards = demo / "wards.csv"
    wards.write_bytes(wards.read_bytes().replace(b"Urologie;B", b"Urologie A;B", 1))
    changed = RUNNER.invoke(app, ["import", str(demo), "--data", str(data), "--yes", "--json"])
    assert last_line(changed.stdout)["counts"]["wards"]["changed"] == 1
    assert next(ward for ward in latest_map(data).wards if ward.code == "2120").name == "Urologie A"


def test_nothing_is_imported_when_one_cell_is_wrong(demo: Path, tmp_path: Path) -> None:
    """Half a map is worse than the old one."""
    data = island(tmp_path, exercise=True)
    (demo / "wards.csv").unlink()

    refused = RUNNER.invoke(app, ["import", str(demo), "--data", str(data), "--yes", "--json"])

    assert refused.exit_code == 1
    assert last_line(refused.stdout)["imported"] is False


def test_without_a_terminal_and_without_yes_nothing_is_imported(demo: Path, tmp_path: Path) -> None:
    """A script that forgot to decide has not decided."""
    data = island(tmp_path, exercise=True)

    refused = RUNNER.invoke(app, ["import", str(demo), "--data", str(data), "--json"])

    assert refused.exit_code == 1
    assert last_line(refused.stdout)["outcome"] == "refused"


def test_an_invented_hospital_never_enters_a_real_island(demo: Path, tmp_path: Path) -> None:
    """Its phones answer nobody and its doctors do not exist."""
    data = island(tmp_path, exercise=False)

    refused = RUNNER.invoke(app, ["import", str(demo), "--data", str(data), "--yes"])

    assert refused.exit_code == 1
    assert "exercise" in refused.stderr


def test_a_ward_where_patients_lie_vanishes_only_when_that_is_said(demo: Path, tmp_path: Path) -> None:
    """`--yes` in a nightly script must not be enough to lose patients from every board."""
    data = island(tmp_path, exercise=True)
    assert RUNNER.invoke(app, ["import", str(demo), "--data", str(data), "--yes"]).exit_code == 0
    lay_somebody(data, ward="4170", room="433", bed="433")
    for path in demo.iterdir():
        lines = path.read_bytes().splitlines(keepends=True)
        path.write_bytes(b"".join(line for line in lines if b"4170" not in line))
    for name in ("staff.csv", "printers.csv"):
        (demo / name).unlink()
    command = ["import", str(demo), "--data", str(data), "--yes", "--json"]

    stopped = RUNNER.invoke(app, command)
    agreed = RUNNER.invoke(app, [*command, "--with-removals"])

    assert (stopped.exit_code, last_line(stopped.stdout)["outcome"]) == (1, "removals")
    assert len(last_line(stopped.stdout)["removals"]) == 2, "the ward and the bed"
    assert all("4170" in removal for removal in last_line(stopped.stdout)["removals"])
    assert last_line(agreed.stdout)["outcome"] == "imported"


def test_a_formulary_is_imported_with_the_map_and_alone_when_only_it_changed(
    demo: Path, tmp_path: Path
) -> None:
    """A new price list of doses must not wait for a new building; an error in it stops everything."""
    from releve.departments.prescribing.formulary import FORMULARY_KIND
    from releve.hospital.in_force import latest_body

    data = island(tmp_path, exercise=True)
    arguments = ["import", str(demo), "--data", str(data), "--yes", "--json"]

    first = json.loads(RUNNER.invoke(app, arguments).stdout.splitlines()[-1])
    assert first["imported"]
    assert first["formulary_imported"]
    assert first["drugs"] == 80
    again = json.loads(RUNNER.invoke(app, arguments).stdout.splitlines()[-1])
    assert not again["formulary_imported"]

    book = demo / "formulary.csv"
    kept = book.read_text(encoding="utf-8-sig")
    book.write_text(kept.replace("Maximum 4 g par 24 h", "Maximum 3 g par 24 h"), encoding="utf-8")
    changed = json.loads(RUNNER.invoke(app, arguments).stdout.splitlines()[-1])
    assert changed["outcome"] == "same"
    assert changed["formulary_imported"]
    assert b"Maximum 3 g" in (latest_body(data, FORMULARY_KIND) or b"")

    book.write_text(kept.replace("1 g /6 5j", "1 g six 5j"), encoding="utf-8")
    assert RUNNER.invoke(app, arguments).exit_code == 1
    assert b"Maximum 3 g" in (latest_body(data, FORMULARY_KIND) or b"")
