"""The same islands, driven by hypothesis: what it finds, it makes short."""

import os

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from planted_errors import PLANTED, planted_error
from simulated_island import Violation
from simulated_keys import ORIGINS
from simulated_world import START_US, World

origin = st.sampled_from(ORIGINS)


class Islands(RuleBasedStateMachine):
    """Rules are what may happen; the invariants are those of the simulated world."""

    planted = ""
    healed: list[World] = []

    def __init__(self) -> None:
        super().__init__()
        self.world = World(1, self.planted)
        self.world.loss = self.world.garbling = 0.0

    def _later(self, milliseconds: int = 600) -> None:
        self.world.us += milliseconds * 1000

    @rule(by=origin)
    def record(self, by: str) -> None:
        """An island records."""
        self._later()
        self.world.record(by)

    @rule(by=origin, source=origin, power=st.none() | st.integers(-1, 3))
    def pull(self, by: str, source: str, power: int | None) -> None:
        """An island pulls from another, after those it was refused may be asked again; its power may go meanwhile."""
        self._later(61_000)
        if power is not None:
            self.world.places[by].disk.crash_in = power
        if by not in (source, self.world.owned):
            with planted_error(self.planted):
                self.world.pull(by, source)

    @rule(at=origin)
    def lose_power(self, at: str) -> None:
        """The power goes now."""
        self.world.places[at].disk.lose_power()
        self.world.places[at].boot()

    @rule(at=origin, milliseconds=st.sampled_from([-172_800_000, -30_000, 0, 30_000, 172_800_000]))
    def set_clock(self, at: str, milliseconds: int) -> None:
        """Somebody sets a clock."""
        self.world.places[at].offset_us = milliseconds * 1000

    @rule(source=origin, reader=origin)
    def cut_or_join(self, source: str, reader: str) -> None:
        """A line fails in one direction, or works again."""
        self.world.cut ^= {(source, reader)}

    @precondition(lambda self: self.world.us > START_US)
    @rule(of=origin, reader=origin, back=st.integers(0, 3), more=st.booleans())
    def show_another_history(self, of: str, reader: str, back: int, more: bool) -> None:
        """The owned island (the first that is attacked) shows somebody another history."""
        if self.world.owned in (None, of):
            self.world.fork(of, (reader,), back, more)

    @invariant()
    def everything_holds(self) -> None:
        """Nothing lost, forged, or signed for without being held."""
        self.world.check()

    def teardown(self) -> None:
        """At the end everything works again, and all who are not owned hold the same."""
        with planted_error(self.planted):
            self.world.heal()
        self.healed.append(self.world)


BOUNDS = settings(
    max_examples=int(os.environ.get("RELEVE_ROUNDS", "10")) * 2,
    stateful_step_count=30,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
)

FINDING = settings(BOUNDS, print_blob=False, phases=[Phase.generate], report_multiple_bugs=False)


def test_no_sequence_of_events_breaks_what_the_islands_promise() -> None:
    """Where the seeds stumble about, hypothesis looks for the shortest way."""
    healed: list[World] = []
    run_state_machine_as_test(type("Watched", (Islands,), {"healed": healed}), settings=BOUNDS)

    assert len(healed) >= BOUNDS.max_examples
    assert any(world.owned for world in healed), "nobody was attacked"
    for world in healed:
        honest = [origin for origin in ORIGINS if origin != world.owned]
        for origin in honest:
            recorded = world.places[origin].logs[origin].rows
            copies = [world.places[by].logs for by in honest]
            assert recorded
            assert all(origin in logs and logs[origin].rows == recorded for logs in copies)


def test_hypothesis_finds_what_was_planted_too() -> None:
    """Who signs before storing is found out by one pull in which the power goes; making it short takes longer."""
    assert "cosign-before-store" in PLANTED
    hasty = type("Hasty", (Islands,), {"planted": "cosign-before-store"})
    with pytest.raises(Violation, match="signed for"):
        run_state_machine_as_test(hasty, settings=FINDING)
