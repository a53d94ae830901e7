"""The solver of projects: what it finds can be done, its bounds hold, and it keeps to its time."""

import csv
import itertools
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from schedule_kept import breaches

from releve.restoration.makespan import machine_code, solver
from releve.restoration.makespan.bounds import destructive_bound, energy_bound
from releve.restoration.makespan.engine import has_numba, has_ortools
from releve.restoration.makespan.files import read_project
from releve.restoration.makespan.generate import generate_project
from releve.restoration.makespan.incumbent import Incumbent
from releve.restoration.makespan.network import Network, network_of
from releve.restoration.makespan.project import Job, Project, ProjectError
from releve.restoration.makespan.search import Annealing
from releve.restoration.makespan.solver import solve_project
from releve.restoration.makespan.together import with_joint_resource

ENGINES = [pytest.param("", id="numba and OR-Tools"), pytest.param("python", id="pure Python")]


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways to search: with what is installed, and with nothing."""
    monkeypatch.setenv("RELEVE_PLANNER", request.param)
    return str(request.param)


def test_the_best_known_makespan_of_small_projects_is_found_and_proven(
    corpus: Callable[[str], Path], engine: str
) -> None:
    """Whoever compares us with what is published must find the same numbers."""
    folder = corpus("psplib")
    with (folder / "best_known.csv").open(encoding="utf-8", newline="") as file:
        known = {row["instance"]: int(row["ub"]) for row in csv.DictReader(file)}

    for name in ("j3025_2.sm", "j601_5.sm"):
        project = read_project(name, next(folder.rglob(name)).read_bytes())
        assert isinstance(project, Project)
        if has_ortools():
            schedule = solve_project(project, seconds=20)
            assert schedule.makespan == known[name]
            assert schedule.proven
        else:
            schedule = solve_project(project, seconds=0, iterations=2_000)
            assert schedule.makespan <= known[name] + 2

        assert breaches(project, schedule.starts) == []
        assert schedule.bound <= known[name]


@settings(max_examples=25, deadline=None)
@given(
    jobs=st.integers(0, 9),
    complexity=st.sampled_from([1.2, 1.5, 2.1]),
    factor=st.sampled_from([0.25, 0.75, 1.0]),
    strength=st.sampled_from([0.0, 0.2, 0.7]),
    seed=st.integers(0, 999),
)
def test_schedules_of_any_project_can_be_done_and_bounds_hold(
    jobs: int, complexity: float, factor: float, strength: float, seed: int
) -> None:
    """A bound above a schedule that can be done would call a plan perfect that is not."""
    project = generate_project(jobs=jobs, complexity=complexity, factor=factor, strength=strength, seed=seed)

    schedule = solve_project(project, seconds=0, seed=seed, iterations=300)

    assert breaches(project, schedule.starts) == []
    ends = [schedule.starts[job.number] + job.duration for job in project.jobs]
    assert schedule.makespan == max(ends)
    assert schedule.bound <= schedule.makespan
    network = network_of(project)
    assert energy_bound(network) <= schedule.bound
    assert destructive_bound(network, schedule.makespan) <= schedule.makespan


def shortest_by_trying_all(project: Project) -> int:
    """Return the shortest makespan over every list of jobs, placed in turn as early as they fit."""
    jobs = {job.number: job for job in project.jobs}
    best = project.horizon
    for order in itertools.permutations(jobs):
        place = {number: at for at, number in enumerate(order)}
        if any(place[after] < place[job.number] for job in project.jobs for after in job.successors):
            continue
        starts: dict[int, int] = {}
        for number in order:
            before = [job for job in project.jobs if number in job.successors]
            start = max((starts[job.number] + job.duration for job in before), default=0)
            while True:
                trial = {**starts, number: start}
                placed = tuple(
                    Job(number=each, duration=jobs[each].duration, demands=jobs[each].demands)
                    for each in trial
                )
                if not breaches(Project(capacities=project.capacities, jobs=placed), trial):
                    break
                start += 1
            starts[number] = start
        best = min(best, max(starts[job.number] + job.duration for job in project.jobs))
    return best


@pytest.mark.parametrize("seed", range(4))
def test_nothing_shorter_exists_than_what_is_called_shortest(seed: int, engine: str) -> None:
    """Each list of jobs is tried: what they leave cannot be beaten, and must be reached."""
    project = generate_project(jobs=4, complexity=1.2, factor=1.0, strength=0.1, seed=seed)

    schedule = solve_project(project, seconds=2 if not engine else 0.2)

    assert schedule.makespan == shortest_by_trying_all(project)
    assert schedule.bound <= schedule.makespan


@pytest.mark.skipif(not has_numba(), reason="numba is not installed")
@pytest.mark.parametrize("resources", [1, 4, 23])
def test_compiled_and_pure_python_find_the_same_schedules(resources: int) -> None:
    """Somebody without numba must be able to check what somebody with it announced."""
    base = generate_project(jobs=20, complexity=1.5, factor=0.75, strength=0.2, seed=3)
    project = Project(
        capacities=tuple((base.capacities * 6)[:resources]),
        jobs=tuple(
            Job(
                number=job.number,
                duration=job.duration,
                demands=(job.demands * 6)[:resources],
                successors=job.successors,
            )
            for job in base.jobs
        ),
    )
    network = network_of(project)
    written = Annealing(network, seed=7, compiled=False)
    compiled = Annealing(network, seed=7, compiled=True)

    for steps, worse in ((1, 0), (40, 20_000), (150, 3_000)):
        assert written.walk(steps, worse, 0) == compiled.walk(steps, worse, 0)
        assert written.starts == compiled.starts
        assert breaches(project, dict(zip(network.numbers, written.starts, strict=True))) == []


@pytest.mark.skipif(not has_numba(), reason="numba is not installed")
def test_what_was_compiled_once_is_read_without_numba_and_not_when_spoilt(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Of one second asked for, loading numba took half; machine code of a spoilt file would end the process."""
    network = network_of(generate_project(jobs=20, complexity=1.5, factor=0.75, strength=0.2, seed=3))
    expected = Annealing(network, seed=7, compiled=True).walk(150, 3_000, 0)
    written = machine_code._read()
    assert written is not None
    kept = tmp_path / "kernels.o"
    monkeypatch.setattr(machine_code, "_files", lambda: [tmp_path / "none.o", kept])
    monkeypatch.setattr(machine_code, "_loaded", None)
    monkeypatch.setattr(machine_code, "_compiled", lambda: written)
    machine_code.anneal_compiled()
    (tmp_path / "none.o").rename(kept)
    monkeypatch.setattr(machine_code, "_loaded", None)
    monkeypatch.delattr(machine_code, "_compiled")
    monkeypatch.setitem(sys.modules, "numba", None)

    assert Annealing(network, seed=7, compiled=True).walk(150, 3_000, 0) == expected

    kept.write_bytes(kept.read_bytes()[:-1])
    assert machine_code._read() is None


