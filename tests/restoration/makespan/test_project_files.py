"""The readers of project files: what they take, and what they say of what is wrong in one."""

import contextlib
from collections.abc import Callable
from pathlib import Path

import pytest

from releve.restoration.makespan.files import read_project
from releve.restoration.makespan.minizinc import DatedProject, SkilledProject, read_minizinc
from releve.restoration.makespan.patterson import read_patterson
from releve.restoration.makespan.project import Job, Project, ProjectError, checked
from releve.restoration.makespan.psplib import read_psplib

SM = """\
************************************************************************
jobs (incl. supersource/sink ):  4
RESOURCES
  - renewable                 :  2   R
  - nonrenewable              :  0   N
  - doubly constrained        :  0   D
************************************************************************
PRECEDENCE RELATIONS:
jobnr.    #modes  #successors   successors
   1        1          2           2   3
   2        1          1           4
   3        1          1           4
   4        1          0
************************************************************************
REQUESTS/DURATIONS:
jobnr. mode duration  R 1  R 2
------------------------------------------------------------------------
  1      1     0       0    0
  2      1     3       2    0
  3      1     5       1    4
  4      1     0       0    0
************************************************************************
RESOURCEAVAILABILITIES:
  R 1  R 2
    2    4
************************************************************************
"""
RCP = "4 2\n2 4\n0 0 0 2 2 3\n3 2 0 1 4\n5 1 4 1 4\n0 0 0 0\n"
DZN = """\
% a comment
n_res = 2; n_tasks = 4;
d = [0, 3, 5, 0];
rc = [2, 4];
rr = [| 0, 2, 1, 0
      | 0, 0, 4, 0 |];
suc = [{2, 3}, {4}, 4..4, {}];
"""
WANTED = Project(
    capacities=(2, 4),
    jobs=(
        Job(number=1, duration=0, demands=(0, 0), successors=(2, 3)),
        Job(number=2, duration=3, demands=(2, 0), successors=(4,)),
        Job(number=3, duration=5, demands=(1, 4), successors=(4,)),
        Job(number=4, duration=0, demands=(0, 0)),
    ),
)


def without_lines(project: Project) -> Project:
    """Return the project as if no file had given it."""
    jobs = tuple(
        Job(number=job.number, duration=job.duration, demands=job.demands, successors=job.successors)
        for job in project.jobs
    )
    return Project(capacities=project.capacities, jobs=jobs)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param("a.sm", SM, id="psplib"),
        pytest.param("a.sm", SM.replace("\n", "\r\n"), id="psplib, windows"),
        pytest.param("a.sm", SM.replace("\n   3  ", "\n\n   3  "), id="psplib, blank lines"),
        pytest.param("A.SM", "\ufeff" + SM, id="psplib, byte order mark"),
        pytest.param("a.rcp", RCP, id="patterson"),
        pytest.param("a.rcp", RCP.replace("\n", "\r\n\r\n"), id="patterson, windows, blank lines"),
        pytest.param("a.rcp", "\n".join(RCP.split()), id="patterson, a number a line"),
        pytest.param("a.rcp", RCP.replace("2 3\n", "2\n 3\n"), id="patterson, wrapped"),
        pytest.param("a.dzn", DZN, id="minizinc"),
        pytest.param(
            "a.dzn",
            DZN.replace("[| 0, 2, 1, 0\n      | 0, 0, 4, 0 |]", "array2d(1..2, 1..4, [0, 2, 1, 0, 0, 0, 4, 0])"),
            id="minizinc, array2d",
        ),
    ],
)  # fmt: skip
def test_three_formats_say_the_same_project(name: str, text: str) -> None:
    """A schedule is compared with what others publish: it must be of the same project, whoever wrote the file."""
    project = read_project(name, text.encode())

    assert isinstance(project, Project)
    assert without_lines(project) == WANTED


