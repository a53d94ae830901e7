"""The way from one order to a better one, when time is short."""

import time

import pytest

from releve.restoration.invented import generate
from releve.restoration.planner.decode import grid_that_holds
from releve.restoration.replanning.searching import Engine, steps_towards


def test_out_of_time_the_best_step_tried_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without any step the whole way is left or nothing: when the whole moves too many dates, nothing is saved."""
    monkeypatch.setenv("RELEVE_PLANNER", "python")
    grid, order, _ = grid_that_holds(generate(12, 3))
    engine = Engine(grid)
    ways = [
        ([*order[:k], *order[k + 1 :], order[k]], [order[k], *order[:k], *order[k + 1 :]]) for k in range(12)
    ]
    last, first = max(ways, key=lambda way: engine.cost(way[0]) - engine.cost(way[1]))

    steps = steps_towards(engine, last, first, most=40, deadline=time.monotonic() - 1.0)

    assert len(steps) == 2
    assert engine.cost(steps[1].order) == steps[1].cost < steps[0].cost