def test_the_same_seed_and_iterations_give_the_same_schedule(engine: str) -> None:
    """A figure nobody can have again is none."""
    project = generate_project(jobs=30, complexity=1.5, factor=1.0, strength=0.2, seed=5)

    first, again = (solve_project(project, seconds=0, seed=4, iterations=400) for _ in range(2))

    assert first == again


def test_the_time_given_is_kept_whatever_is_left_to_prove(engine: str) -> None:
    """A script that gave a second waits a second."""
    project = generate_project(jobs=120, complexity=1.5, factor=1.0, strength=0.1, seed=2)
    solve_project(project, seconds=0, iterations=10)  # loads and compiles

    begun = time.monotonic()
    schedule = solve_project(project, seconds=0.5)

    assert time.monotonic() - begun < 1.5
    assert breaches(project, schedule.starts) == []


def test_what_loading_takes_is_taken_from_the_search(monkeypatch: pytest.MonkeyPatch) -> None:
    """A script that asks for some seconds has its answer after them, not after loading and then them."""
    given = generate_project(jobs=60, complexity=1.8, factor=0.75, strength=0.2, seed=5)
    ends = []

    def walk(_network: Network, _incumbent: Incumbent, _seed: int, deadline: float, **_: float) -> None:
        if deadline == 0.0:
            time.sleep(0.2)  # loads
        else:
            ends.append(deadline - began)

    monkeypatch.setattr(solver, "has_numba", lambda: True)
    monkeypatch.setattr(solver, "has_ortools", lambda: False)
    monkeypatch.setattr(solver, "_walk", walk)
    for seconds, least, most in ((30.0, 30.0, 30.1), (0.1, 0.3, 5.0)):
        began = time.monotonic()
        solve_project(given, seconds=seconds)

        assert least <= ends.pop() == ends.pop() < most