def replaced(text: str, old: str, new: str) -> str:
    """Return the text with one thing changed."""
    assert old in text
    return text.replace(old, new, 1)


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.sm", replaced(SM, "  3      1     5 ", "  3      1    -5 "), "line 20: job 3: expected a duration of 0"),
        ("a.sm", replaced(SM, "       1    4\n", "       1    5\n"), "line 20: job 3: expected a demand of at most 4"),
        ("a.sm", replaced(SM, "2   3\n", "2   9\n"), "line 10: expected a successor of job 1 from 1 to 4, found 9"),
        ("a.sm", replaced(SM, "2   3\n", "2\n"), "line 10: expected 2 successors of job 1, found 1"),
        ("a.sm", replaced(SM, "   4        1          0", "   4        1          1     2"), "circle"),
        ("a.sm", replaced(SM, "   3        1 ", "   2        1 "), "line 12: expected job 2 once"),
        ("a.sm", replaced(SM, "   3        1 ", "   3        2 "), "line 12: expected 1 mode for job 3, found 2"),
        ("a.sm", replaced(SM, "  3      1     5 ", "  3      1     x "), "line 20: expected job, mode, duration"),
        ("a.sm", replaced(SM, "nonrenewable              :  0", "nonrenewable : 2"), "line 5: expected 0 nonrenew"),
        ("a.sm", SM[: SM.index("  3      1     5 ")], "expected a row of job 3 under 'REQUESTS/DURATIONS:'"),
        ("a.sm", SM[: SM.index("REQUESTS")], "expected a section 'REQUESTS/DURATIONS:', found the end of the file"),
        ("a.sm", SM[: SM.index("    2    4")], "expected 2 capacities"),
        ("a.sm", "", "expected a line 'jobs (incl. supersource/sink )', found the end of the file"),
        ("a.sm", replaced(SM, ":  4\n", ":  \n"), "line 2: expected 'jobs (incl. supersource/sink )', a whole number"),
        ("a.sm", "\0", "line 1: expected text"),
        ("a.rcp", replaced(RCP, "3 2 0", "-3 2 0"), "line 4: job 2: expected a duration of 0 or more, found -3"),
        ("a.rcp", replaced(RCP, "5 1 4", "5 1 5"), "line 5: job 3: expected a demand of at most 4 on resource 2"),
        ("a.rcp", replaced(RCP, "2 2 3", "2 2 7"), "line 3: expected a successor of job 1 from 1 to 4, found 7"),
        ("a.rcp", RCP[:-4], "line 6: expected the demand of job 4 on resource 2, found the end of the file"),
        ("a.rcp", RCP + "1\n", "line 7: expected the end of the file after job 4, found 1"),
        ("a.rcp", replaced(RCP, "0 0 0 0\n", "0 0 0 1 2\n"), "expected no circle of jobs that wait for one another"),
        ("a.rcp", replaced(RCP, "4 2\n", "4 many\n"), "line 1: expected numbers of a Patterson file"),
        ("a.rcp", "99999999999999999999 1", "line 1: expected numbers of a Patterson file"),
        ("a.rcp", "", "expected the number of jobs, found the end of the file"),
        ("a.dzn", replaced(DZN, "[0, 3, 5, 0]", "[0, 3, -5, 0]"), "line 3: expected a duration of 0 or more for job 3"),
        ("a.dzn", replaced(DZN, "[0, 3, 5, 0]", "[0, 3, 5]"), "line 3: expected 'd' to be a list of 4 whole numbers"),
        ("a.dzn", replaced(DZN, "0, 0, 4, 0", "0, 0, 5, 0"), "line 5: expected a demand of job 3 from 0 to 4"),
        ("a.dzn", replaced(DZN, "{4}", "{7}"), "line 7: expected 'suc' to be a list of 4 sets"),
        ("a.dzn", replaced(DZN, "4..4, {}", "4..4, {1}"), "line 7: job 1: expected no circle"),
        ("a.dzn", replaced(DZN, "rc = [2, 4];", ""), "expected 'rc', found the end of the file"),
        ("a.dzn", replaced(DZN, "rc = [2, 4];", "rc = [2, 4"), "line 5: expected ',', found 'rr'"),
        ("a.dzn", DZN + "d = [1];", "line 8: expected 'd' once in the file"),
        ("a.dzn", "a = " + "[" * 5_000, "line 1: expected a number or a set"),
        ("a.dzn", "a = <;", "line 1: expected MiniZinc data"),
        ("a.mpp", "", "name: expected one that ends in .sm, .rcp, .dzn"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_file_is_said_with_its_line(name: str, text: str, words: str) -> None:
    """Who is told only "invalid file" gives up; who is told the line mends it."""
    with pytest.raises(ProjectError) as raised:
        read_project(name, text.encode())

    assert words in str(raised.value)


@pytest.mark.parametrize("text", [SM, RCP, DZN])
def test_a_file_cut_anywhere_gives_a_project_or_an_error_in_words(text: str) -> None:
    """A copy that was cut short must not end in a traceback, nor in half a project taken for the whole."""
    reader = {SM: read_psplib, RCP: read_patterson, DZN: read_minizinc}[text]

    for length in range(len(text)):
        project = None
        with contextlib.suppress(ProjectError):
            project = reader(text[:length].encode())
        assert project is None or (isinstance(project, Project) and len(project.jobs) == len(WANTED.jobs))


def test_a_project_no_memory_could_hold_is_refused() -> None:
    """One absurd duration in a file would fill the memory of the machine that others work on."""
    with pytest.raises(ProjectError, match="durations: expected at most 1,000,000 periods together"):
        checked(Project(capacities=(), jobs=(Job(number=1, duration=10**11),)))


def test_every_file_of_the_corpus_is_read(corpus: Callable[[str], Path]) -> None:
    """The figures we publish are measured on these."""
    folder = corpus("psplib")
    found = {
        path.name: read_project(path.name, path.read_bytes())
        for path in sorted(folder.rglob("*.*"))
        if path.suffix in (".sm", ".rcp", ".dzn")
    }

    assert len(found) == 22
    rg300 = found["RG300_1.rcp"]
    assert isinstance(rg300, Project)
    assert len(rg300.jobs) == 302
    assert len(rg300.jobs[0].successors) == 72  # wrapped over four lines
    assert sum(isinstance(project, SkilledProject) for project in found.values()) == 3
    dated = [project for project in found.values() if isinstance(project, DatedProject)]
    assert [project.latest for project in dated] == [55, 82]
