from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releve.journal.clock import AHEAD_MS_MAX, HybridClock
from releve.journal.errors import ClockError


@given(st.lists(st.integers(0, 10**15), min_size=2))
def test_stamps_only_grow_whatever_the_clock_does(walls: list[int]) -> None:
    """A server clock that jumps back must not put today's act before yesterday's."""
    clock = HybridClock()

    stamps = [clock.tick(wall) for wall in walls]

    assert all(later > earlier for earlier, later in pairwise(stamps))


def test_an_entry_a_minute_ahead_does_not_move_the_clock() -> None:
    """One owned island with a clock in 2036 must not carry the others with it."""
    clock = HybridClock(1_000, 0)

    believed = clock.observe(1_000 + AHEAD_MS_MAX + 1, 0, now_ms=1_000)

    assert not believed
    assert clock.tick(1_000) == (1_000, 1)


@given(st.integers(0, AHEAD_MS_MAX), st.integers(0, 10))
def test_what_follows_an_observed_entry_is_stamped_after_it(ahead: int, counter: int) -> None:
    """An answer must not stand before its question because two clocks differ by seconds."""
    clock = HybridClock(1_000, 3)

    believed = clock.observe(1_000 + ahead, counter, now_ms=1_000)

    assert believed
    assert clock.tick(1_000) > (1_000 + ahead, counter)


def test_a_copy_moves_apart() -> None:
    """A transaction that fails must leave the clock where it was."""
    clock = HybridClock(5, 0)
    clock.copy().tick(9)

    assert (clock.wall_ms, clock.counter) == (5, 0)


def test_a_clock_before_1970_is_refused() -> None:
    """A machine without a battery starts there; better to say so than to stamp negative times."""
    with pytest.raises(ClockError):
        HybridClock().tick(-1)
