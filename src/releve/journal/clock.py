"""The hybrid logical clock: an order for display that survives clocks that jump. Pure.

Source: Kulkarni et al., "Logical Physical Clocks", 2014, bounded so that one wrong clock cannot carry all others away.
"""

from releve.journal.errors import ClockError

AHEAD_MS_MAX = 60_000  # what a foreign entry may be ahead of our clock and still move it


class HybridClock:
    """Gives (wall milliseconds, counter) pairs that only grow, whatever the machine's clock does.

    >>> clock = HybridClock()
    >>> clock.tick(1000), clock.tick(1000), clock.tick(400), clock.tick(1001)
    ((1000, 0), (1000, 1), (1000, 2), (1001, 0))
    >>> clock.observe(90_000_000, 0, now_ms=1001)
    False
    """

    __slots__ = ("counter", "wall_ms")

    def __init__(self, wall_ms: int = -1, counter: int = 0) -> None:
        self.wall_ms = wall_ms
        self.counter = counter

    def tick(self, now_ms: int) -> tuple[int, int]:
        """Return the stamp of a new local entry, greater than every stamp given or observed before."""
        if now_ms < 0:
            raise ClockError("the machine's clock is before 1970")
        if now_ms > self.wall_ms:
            self.wall_ms, self.counter = now_ms, 0
        else:
            self.counter += 1
        return self.wall_ms, self.counter

    def observe(self, wall_ms: int, counter: int, *, now_ms: int) -> bool:
        """Move past a foreign entry's stamp; return False, and stay, when it is over a minute ahead of us."""
        if wall_ms > now_ms + AHEAD_MS_MAX:
            return False
        if (wall_ms, counter) > (self.wall_ms, self.counter):
            self.wall_ms, self.counter = wall_ms, counter
        return True

    def copy(self) -> "HybridClock":
        """Return a clock that moves apart from this one."""
        return HybridClock(self.wall_ms, self.counter)
