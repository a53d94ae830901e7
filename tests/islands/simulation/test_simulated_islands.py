"""Random schedules of three islands, one of which may be owned: what was acknowledged stays, what is copied is true."""

import os
import time
from collections.abc import Callable

import pytest
from planted_errors import PLANTED
from simulated_island import Violation
from simulated_world import World

STEPS = 120
HALVES = 2  # a worker each


@pytest.fixture(scope="session")
def seconds(rounds: int) -> float:
    """Return how long schedules are tried: 60 s in make test, an hour in make soak, or RELEVE_SIMULATION_SECONDS.

    Each of the halves takes half of it; on two workers they run at the same time.
    """
    return float(os.environ.get("RELEVE_SIMULATION_SECONDS", "60" if rounds <= 10 else "3600"))


@pytest.mark.soak
@pytest.mark.timeout(0)  # it ends by itself, at the hour that was asked for
@pytest.mark.parametrize("first", range(HALVES), ids=["even seeds", "odd seeds"])
def test_no_schedule_loses_forges_or_signs_for_what_is_not_held(
    first: int, seconds: float, record_property: Callable[[str, object], None]
) -> None:
    """Network, disks, clocks, crashes and an owned island in any order: the two others keep the truth, and meet again.

    A seed that fails is played again with `python tests/islands/simulation/simulated_world.py SEED`.
    """
    end, seed, steps, owned = time.monotonic() + seconds / HALVES, first, 0, 0
    while time.monotonic() < end:
        world = World(seed)
        world.run(STEPS)
        seed, steps, owned = seed + HALVES, steps + world.steps, owned + (world.owned is not None)
    schedules = (seed - first) // HALVES
    record_property(
        "counted",
        f"three islands simulated for {seconds / HALVES:g} s, seeds {first}, {first + HALVES} … {seed - HALVES:,}: "
        f"{schedules:,} schedules of {STEPS} steps, {steps:,} steps in all, {owned:,} with an owned island",
    )
    assert schedules > 0


def run_seeds(first: int, planted: str) -> None:
    """Play sixty seeds."""
    for seed in range(first, first + 60):
        World(seed, planted).run(STEPS)


@pytest.mark.parametrize("planted", PLANTED)
def test_an_error_planted_in_the_code_is_found(planted: str) -> None:
    """A simulation that finds nothing proves something only if it finds what is there."""
    with pytest.raises(Violation, match=r"^seed \d+, step \d+: "):
        run_seeds(80 if planted == "bundle-unproved" else 0, planted)  # one schedule in twenty finds that one


def test_a_seed_gives_the_same_schedule_again() -> None:
    """A failure that cannot be played again cannot be understood."""
    worlds = [World(7), World(7)]
    for world in worlds:
        world.run(STEPS)
    first, second = worlds
    assert first.acknowledged == second.acknowledged
    assert first.seen == second.seen
    assert [place.accused for place in first.places.values()] == [
        place.accused for place in second.places.values()
    ]
