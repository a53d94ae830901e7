"""After an event: how long a new plan takes, what it moves, and how much of what could be saved it saves.

`python -m bench replan`. Generated hospitals of some 1,200 tasks, calendars and skills on, ten and thirty days into
their plan: six tasks are late, two gates fail, two people are out for a week. All P80s of applications were announced.
On the tenth day that breaks most dates (it is the ground that is late), on the thirtieth nearly none. What could be
saved is what the same search saves in the same time when everything that has not begun may move and nothing was
announced. Medians over hospitals and days; what is compiled is compiled before. RELEVE_BENCH_QUICK=1: small hospitals.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Iterator
from random import Random
from typing import Any

import msgspec

from bench.figures import Line, keep, load_now
from releve.restoration.case import Case, PublishedDate
from releve.restoration.forecast.simulate import simulate
from releve.restoration.invented import generate
from releve.restoration.plan import Plan
from releve.restoration.planner.solve import solve
from releve.restoration.replanning.events import Event, GateFailed, PersonAbsent, TaskLate
from releve.restoration.replanning.progress import as_planned
from releve.restoration.replanning.replan import MOVED_DATES_MAX, Replan, replan

SEEDS = (1001, 1002, 1003)  # nothing was tuned on them
APPLICATIONS, SOLVE_SECONDS = 200, 30.0
QUICK_APPLICATIONS, QUICK_SOLVE_SECONDS = 40, 3.0
HOURS = (240, 720)
LATE, FAILED, OUT = 6, 2, 2
SECONDS_MAX, SHARE_MIN = 2.0, 0.8


def measure() -> int:
    """Measure, print and write; return 0."""
    load = load_now()
    quick = bool(os.environ.get("RELEVE_BENCH_QUICK"))
    applications = QUICK_APPLICATIONS if quick else APPLICATIONS
    solve_seconds = QUICK_SOLVE_SECONDS if quick else SOLVE_SECONDS
    list(_measured(10, QUICK_APPLICATIONS, 1.0))
    raw = [each for seed in SEEDS for each in _measured(seed, applications, solve_seconds)]
    seconds, window, dates, share = (
        statistics.median(each[name] for each in raw)
        for name in ("seconds", "moved_in_window", "dates_moved", "share_of_free_gain")
    )
    pooled = sum(each["gained"] for each in raw) / max(sum(each["free_gain"] for each in raw), 1e-9)
    tasks = statistics.median(each["tasks"] for each in raw)
    published = statistics.median(each["published"] for each in raw)
    what = f"replan after {LATE} late tasks, {FAILED} failed gates, {OUT} people out, {tasks:,.0f} tasks"
    told = f"median of {len(raw)}"
    lines = [
        Line(what, f"< {SECONDS_MAX:g} s", f"{seconds:.2f} s ({told})", seconds < SECONDS_MAX),
        Line(
            "… tasks moved without need within 72 h", "0",
            f"{window:g} ({told}; most {max(each['moved_in_window'] for each in raw)})", window == 0,
        ),
        Line(
            "… announced P80 dates the new plan makes more than two days late", f"≤ {MOVED_DATES_MAX}",
            f"{dates:g} of {published:g} ({told}; most {max(each['dates_moved'] for each in raw)})",
            dates <= MOVED_DATES_MAX,
        ),
        Line(
            "… part kept of what the search saves when all may move", f"≥ {SHARE_MIN:.0%}",
            f"{share:.0%} ({told}; of all gains together {pooled:.0%}; saved "
            f"{statistics.median(each['gained'] for each in raw):.1%} of all care lost)", share >= SHARE_MIN,
        ),
    ]  # fmt: skip
    keep("replan", lines, load, {"quick": quick, "hospitals": raw})
    return 0


def _measured(seed: int, applications: int, solve_seconds: float) -> Iterator[dict[str, Any]]:
    """Yield what replanning one hospital took and moved, day after day."""
    case = generate(applications, seed)
    plan = solve(case, seed=1, seconds=solve_seconds)
    forecast = simulate(case, plan, runs=2000, seed=1)
    dates = tuple(PublishedDate(id=each.id, p80=each.p80) for each in forecast.applications if each.p80)
    announced = msgspec.structs.replace(case, published=dates)
    for now in HOURS:
        told = troubles(case, plan, now, Random(seed))
        before = as_planned(case, plan, now, told)
        began = time.monotonic()
        found = replan(announced, plan, told, before=before, now=now)
        seconds = time.monotonic() - began
        free = replan(case, plan, told, before=before, now=now, freeze_hours=0)
        yield {
            "seed": seed, "now": now, "tasks": len(case.tasks), "events": len(told), "seconds": round(seconds, 3),
            "moved_in_window": len(found.in_window), "forced": len(found.forced), "chosen": len(found.chosen),
            "published": len(found.dates), "dates_moved": sum(date.chosen for date in found.dates),
            "dates_broken_by_events": sum(date.repaired - date.published > 48 for date in found.dates),
            "dates_two_days_from_repaired": sum(abs(date.now - date.repaired) > 48 for date in found.dates),
            "loss": found.plan.loss, "gained": _part(found), "free_gain": _part(free),
            "share_of_free_gain": found.gained / free.gained if free.gained > 0 else 1.0,
        }  # fmt: skip


def _part(found: Replan) -> float:
    return found.gained / found.repaired.loss


def troubles(case: Case, plan: Plan, now: int, random: Random) -> tuple[Event, ...]:
    """Return what goes wrong at an hour: tasks that run or are near are late, gates passed lately fail, people out."""
    tasks = {task.id: task for task in case.tasks}
    worked = [each for each in plan.tasks if tasks[each.task].work_hours]
    running = [each for each in worked if each.start < now < each.end]
    near = [each for each in worked if now <= each.start < now + 168]
    late = random.sample(running, min(LATE // 2, len(running)))
    told: list[Event] = [
        TaskLate(task=each.task, remaining_hours=tasks[each.task].work_hours + random.randint(8, 40))
        for each in late
    ]
    told += [
        TaskLate(task=each.task, remaining_hours=2 * tasks[each.task].work_hours + random.randint(4, 24))
        for each in random.sample(near, min(LATE - len(late), len(near)))
    ]
    gates = [
        each.task for each in plan.tasks if tasks[each.task].kind == "gate" and now - 120 <= each.end <= now
    ]
    told += [GateFailed(task=task) for task in random.sample(gates, min(FAILED, len(gates)))]
    busy = {person for each in near if each.start < now + 96 for person in each.people}
    staff = [person.id for person in case.people if person.kind == "staff" and person.id in busy]
    told += [
        PersonAbsent(person=person, from_hour=now, to_hour=now + 168)
        for person in random.sample(staff, min(OUT, len(staff)))
    ]
    return tuple(told)
