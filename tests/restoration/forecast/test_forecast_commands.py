"""`releve restoration check` and `simulate`: what scripts rely on."""

import json
from pathlib import Path

import msgspec
import pytest
from tiny_restorations import SURE, one_task
from typer.testing import CliRunner

from releve.app.cli import app
from releve.restoration.case import write_case
from releve.restoration.plan import write_plan
from releve.restoration.planner.decode import decode

RUNNER = CliRunner()


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """Return a case and its plan, written."""
    case = one_task(100, uncertainty=msgspec.structs.replace(SURE, task_sigma=0.3))
    one, other = tmp_path / "case.json", tmp_path / "plan.json"
    one.write_bytes(write_case(case))
    other.write_bytes(write_plan(decode(case)))
    return one, other


def test_check_succeeds_when_nothing_is_wrong_and_names_the_place_when_something_is(
    files: tuple[Path, Path],
) -> None:
    """Scripts ask before a plan is printed for a whole hospital."""
    case, plan = files

    good = RUNNER.invoke(app, ["restoration", "check", str(case), str(plan), "--json"])
    plan.write_text(plan.read_text(encoding="utf-8").replace('"end": 100', '"end": 99'), encoding="utf-8")
    bad = RUNNER.invoke(app, ["restoration", "check", str(case), str(plan), "--json"])

    assert good.exit_code == 0
    assert json.loads(good.stdout) == {"wrong": 0, "weak": 0, "note": 0, "criticisms": []}
    assert bad.exit_code == 1
    said = json.loads(bad.stdout)
    assert said["wrong"] >= 1
    assert "tasks[A-1]" in {each["place"] for each in said["criticisms"]}
    assert "wrong: tasks[A-1]: " in bad.stderr


def test_simulate_prints_one_document_the_same_for_the_same_seed(
    files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asks twice is told the same."""
    monkeypatch.setenv("RELEVE_PLANNER", "python")
    case, plan = files
    asked = ["restoration", "simulate", str(case), str(plan), "--runs", "200", "--seed", "7"]

    one = RUNNER.invoke(app, [*asked, "--json"])
    words = RUNNER.invoke(app, asked)

    assert one.exit_code == 0, one.output
    date = json.loads(one.stdout)["applications"][0]
    assert date["p50"] < date["p80"] < date["p95"]
    assert RUNNER.invoke(app, [*asked, "--json"]).stdout == one.stdout
    assert f"P80 day {date['p80'] / 24:.1f}" in words.stdout


@pytest.mark.parametrize("command", ["check", "simulate"])
def test_a_file_that_is_no_case_is_said_in_a_line(
    files: tuple[Path, Path], command: str, tmp_path: Path
) -> None:
    """The person on call reads a place and an expectation, not a traceback."""
    case, plan = files
    case.write_text(case.read_text(encoding="utf-8").replace('"work_hours": 100', '"work_hours": "long"'))

    broken = RUNNER.invoke(app, ["restoration", command, str(case), str(plan)])
    missing = RUNNER.invoke(app, ["restoration", command, str(tmp_path / "none.json"), str(plan)])

    assert (broken.exit_code, missing.exit_code) == (1, 1)
    assert "work_hours" in broken.stderr
    assert len(broken.stderr.strip().splitlines()) == 1
    assert "none.json" in missing.stderr
