"""Shortest schedules of project files against what is published: gap, proof and time, on two cores.

`python -m bench makespan`: the 17 PSPLIB and RG300 files and the five of MiniZinc beside the repository (folder of
the corpora), three seeds each, about a quarter of an hour. RELEVE_BENCH_QUICK=1: one seed and a quarter of the time
for each file, about a minute. The corpora hold five j30 only, so others are generated in the manner of ProGen, like
its hardest classes; nobody published their optimum: what counts on them is whether ours is proven.
"""

from __future__ import annotations

import csv
import os
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from bench.figures import ROOT, Line, keep, load_now
from releve.restoration.makespan.dated import DatedSchedule, solve_dated
from releve.restoration.makespan.files import read_project
from releve.restoration.makespan.generate import HARD, generate_project
from releve.restoration.makespan.minizinc import DatedProject, SkilledProject
from releve.restoration.makespan.project import Project, Schedule
from releve.restoration.makespan.skilled import solve_skilled
from releve.restoration.makespan.solver import solve_project

CORPUS = Path(os.environ.get("RELEVE_CORPORA", ROOT / ".." / "shared" / "corpora")) / "psplib"
QUICK = bool(os.environ.get("RELEVE_BENCH_QUICK"))
SEEDS = (1,) if QUICK else (1, 2, 3)
GENERATED = 1 if QUICK else 4  # of each hard class
SHARE = 0.25 if QUICK else 1.0
SECONDS = {"j30": 10 * SHARE, "j60": 10 * SHARE, "j90": 10 * SHARE, "j120": 10 * SHARE, "RG300": 30 * SHARE}
LONG_SECONDS = 120.0


class Known(NamedTuple):
    instance: str
    family: str
    best: int


class Run(NamedTuple):
    instance: str
    family: str
    seed: int
    makespan: int
    bound: int
    best: int  # 0: nobody published one
    seconds: float

    @property
    def gap(self) -> float:
        """How much longer than the best known one, in percent."""
        return 100 * (self.makespan / self.best - 1)


def measure() -> int:
    """Measure, print and write; return 0."""
    load = load_now()
    if not CORPUS.is_dir():
        raise RuntimeError(f"{CORPUS}: expected the folder of PSPLIB files (RELEVE_CORPORA)")
    solve_project(_generated(30, 0, 0), seconds=0, iterations=10)  # compiled once, as at installation
    known = list(_known())
    runs = [_run(each, seed, SECONDS[each.family]) for each in known for seed in SEEDS]
    heuristic = [_run(each, seed, 1.0) for each in known if each.family == "j120" for seed in SEEDS]
    hard = [
        _solved(f"generated {place}/{seed}", "j30", 1, _generated(30, place, seed), SECONDS["j30"], 0)
        for place in range(len(HARD))
        for seed in range(GENERATED)
    ]
    unproven = [run for run in (*runs, *hard) if run.family == "j30" and run.bound < run.makespan]
    long = [] if QUICK else [_again(run) for run in unproven]
    lines = [*_small(runs, hard, long), *_gaps(runs, heuristic), _minizinc()]
    raw = {
        "runs": [run._asdict() for run in runs],
        "one_second": [run._asdict() for run in heuristic],
        "generated": [run._asdict() for run in hard],
        "long": [run._asdict() for run in long],
        "quick": QUICK,
    }
    keep("makespan", lines, load, raw)
    return 0


