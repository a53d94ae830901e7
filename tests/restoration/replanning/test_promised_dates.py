"""Dates that were announced: few of those that stand are moved, and what is told of them is simulated."""

from msgspec.structs import replace
from troubled import NOW, planned, troubles

from releve.restoration.case import Case, PublishedDate
from releve.restoration.forecast.simulate import simulate
from releve.restoration.planner.grid import compile_case
from releve.restoration.planner.orders import smith_order
from releve.restoration.replanning.promises import TOLERANCE_HOURS, Promise, moved_dates
from releve.restoration.replanning.replan import MOVED_DATES_MAX, replan
from releve.restoration.replanning.searching import Engine, better_order, steps_towards

RUNS = 30


def announced(seed: int) -> Case:
    """Return the hospital with the P80 of each application announced."""
    case, plan = planned(seed)
    forecast = simulate(case, plan, runs=RUNS, seed=1)
    dates = tuple(PublishedDate(id=each.id, p80=each.p80) for each in forecast.applications if each.p80)
    return replace(case, published=dates)


def test_what_is_told_of_a_date_is_the_p80_of_the_new_plan() -> None:
    """A number made up inside a search must not reach a ward."""
    _, plan = planned(1)
    before, told = troubles(1)

    found = replan(announced(1), plan, told, before=before, now=NOW, iterations=30, runs=RUNS)

    forecast = simulate(found.case, found.plan, runs=RUNS, seed=1)
    p80 = {each.id: each.p80 for each in forecast.applications}
    assert found.dates
    assert all(date.now == p80[date.id] for date in found.dates)
    assert sum(date.chosen for date in found.dates) <= MOVED_DATES_MAX


def test_a_new_plan_that_would_move_too_many_dates_is_not_taken() -> None:
    """Eleven wards told again for a unit of care: the twelfth announcement is not believed."""
    _, plan = planned(2)
    before, told = troubles(2)
    case = announced(2)
    known = replan(case, plan, told, before=before, now=NOW, iterations=30, runs=RUNS)
    # Announced to the hour as the events leave it: whatever comes two days later is moved by the new plan.
    dates = tuple(PublishedDate(kind=date.kind, id=date.id, p80=date.repaired) for date in known.dates)

    found = replan(
        replace(case, published=dates), plan, told, before=before, now=NOW, iterations=60, runs=RUNS
    )

    assert sum(date.now - date.published > TOLERANCE_HOURS for date in found.dates) <= MOVED_DATES_MAX


def test_a_date_that_comes_earlier_stands_and_one_broken_by_events_is_not_chosen() -> None:
    """Who is told the twelfth is not told anew because it might be the ninth."""
    promises = [
        Promise("application", "early", published=500, p80=400.0),
        Promise("application", "broken", published=500, p80=600.0),
        Promise("service", "moved", published=500, p80=510.0),
    ]
    p80 = {("application", "early"): 300.0, ("application", "broken"): 640.0, ("service", "moved"): 560.0}

    dates = moved_dates(promises, p80)

    assert [promise.stands for promise in promises] == [True, False, True]
    assert [date.chosen for date in dates] == [False, False, True]
    assert [(date.repaired, date.now) for date in dates] == [(400, 300), (600, 640), (510, 560)]


def test_each_step_towards_a_better_order_loses_less_than_the_one_before() -> None:
    """The first steps bring most of the way, so that few dates move for it."""
    case, _ = planned(3)
    grid = compile_case(case)
    start = smith_order(grid)[::-1]
    target = better_order(Engine(grid), start, seed=1, iterations=60, deadline=0.0)

    steps = steps_towards(Engine(grid), start, target, most=6, deadline=None)

    costs = [step.cost for step in steps]
    assert 1 < len(steps) <= 7
    assert costs == sorted(costs, reverse=True)
    assert all(sorted(step.order) == sorted(start) for step in steps)
    assert Engine(grid).cost(steps[-1].order) == costs[-1]
