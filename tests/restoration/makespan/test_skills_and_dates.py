"""Projects of people with skills, and of jobs with wanted dates: what is found can be done, and costs what is said."""

import csv
import itertools
from collections.abc import Callable
from pathlib import Path

import pytest
from schedule_kept import breaches

from releve.restoration.makespan.dated import DatedSchedule, solve_dated
from releve.restoration.makespan.engine import has_ortools
from releve.restoration.makespan.minizinc import DatedProject, SkilledProject, read_minizinc
from releve.restoration.makespan.project import ProjectError
from releve.restoration.makespan.skilled import SkilledSchedule, solve_skilled

# Two people; the second job needs a plumber and a welder, who is the only plumber: both must be there, in two roles.
SKILLED = b"""
n_skills = 2; n_workers = 2; has_skills = [{1, 2}, {2}];
n_tasks = 3; d = [3, 2, 4];
rr = [| 1, 1, 0 | 0, 1, 1 |];
suc = [{}, {}, {}];
"""
DATED = b"""
n_res = 1; rc = [1]; n_tasks = 2; d = [3, 2]; rr = [| 1, 1 |]; suc = [{}, {}];
t_max = 9; deadline = [| 2, 5, 1 | 3, 1, 4 |];
"""


def people_breaches(given: SkilledProject, schedule: SkilledSchedule) -> list[str]:
    """Return in words what is wrong with who does what."""
    found = []
    busy: dict[int, list[tuple[int, int]]] = {}
    for job in given.project.jobs:
        team = schedule.people[job.number]
        for place, count in enumerate(job.demands, 1):
            if list(team.values()).count(place) != (count if job.duration else 0):
                found.append(f"job {job.number} lacks people of skill {place}")
        for person, skill in team.items():
            if skill - 1 not in given.skills[person - 1]:
                found.append(f"person {person} has no skill {skill}")
            start = schedule.starts[job.number]
            busy.setdefault(person, []).append((start, start + job.duration))
    for person, work in busy.items():
        work.sort()
        if any(begin < end for (_, end), (begin, _) in itertools.pairwise(work)):
            found.append(f"person {person} is in two places")
    return found


def skilled(data: bytes) -> SkilledProject:
    """Return a project of people with skills."""
    given = read_minizinc(data)
    assert isinstance(given, SkilledProject)
    return given


def dated(data: bytes) -> DatedProject:
    """Return a project of wanted dates."""
    given = read_minizinc(data)
    assert isinstance(given, DatedProject)
    return given


def kept(given: DatedProject, schedule: DatedSchedule) -> bool:
    """Return whether the schedule can be done, in time, at the cost it says."""
    cost = sum(
        want.cost(schedule.starts[job.number])
        for want, job in zip(given.wanted, given.project.jobs, strict=True)
    )
    in_time = max(schedule.starts.values()) <= given.latest
    return cost == schedule.cost and in_time and not breaches(given.project, schedule.starts)


@pytest.mark.skipif(not has_ortools(), reason="OR-Tools is not installed")
def test_published_projects_with_skills_or_dates_are_solved_as_well_as_before(
    corpus: Callable[[str], Path],
) -> None:
    """These five are the only ones here that anybody else can check."""
    folder = corpus("psplib")
    lines = (folder / "computed_here.csv").read_text(encoding="utf-8").splitlines()
    for row in csv.DictReader(line for line in lines if not line.startswith("#")):
        given = read_minizinc((folder / row["instance"]).read_bytes())
        if isinstance(given, SkilledProject):
            schedule = solve_skilled(given, seconds=10)
            assert people_breaches(given, schedule) == []
            assert breaches(given.project, schedule.starts) == []
            assert schedule.makespan <= int(row["ub"])
        else:
            assert isinstance(given, DatedProject)
            found = solve_dated(given, seconds=10)
            assert kept(given, found)
            assert found.cost <= int(row["ub"])


def test_without_a_solver_people_and_dates_are_kept_all_the_same(
    corpus: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An island that could not install OR-Tools plans all the same."""
    monkeypatch.setenv("RELEVE_PLANNER", "python")
    folder = corpus("psplib")
    team = skilled((folder / "mspsp" / "easy_01.dzn").read_bytes())
    dates = dated((folder / "rcpsp-wet" / "j30_1_3-wet.dzn").read_bytes())

    by_skill = solve_skilled(team, seconds=0, iterations=60)
    by_date = solve_dated(dates, seconds=0, iterations=300)

    assert people_breaches(team, by_skill) == []
    assert breaches(team.project, by_skill.starts) == []
    assert by_skill.bound <= 26 <= by_skill.makespan <= 30
    assert kept(dates, by_date)
    assert by_date.bound <= 93 <= by_date.cost <= 140
    assert solve_dated(dates, seconds=0, iterations=300) == by_date


@pytest.mark.parametrize("planner", ["", "python"])
def test_nobody_does_two_things_at_once(planner: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one person with two skills is what everything waits for."""
    monkeypatch.setenv("RELEVE_PLANNER", planner)

    schedule = solve_skilled(skilled(SKILLED), seconds=0.3 if planner else 5)

    assert people_breaches(skilled(SKILLED), schedule) == []
    assert schedule.makespan == 6  # jobs 2 and 3 both need the second person
    assert schedule.people[2] == {1: 1, 2: 2}


@pytest.mark.parametrize("planner", ["", "python"])
def test_the_cheapest_of_two_dates_that_clash_is_found(planner: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """By hand: either job three periods off its date at 1 each; nothing is cheaper."""
    monkeypatch.setenv("RELEVE_PLANNER", planner)

    schedule = solve_dated(dated(DATED), seconds=0.3 if planner else 5)

    assert kept(dated(DATED), schedule)
    assert schedule.cost == 3


def test_a_job_nobody_can_do_is_named() -> None:
    """Enough people have each skill, but not enough people for both at once."""
    data = SKILLED.replace(b"{1, 2}, {2}", b"{1, 2}, {}")

    with pytest.raises(ProjectError, match="job 2: expected people for its 2 places"):
        solve_skilled(skilled(data), seconds=1)


@pytest.mark.parametrize("planner", ["", "python"])
def test_dates_nobody_can_keep_are_said_and_not_searched_for_ever(
    planner: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both jobs would have to start before period 2."""
    monkeypatch.setenv("RELEVE_PLANNER", planner)
    data = DATED.replace(b"t_max = 9", b"t_max = 2")

    with pytest.raises(ProjectError, match="every job starts by 1"):
        solve_dated(dated(data), seconds=0.3)
