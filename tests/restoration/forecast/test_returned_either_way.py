"""How much is back by each day: counted in lists and in arrays, the same."""

import random

import pytest

from releve.restoration.forecast.returned import Parts, _in_array, _in_list

RUNS, WIDTH, HORIZON = 40, 6, 240


@pytest.mark.parametrize(
    "things",
    [
        pytest.param([(1.0, [n]) for n in (0, 2, 3, 5)], id="one column each"),
        pytest.param([(1.0, [0]), (1.0, [1, 4]), (1.0, [])], id="of several columns, and of none"),
        pytest.param([(12.5, [0]), (40.0, [3]), (0.0, [5])], id="patients a day"),
    ],
)
def test_lists_and_arrays_count_the_same_return_of_the_whole(things: Parts) -> None:
    """The curve a crisis unit shows outside must not depend on whether numba could be installed."""
    np = pytest.importorskip("numpy")
    chance = random.Random(5)
    # -1: never in that run; beyond the horizon: not within what was looked at.
    hours = [chance.choice((-1, HORIZON + 1, *range(0, HORIZON + 1, 7))) for _ in range(RUNS * WIDTH)]

    in_lists = _in_list(hours, RUNS, WIDTH, things, HORIZON)
    in_arrays = _in_array(np.array(hours, np.int32), RUNS, WIDTH, things, HORIZON)

    assert in_lists[: len(in_arrays)] == in_arrays
    assert all(day == in_arrays[-1] for day in in_lists[len(in_arrays) :])
    assert in_arrays[0] != in_arrays[-1]
