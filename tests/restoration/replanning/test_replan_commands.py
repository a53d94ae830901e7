"""`releve restoration replan`, `explain`, `what-if`: one JSON document for scripts, sentences for people."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from troubled import NOW, planned, troubles
from typer.testing import CliRunner, Result

from releve.app.commands.restoration.family import app
from releve.restoration.case import read_case, write_case
from releve.restoration.checker.check import check
from releve.restoration.plan import read_plan, write_plan


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a case, its plan and what happened."""
    case, plan = planned(1)
    _, told = troubles(1)
    (tmp_path / "case.json").write_bytes(write_case(case))
    (tmp_path / "plan.json").write_bytes(write_plan(plan))
    (tmp_path / "events.json").write_bytes(msgspec.json.encode(told))
    return tmp_path


def run(folder: Path, command: str, *rest: str) -> Result:
    """Run a command on the case and the plan of the folder."""
    files = [str(folder / "case.json"), str(folder / "plan.json")]
    return CliRunner().invoke(app, [command, *files, *rest])


def replan_arguments(folder: Path) -> list[str]:
    """Return what `replan` is given beside its files."""
    events = ["--events", str(folder / "events.json"), "--now", str(NOW), "--as-planned"]
    return [*events, "--iterations", "10"]


def answer(result: Result) -> Any:
    """Return the one JSON document on standard output."""
    assert result.exit_code == 0, result.output
    assert result.stdout.count("\n") == 1
    return json.loads(result.stdout)


def test_a_script_gets_the_new_plan_and_the_new_case(folder: Path) -> None:
    """The next command reads both: a plan of the old case would be criticised for what has happened."""
    more = ["--out", str(folder / "next.json"), "--case-out", str(folder / "now.json"), "--json"]

    said = answer(run(folder, "replan", *replan_arguments(folder), *more))

    case = read_case((folder / "now.json").read_bytes())
    plan = read_plan((folder / "next.json").read_bytes())
    assert [each for each in check(case, plan) if each.severity == "wrong"] == []
    assert said["plan"]["id"] == plan.id
    assert said["in_window"] == []
    assert said["loss"]["gained"] == pytest.approx(said["loss"]["repaired"] - said["loss"]["now"])
    assert {"task", "application", "reason"} <= said["forced"][0].keys()


def test_a_person_reads_what_moved_and_why(folder: Path) -> None:
    """At 03:10 nobody reads JSON."""
    result = run(folder, "replan", *replan_arguments(folder))

    assert result.exit_code == 0
    assert "of those within the frozen hours: 0" in result.stdout
    assert "(event " in result.stdout


def test_a_wrong_event_ends_the_command_with_its_place(folder: Path) -> None:
    """Nothing is planned from half a report."""
    (folder / "events.json").write_text('[{"event": "task-ended", "task": "nothing", "at": 3}]')

    result = run(folder, "replan", *replan_arguments(folder))

    assert result.exit_code == 1
    assert "events[0].task: expected the id of a task of the case" in result.stderr
    (folder / "events.json").write_text('[{"event": "task-ended", "task": "nothing"}]')
    assert "events[0]: Object missing" in run(folder, "replan", *replan_arguments(folder)).stderr


def test_why_is_told_as_a_chain_and_its_alternatives(folder: Path) -> None:
    """The same words for the director and for the engineer."""
    _, plan = planned(1)
    service = plan.services[0].id

    told = run(folder, "explain", service)
    said = answer(run(folder, "explain", service, "--json"))

    assert said["chain"][0]["end"] == said["back"]
    assert said["chain"][-1]["task"] in told.stdout
    assert "put first of all" in told.stdout
    assert run(folder, "explain", "nothing").exit_code == 1


def test_what_if_reads_changes_as_events_and_names_them_by_their_own_file(folder: Path) -> None:
    """A change is not an event that happened: the error says which file to look at."""
    changes = folder / "changes.json"
    changes.write_bytes(msgspec.json.encode(troubles(1)[1][-1:]))

    said = answer(run(folder, "what-if", str(changes), "--iterations", "10", "--json"))

    assert said["loss_anew"] <= said["loss_same_order"]
    assert "case" not in said
    changes.write_text('[{"event": "resource-changed", "resource": "nothing", "units": 2}]')
    assert "changes[0].resource: expected" in run(folder, "what-if", str(changes)).stderr
