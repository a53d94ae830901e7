"""`releve restoration solve`, as scripts call it."""

import json
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from releve.app.cli import app
from releve.app.commands import starting
from releve.restoration.makespan.project import Project, Schedule

RCP = "4 2\n2 4\n0 0 0 2 2 3\n3 2 0 1 4\n5 1 4 1 4\n0 0 0 0\n"
SKILLED = "n_skills=1; n_workers=1; has_skills=[{1}]; n_tasks=2; d=[1, 2]; rr=[| 1, 1 |]; suc=[{2}, {}];"
DATED = "n_res=1; rc=[1]; n_tasks=1; d=[1]; rr=[| 1 |]; suc=[{}]; t_max=5; deadline=[| 3, 2, 2 |];"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Return a function that writes a file and solves it."""
    monkeypatch.setenv("RELEVE_PLANNER", "python")

    def solve(name: str, text: str, *options: str) -> Result:
        (tmp_path / name).write_text(text, encoding="utf-8")
        return CliRunner().invoke(
            app, ["restoration", "solve", str(tmp_path / name), "--seconds", "2", *options]
        )

    return solve


def test_one_json_document_with_the_jobs_by_the_numbers_of_the_file(run: Callable[..., Result]) -> None:
    """Scripts compare us with others by it."""
    done = run("a.rcp", RCP, "--json")

    assert done.exit_code == 0
    assert json.loads(done.stdout) == {
        "makespan": 8, "starts": {"1": 0, "2": 0, "3": 3, "4": 8}, "bound": 8,
    } or json.loads(done.stdout) == {
        "makespan": 8, "starts": {"1": 0, "2": 5, "3": 0, "4": 8}, "bound": 8,
    }  # fmt: skip


def test_people_and_costs_are_said_where_the_file_has_them(run: Callable[..., Result]) -> None:
    """A schedule without who does what cannot be followed."""
    team = json.loads(run("a.dzn", SKILLED, "--json").stdout)
    dates = json.loads(run("b.dzn", DATED, "--json").stdout)

    assert team == {
        "makespan": 3, "starts": {"1": 0, "2": 1}, "bound": 3, "people": {"1": {"1": 1}, "2": {"1": 1}},
    }  # fmt: skip
    assert dates == {"makespan": 4, "starts": {"1": 3}, "bound": 0, "cost": 0}


def test_words_for_a_person_say_whether_something_shorter_can_exist(run: Callable[..., Result]) -> None:
    """Who reads "8" wants to know whether to search on."""
    done = run("a.rcp", RCP)

    assert done.stdout.splitlines()[-1] == "makespan 8; no schedule is shorter"


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.rcp", RCP.replace("5 1 4", "5 1 9"), "a.rcp: line 5: job 3: expected a demand of at most 4 on resource 2"),
        ("a.sm", "", "a.sm: line 1: expected a line 'jobs (incl. supersource/sink )'"),
        ("a.xml", "", "a.xml: name: expected one that ends in .sm, .rcp, .dzn"),
    ],
)  # fmt: skip
def test_wrong_input_is_one_sentence_and_status_1(
    run: Callable[..., Result], name: str, text: str, words: str
) -> None:
    """A traceback tells nobody what to mend."""
    done = run(name, text, "--json")

    assert done.exit_code == 1
    assert done.stdout == ""
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_file_that_is_not_there_is_said(run: Callable[..., Result], tmp_path: Path) -> None:
    """The most usual mistake is a wrong path."""
    done = CliRunner().invoke(app, ["restoration", "solve", str(tmp_path / "none.sm")])

    assert done.exit_code == 1
    assert "expected a file that can be read" in done.stderr


def test_no_time_at_all_is_refused_as_usage(run: Callable[..., Result]) -> None:
    """Zero seconds is a slip of the keyboard, and no schedule is made for it."""
    assert run("a.rcp", RCP, "--seconds", "0").exit_code == 2


def test_the_seconds_asked_for_are_seconds_of_search(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the start of the program took is not taken off: a script that gives one second would get half of it."""
    given = []

    def solve(project: Project, *, seconds: float, seed: int) -> Schedule:
        given.append((seconds, seed))
        return Schedule(makespan=0, starts={}, bound=0)

    monkeypatch.setattr("releve.restoration.makespan.solver.solve_project", solve)
    (tmp_path / "a.rcp").write_text(RCP, encoding="utf-8")

    done = CliRunner().invoke(
        app, ["restoration", "solve", str(tmp_path / "a.rcp"), "--seconds", "0.75", "--seed", "4"]
    )

    assert done.exit_code == 0
    assert given == [(0.75, 4)]


@pytest.mark.parametrize(("asked", "since", "left"), [(5.0, 0.4, 5.0), (5.0, 2.5, 3.0), (1.0, 9.0, 0.25)])
def test_a_start_that_took_seconds_is_taken_from_the_search_but_for_a_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: float, since: float, left: float
) -> None:
    """On a machine that others keep busy, who gave a second had the answer after five."""
    given = []

    def solve(project: Project, *, seconds: float, seed: int) -> Schedule:
        given.append(seconds)
        return Schedule(makespan=0, starts={}, bound=0)

    monkeypatch.setattr("releve.app.commands.restoration.solve.seconds_ago", lambda: since)
    monkeypatch.setattr("releve.restoration.makespan.solver.solve_project", solve)
    (tmp_path / "a.rcp").write_text(RCP, encoding="utf-8")

    CliRunner().invoke(app, ["restoration", "solve", str(tmp_path / "a.rcp"), "--seconds", str(asked)])

    assert given == [left]


def test_a_process_leaves_a_search_behind_that_nobody_waits_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """A solver told to stop does so seconds later on a busy machine: what it had to say is said."""
    left: list[int] = []
    monkeypatch.setattr(starting.os, "_exit", left.append)
    done = threading.Event()
    searching = threading.Thread(target=done.wait, name=f"{starting.SEARCHES}7")

    starting.leave(0)
    assert left == []
    searching.start()
    try:
        starting.leave(1)  # an error is handed on as ever
        assert left == []
        starting.leave(None)
        assert left == [0]
    finally:
        done.set()
        searching.join()


def test_how_long_ago_the_program_began_counts_from_its_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """What Python took before our first line is waiting as well; in somebody else's process nothing is counted."""
    monkeypatch.setattr(starting, "_began", None)
    assert starting.seconds_ago() == 0.0

    before = time.monotonic()
    starting.note()

    assert starting.seconds_ago() >= time.monotonic() - before
    if sys.platform == "linux":
        assert starting.seconds_ago() > 0.05  # of this process, which has imported all this
