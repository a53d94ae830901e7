"""A case of 1,200 tasks with progress goes out as MSPDI and as CSV and comes back; what is lost is counted.

`python -m bench restoration_exports`. Also: from the map of the demonstration hospital to a first plan, and problems
looked for in 5,000 tasks. Three of each, medians.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bench.figures import Line, keep, load_now

if TYPE_CHECKING:
    from releve.restoration.case import Case
    from releve.restoration.plan import Plan

ROUNDS = 3
STARTS_AT = datetime(2026, 11, 22, 2, 10, tzinfo=UTC)
PLAN_SECONDS_MAX = 3600.0  # a first plan exists within the hour
HORIZON = 24 * 500


def measure() -> int:
    """Measure, print and write; return 0 unless something was lost."""
    from releve.exercise.demo import demo_hospital
    from releve.restoration.catalogue.first import first_case
    from releve.restoration.catalogue.problems import problems
    from releve.restoration.exports.folder import read_folder, write_folder
    from releve.restoration.exports.mspdi import read_mspdi, write_mspdi
    from releve.restoration.invented import generate
    from releve.restoration.planner.decode import decode

    load = load_now()
    hospital = demo_hospital()

    def first_plan() -> tuple[Case, Plan]:
        case = first_case(hospital, STARTS_AT)
        return case, decode(case, [application.id for application in case.applications])

    seconds, (case, plan) = _median(first_plan)
    case = _under_way(case, plan)
    size = f"{len(case.applications)} applications, {len(case.tasks):,} tasks"
    out_seconds, written = _median(lambda: write_mspdi(case, plan))
    in_seconds, reading = _median(lambda: read_mspdi(written))
    lost = _lost(case, reading.case) + _lost_dates(plan, reading.plan)
    with_case = read_mspdi(written, base=case).case == case
    folder_seconds, folder = _median(lambda: read_folder(write_folder(case)).case)
    large = generate(833, seed=1)
    problem_seconds, found = _median(lambda: problems(large))
    lines = [
        Line(
            f"MSPDI out and back, {size} under way, read without the case: tasks, links, calendars, people, "
            "assignments, progress and dates lost",
            "0",
            f"{lost}; written in {out_seconds:.2f} s, read in {in_seconds:.2f} s, {len(written) / 2**20:.1f} MiB",
            lost == 0,
        ),
        Line("the same, read with the case it was written from", "the same case", _yes(with_case), with_case),
        Line(
            "the same case as a folder of CSV and back",
            "the same case",
            f"{_yes(folder == case)}, {folder_seconds:.2f} s",
            folder == case,
        ),
        Line(
            f"from a hospital's map to a first plan: {size}",
            "≤ 1 h",
            f"{seconds:.1f} s (one pass of the decoder, tasks without a date: {len(plan.left_out)})",
            seconds <= PLAN_SECONDS_MAX and not plan.left_out,
        ),
        Line(
            f"problems looked for in {len(large.tasks):,} tasks",
            "–",
            f"{problem_seconds:.2f} s, {len(found)} found",
        ),
    ]
    raw = {"write": out_seconds, "read": in_seconds, "folder": folder_seconds, "problems": problem_seconds}
    keep("restoration_exports", lines, load, raw)
    return 0 if lost == 0 and with_case and folder == case else 1


def _yes(same: bool) -> str:
    return "the same" if same else "another"


def _median(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return the median of the seconds three turns took, and what the last one made."""
    seconds, made = [], None
    for _ in range(ROUNDS):
        started = time.perf_counter()
        made = work()
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds), made


def _under_way(case: Case, plan: Plan) -> Case:
    """Return the case at the hour by which a third of the tasks have ended, as the plan has it."""
    from msgspec.structs import replace

    from releve.restoration.case import TaskState

    ends = sorted(planned.end for planned in plan.tasks)
    now = ends[len(ends) // 3]
    states = []
    for planned in plan.tasks:
        if planned.end <= now:
            states.append(
                TaskState(task=planned.task, started=planned.start, ended=planned.end, people=planned.people)
            )
        elif planned.start < now:
            states.append(
                TaskState(task=planned.task, started=planned.start, people=planned.people, remaining_hours=1)
            )
    return replace(case, now=now, states=tuple(states))


def _lost(case: Case, back: Case) -> int:
    """Return how many lines of a case did not come back, or say something else."""
    from releve.restoration.planner.calendars import calendar_masks, person_mask

    def needs(of: Case) -> set[tuple[str, str, str]]:
        return {(line.id, need.application, need.before) for line in of.applications for need in line.needs}

    before, after = calendar_masks(case, HORIZON), calendar_masks(back, HORIZON)
    there = {person.id: person_mask(person, before, HORIZON) for person in case.people}
    there_after = {person.id: person_mask(person, after, HORIZON) for person in back.people}
    return (
        len(set(case.tasks) ^ set(back.tasks))
        + len(needs(case) ^ needs(back))
        + len(set(case.states) ^ set(back.states))
        + len(set(case.resources) ^ set(back.resources))
        + sum(after.get(id) != mask for id, mask in before.items())
        + sum(there_after.get(id) != mask for id, mask in there.items())
    )


def _lost_dates(plan: Plan, back: Plan) -> int:
    def dates(of: Plan) -> set[tuple[str, int, int, frozenset[str]]]:
        return {(each.task, each.start, each.end, frozenset(each.people)) for each in of.tasks}

    return len(dates(plan) ^ dates(back))