def _known() -> Iterator[Known]:
    with (CORPUS / "best_known.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield Known(row["instance"], row["family"], int(row["ub"]))


def _run(known: Known, seed: int, seconds: float) -> Run:
    project = read_project(known.instance, (CORPUS / known.family / known.instance).read_bytes())
    assert isinstance(project, Project)
    return _solved(known.instance, known.family, seed, project, seconds, known.best)


def _solved(name: str, family: str, seed: int, project: Project, seconds: float, best: int) -> Run:
    begun = time.monotonic()
    schedule = solve_project(project, seconds=seconds, seed=seed)
    took = time.monotonic() - begun
    if not _kept(project, schedule):
        raise RuntimeError(f"{name}: the schedule breaks the project")
    print(f"   {name} {schedule.makespan} ({schedule.bound}) best {best} {took:.1f} s", flush=True)
    return Run(name, family, seed, schedule.makespan, schedule.bound, best, round(took, 2))


def _generated(jobs: int, place: int, seed: int) -> Project:
    complexity, factor, strength = HARD[place]
    return generate_project(jobs=jobs, complexity=complexity, factor=factor, strength=strength, seed=seed)


def _again(run: Run) -> Run:
    if run.best:
        return _run(Known(run.instance, run.family, run.best), run.seed, LONG_SECONDS)
    place, _, seed = run.instance.removeprefix("generated ").partition("/")
    return _solved(run.instance, run.family, run.seed, _generated(30, int(place), int(seed)), LONG_SECONDS, 0)


def _kept(project: Project, schedule: Schedule) -> bool:
    """Return whether precedence and capacities hold, period by period."""
    starts = schedule.starts
    ends = {job.number: starts[job.number] + job.duration for job in project.jobs}
    if any(starts[after] < ends[job.number] for job in project.jobs for after in job.successors):
        return False
    return all(
        sum(job.demands[resource] for job in project.jobs if starts[job.number] <= period < ends[job.number])
        <= capacity
        for period in range(max(ends.values()))
        for resource, capacity in enumerate(project.capacities)
    )


def _medians(runs: list[Run], family: str) -> dict[str, float]:
    """Return the median gap of each file of a set over the seeds, in percent."""
    gaps: dict[str, list[float]] = {}
    for run in runs:
        if run.family == family:
            gaps.setdefault(run.instance, []).append(run.gap)
    return {instance: statistics.median(each) for instance, each in gaps.items()}


def _small(runs: list[Run], hard: list[Run], long: list[Run]) -> list[Line]:
    ours = [run for run in runs if run.family == "j30"]
    optimal = sum(run.makespan == run.best for run in ours)
    proven = sum(run.bound >= run.makespan for run in ours)
    hard_proven = sum(run.bound >= run.makespan for run in hard)
    late = sum(run.bound >= run.makespan for run in long)
    lines = [
        Line(
            f"j30, {len(ours)} runs of {SECONDS['j30']:g} s: at the optimum",
            "100 %",
            f"{100 * optimal / len(ours):.0f} %",
            None if QUICK else optimal == len(ours),
        ),
        Line(
            f"j30, {len(ours)} runs of {SECONDS['j30']:g} s: proven",
            "≥ 98 % of all 480",
            f"{100 * proven / len(ours):.0f} % of these (5 files, one of the hardest class); of {len(hard)} generated "
            f"in the six hardest classes {100 * hard_proven / len(hard):.0f} %",
        ),
    ]
    if long:
        lines.append(
            Line(
                f"the {len(long)} j30 left unproven, 120 s each: proven",
                "100 %",
                f"{100 * late / len(long):.0f} %",
                late == len(long),
            )
        )
    return lines


def _gaps(runs: list[Run], heuristic: list[Run]) -> Iterator[Line]:
    for family, target, most in (
        ("j60", 0.25, 4.0),
        ("j90", None, None),
        ("j120", 2.0, None),
        ("RG300", 1.0, None),
    ):
        gaps = _medians(runs, family)
        if gaps:
            yield _gap_line(f"{family}, {len(gaps)} files, {SECONDS[family]:g} s", gaps, target, most)
    gaps = _medians(heuristic, "j120")
    if gaps:
        yield _gap_line(f"j120, {len(gaps)} files, 1 s, annealing alone", gaps, 3.0, None)


def _gap_line(what: str, gaps: dict[str, float], target: float | None, most: float | None) -> Line:
    mean, worst = statistics.fmean(gaps.values()), max(gaps.values())
    asked = "" if target is None else f"≤ {target:g} %" + (f", none above {most:g} %" if most else "")
    reached = None if target is None or QUICK else mean <= target and (most is None or worst <= most)
    return Line(
        f"{what}: mean gap to the best known (medians of {len(SEEDS)})",
        asked,
        f"{mean:.2f} %, worst {worst:.2f} %",
        reached,
    )


def _minizinc() -> Line:
    found, reached, rows = [], True, 0
    with (CORPUS / "computed_here.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(line for line in file if not line.startswith("#")):
            begun = time.monotonic()
            value = _value(read_project(row["instance"], (CORPUS / row["instance"]).read_bytes()))
            found.append(f"{Path(row['instance']).stem} {value} ({time.monotonic() - begun:.1f} s)")
            reached = reached and value <= int(row["ub"])
            rows += 1
    return Line(
        f"rcpsp-wet and mspsp, {rows} files, 10 s: the values of computed_here.csv",
        "reached or improved",
        ", ".join(found),
        reached,
    )


def _value(project: Any) -> int:
    if isinstance(project, DatedProject):
        schedule: Schedule = solve_dated(project, seconds=10.0)
    elif isinstance(project, SkilledProject):
        schedule = solve_skilled(project, seconds=10.0)
    else:
        schedule = solve_project(project, seconds=10.0)
    return schedule.cost if isinstance(schedule, DatedSchedule) else schedule.makespan
