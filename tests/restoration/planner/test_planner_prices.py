"""Prices of people's hours: whatever they are, what they prove is lost by every plan."""

from __future__ import annotations

import time
from datetime import datetime
from itertools import permutations, product
from random import Random
from typing import Any, Final

import pytest

from releve.restoration.case import (
    Application,
    Calendar,
    Case,
    Impact,
    Need,
    Person,
    Resource,
    Service,
    Skill,
    SkillCount,
    Task,
    Use,
    WorkingHours,
)
from releve.restoration.planner import bound
from releve.restoration.planner.decode import grid_that_holds
from releve.restoration.planner.grid import Grid, Patience
from releve.restoration.planner.placing import loss_of, place

pytest.importorskip("scipy")
pytest.importorskip("numba")

_EVERY_DAY: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def narrow(seed: int) -> Case:
    """Four people for ten tasks: by day and by night, one who can do both, two together, benches to share."""
    random = Random(seed)
    names = [f"a{k}" for k in range(5)]
    tasks = []
    for name in names:
        hours = [random.randrange(2, 18) for _ in range(2)]
        pair = random.random() < 0.4
        uses = (Use(resource="bench"),) if random.random() < 0.5 else ()
        team = (SkillCount(skill="x", count=2),) if pair else (SkillCount(skill="x"),)
        tasks.append(Task(id=f"{name}.1", application=name, work_hours=hours[0], team=team, uses=uses))
        both = (
            (SkillCount(skill="y"), SkillCount(skill="x"))
            if random.random() < 0.3
            else (SkillCount(skill="y"),)
        )
        tasks.append(
            Task(id=f"{name}.2", application=name, work_hours=hours[1], team=both, after=(f"{name}.1",))
        )
    return Case(
        starts_at=datetime.fromisoformat("2026-11-23T00:00:00+01:00"),
        calendars=(
            Calendar(id="days", week=(WorkingHours(days=_EVERY_DAY, from_hour=8, to_hour=18),)),
            Calendar(id="late", week=(WorkingHours(days=_EVERY_DAY, from_hour=12, to_hour=23),)),
        ),
        skills=(Skill(id="x"), Skill(id="y")),
        people=(
            Person(id="p1", skills=("x",), calendar="days"),
            Person(id="p2", skills=("x",), calendar="days"),
            Person(id="p3", skills=("y", "x"), calendar="late"),
            Person(id="p4", skills=("y",), calendar="days"),
        ),
        resources=(Resource(id="bench", units=1),),
        applications=tuple(
            Application(id=name, needs=(Need(application="a0"),) if k and random.random() < 0.4 else ())
            for k, name in enumerate(names)
        ),
        tasks=tuple(tasks),
        services=tuple(
            Service(
                id=f"s{name}", requires=(name, *random.sample(names, random.randrange(2))),
                impact=(Impact(from_day=0, per_day=random.randrange(5, 60)),),
            )
            for name in names
        ),
    )  # fmt: skip


def best_of(grid: Grid) -> float:
    """Return the care lost by the best of all orders and of some ways to spare people."""
    patiences = [
        Patience(grid.teams, [dict.fromkeys(range(k), hours)] * len(grid.teams))
        for k, hours in product((0, 2, 3), (6, 40))
    ]
    return min(
        loss_of(grid, place(grid, order, patience).end)[0]
        for order in permutations(range(len(grid.own)))
        for patience in patiences
    )


def hourly_of(grid: Grid, last: int) -> tuple[Any, Any, Any]:
    """Return what the prices stand on: the program, its multipliers and the case by the hour."""
    from releve.restoration.planner.buckets import boundaries
    from releve.restoration.planner.hourly import Hourly
    from releve.restoration.planner.program import Builder

    builder = Builder(grid, boundaries(grid, last, bound._WEEKLY))
    multipliers = bound._multipliers(builder.program, 60.0)
    return builder, multipliers, Hourly(grid, builder, boundaries(grid, last, bound._FINEST))


def test_what_prices_prove_is_no_more_than_the_best_plan_loses_and_not_far_below() -> None:
    """A bound that is too high says that a bad plan cannot be improved; one far below says nothing."""
    from releve.restoration.planner.prices import prices_of, proofs

    parts = []
    for seed in range(40, 46):
        grid, order, _ = grid_that_holds(narrow(seed))
        best = best_of(grid)
        builder, multipliers, hourly = hourly_of(grid, max(place(grid, order).end))

        found = list(proofs(hourly, prices_of(builder, multipliers, hourly), time.monotonic() + 60.0))

        assert max(found) <= best * (1 + 1e-9)
        parts.append((max(found) - bound.unhindered(grid)) / max(best - bound.unhindered(grid), 1e-9))
    assert sum(parts) / len(parts) > 0.4  # of what is lost by waiting for one another


def test_any_prices_and_anything_told_prove_something_that_holds() -> None:
    """What is proven must not hang on how well prices were chosen: the clock may end the search for them anywhere."""
    import numpy as np

    for seed in range(60, 66):
        grid, order, _ = grid_that_holds(narrow(seed))
        best = best_of(grid)
        hourly = hourly_of(grid, max(place(grid, order).end))[2]
        random = np.random.default_rng(seed)
        for size in (0.01, 0.3, 3.0):
            hourly.price(size * random.random(hourly.offered.shape))
            hourly.tell(0.5)
            hourly.told += 0.01 * random.random(hourly.told.shape)

            assert hourly.proven() <= best * (1 + 1e-9)


def test_hours_held_are_counted_by_who_holds_them() -> None:
    """Prices rise where more is held than there is: what is held must be the hours of people from first to last."""
    case = narrow(70)
    grid, order, _ = grid_that_holds(case)
    hourly = hourly_of(grid, max(place(grid, order).end))[2]

    held = hourly.tell(1e-6)

    least = sum(
        task.work_hours * (sum(line.count for line in task.team) + len(task.uses)) for task in case.tasks
    )
    assert (
        held.sum() >= least - 1e-6
    )  # nights between, when a bench is held and a colleague waits, come on top
    assert held.sum() <= 3 * least


def test_where_nothing_is_compiled_the_program_proves_over_ever_finer_parts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An installation with scipy alone has a bound, too."""
    grid, order, _ = grid_that_holds(narrow(71))
    last = max(place(grid, order).end)
    monkeypatch.setattr(bound, "is_compiled", lambda: False)

    found = bound.bound_of(grid, last, deadline=time.monotonic() + 30.0)

    assert bound.unhindered(grid) < found <= best_of(grid)
