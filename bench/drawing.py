"""A plan of 1,200 bars drawn as SVG: milliseconds and size. `python -m bench drawing` or `python -m bench.drawing`.

Hours are made up (six tasks an application, one after the other): what is drawn weighs the same for any plan.
"""

from __future__ import annotations

import argparse
import gzip
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from statistics import median

from bench.figures import Line, keep, load_now
from releve.restoration.case import (
    Application,
    Case,
    Impact,
    Person,
    Service,
    Skill,
    SkillCount,
    Task,
    TaskKind,
)
from releve.restoration.drawing.curve import CurvePoint, curve_svg
from releve.restoration.drawing.gantt import Quantiles, gantt_svg
from releve.restoration.drawing.load import load_svg
from releve.restoration.plan import BackAt, Plan, PlannedTask

APPLICATIONS, TASKS, TEAMS = 200, 6, 12
MILLISECONDS_MAX, KIB_MAX = 200.0, 300.0
KINDS: tuple[TaskKind, ...] = ("contain", "rebuild", "restore", "scan", "test", "gate")


def measure(rounds: int = 3) -> int:
    """Measure, print and keep the figures; return 0."""
    load = load_now()
    case, plan, dates, states = _plan()
    points = [CurvePoint(float(hour), hour / 2400, hour / 2700, hour / 3000) for hour in range(0, 2400, 12)]
    drawn: dict[str, Callable[[], str]] = {
        "Gantt": lambda: gantt_svg(case, plan, dates, states=states, before=plan),
        "load of twelve teams": lambda: load_svg(case, plan),
        "curve of two hundred steps": lambda: curve_svg(case, points),
    }
    lines, raw = [], {}
    for name, draw in drawn.items():
        times, size = [], 0
        for _ in range(rounds):
            began = time.perf_counter()
            svg = draw()
            times.append((time.perf_counter() - began) * 1000)
            size = len(svg.encode())
        found, kib = median(times), size / 1024
        raw[name] = {
            "milliseconds": [round(one, 1) for one in times],
            "bytes": size,
            "gzip_bytes": len(gzip.compress(svg.encode())),
        }
        lines += [
            Line(f"{name}, 1,200 tasks, drawn", "≤ 200 ms", f"{found:.0f} ms", found <= MILLISECONDS_MAX),
            Line(f"{name}, 1,200 tasks, size", "≤ 300 KiB", f"{kib:.0f} KiB", kib <= KIB_MAX),
        ]
    keep("drawing", lines, load, raw)
    return 0


def _plan() -> tuple[Case, Plan, dict[str, Quantiles], dict[str, str]]:
    """Return a case of 1,200 tasks with names as long as real ones, a plan, a forecast, and what was reported."""
    skills = tuple(Skill(id=f"s{n}", name=f"Équipe {n}") for n in range(TEAMS))
    people = tuple(Person(id=f"p{n}", skills=(f"s{n % TEAMS}",)) for n in range(TEAMS * 4))
    applications = tuple(
        Application(id=f"A{n:03d}", name=f"Application de soins numéro {n}") for n in range(APPLICATIONS)
    )
    tasks, planned = [], []
    for n, application in enumerate(applications):
        at = n * 11
        for number, kind in enumerate(KINDS):
            hours = 0 if kind == "gate" else 8 + 6 * number
            id_ = f"{application.id}-{kind}"
            tasks.append(
                Task(
                    id=id_, application=application.id, kind=kind, name=f"{kind} et vérifier, étape {number + 1}",
                    work_hours=hours, team=(SkillCount(skill=f"s{(n + number) % TEAMS}"),),
                )
            )  # fmt: skip
            planned.append(
                PlannedTask(
                    task=id_,
                    start=at,
                    end=at + hours,
                    people=(f"p{(n + number) % (TEAMS * 4)}",) if hours else (),
                )
            )
            at += hours
    backs = tuple(BackAt(id=one.id, hour=n * 11 + 130) for n, one in enumerate(applications))
    service = Service(
        id="care", requires=tuple(one.id for one in applications), impact=(Impact(from_day=0, per_day=1),)
    )
    case = Case(
        starts_at=datetime(2026, 11, 21, 1, 44, tzinfo=UTC), now=700, skills=skills, people=people,
        applications=applications, tasks=tuple(tasks), services=(service,),
    )  # fmt: skip
    plan = Plan(id="p", order=tuple(one.id for one in applications), tasks=tuple(planned), applications=backs)
    dates = {one.id: Quantiles(one.hour + 10, one.hour + 60, one.hour + 200) for one in backs}
    states = {one.task: "done" for one in planned if one.end < 700}
    return case, plan, dates, states


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    sys.exit(measure(parser.parse_args().rounds))