def test_projects_of_nothing_or_of_one_job_have_schedules_too(engine: str) -> None:
    """The smallest case is the one a first try is made with."""
    nothing = solve_project(Project(capacities=(), jobs=()), seconds=1)
    one = solve_project(Project(capacities=(1,), jobs=(Job(number=7, duration=3, demands=(1,)),)), seconds=1)

    assert (nothing.makespan, nothing.starts, nothing.bound) == (0, {}, 0)
    assert (one.makespan, one.starts, one.bound) == (3, {7: 0}, 3)


def test_a_project_in_a_circle_is_refused_by_the_solver_too() -> None:
    """Projects also come from programs, which no reader checked."""
    jobs = (Job(number=1, duration=1, successors=(2,)), Job(number=2, duration=1, successors=(1,)))

    with pytest.raises(ProjectError, match="expected no circle"):
        solve_project(Project(capacities=(), jobs=jobs), seconds=1)


@pytest.mark.parametrize("seed", range(3))
def test_what_all_resources_say_together_holds_in_every_schedule_and_raises_the_bound(seed: int) -> None:
    """A resource that no schedule respects would prove a wrong optimum."""
    pytest.importorskip("scipy")
    project = generate_project(jobs=14, complexity=1.5, factor=1.0, strength=0.2, seed=seed)
    network = network_of(project)

    joint = with_joint_resource(network)

    assert len(joint.capacities) == len(network.capacities) + 1
    best = project.horizon
    for steps in range(25):  # any schedule will do: good ones and bad ones
        chain = Annealing(network, seed=steps, compiled=False)
        chain.walk(1 + 20 * steps, 30_000, 0)
        best = min(best, chain.makespan)
        for period in range(chain.makespan):
            weights = [
                demands[-1]
                for start, long, demands in zip(chain.starts, network.durations, joint.demands, strict=True)
                if start <= period < start + long
            ]
            assert sum(weights) <= joint.capacities[-1]
    assert energy_bound(network) < energy_bound(joint) <= best


@pytest.mark.skipif(not has_ortools(), reason="OR-Tools is not installed")
def test_each_way_to_prove_ends_at_the_same_makespan_from_however_long_a_schedule() -> None:
    """Something shorter that was found is no proof that nothing is shorter still."""
    from releve.restoration.makespan.exact import prove

    project = generate_project(jobs=12, complexity=1.5, factor=0.75, strength=0.3, seed=6)
    network = network_of(project)
    starts = tuple(itertools.accumulate(network.durations, initial=0))[:-1]
    ends = set()
    for variant in range(3):
        incumbent = Incumbent(network.horizon, starts, energy_bound(network))
        prove(network, incumbent, left=lambda: 20.0, seed=1, variant=variant)
        makespan, found = incumbent.best
        assert breaches(project, dict(zip(network.numbers, found, strict=True))) == []
        assert incumbent.bound == makespan < network.horizon
        ends.add(makespan)

    assert len(ends) == 1
