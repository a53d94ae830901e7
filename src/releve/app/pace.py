"""How much of a backlog is folded at once, and how long the fold then leaves the processors to those who write.

A form that is sent costs the web some ten milliseconds of a processor, the boards that show it twice that; on a machine
of two a fold that never rests takes what they need, and forms queue before the web is even asked (measured). So each
act that comes while a backlog is folded earns everybody else a moment of rest. Nobody writes: the fold never rests.
However much is written, a share of the time remains its own, and a backlog ends.
"""

__all__ = ["ENTRIES_BULK", "ENTRIES_LIVE", "Pace"]

# One transaction, while the island lives: its size follows the speed of the machine, within these bounds.
ENTRIES_LIVE = 300
ENTRIES_BULK = 2_000
# A transaction costs as much as ten entries: of smaller steps a busy machine folds hardly any (measured).
ENTRIES_MIN = 40
STEP_SECONDS = 0.1
# After an act people are thought to write on: the next one waits for one such step at most.
WRITING_SECONDS = 2.0
WRITING_STEP_SECONDS = 0.02
REST_OF_AN_ACT_SECONDS = 0.05
# Of each five moments one remains for the backlog; acts that come all at once do not stop it for longer than this.
REST_TIMES_MAX = 4.0
OWED_SECONDS_MAX = 0.5


class Pace:
    """What one fold may take next, told by what it took before."""

    def __init__(self) -> None:
        self.entries = ENTRIES_LIVE  # of the next transaction
        self._owed = 0.0
        self._written_at = float("-inf")

    def took(self, entries: int, acts: int, seconds: float, now: float) -> float:
        """Return for how many seconds to rest after a step: `acts` of its entries went ahead of a backlog.

        `seconds`: what the step took, 0 when it left the backlog alone; `now`: by a clock that never jumps.

        >>> pace = Pace()
        >>> pace.took(300, 0, 0.1, 10.0), pace.took(302, 2, 0.1, 10.1), pace.took(60, 0, 0.02, 10.2)
        (0.0, 0.1, 0.0)
        """
        if acts:
            self._written_at = now
            self._owed = min(OWED_SECONDS_MAX, self._owed + acts * REST_OF_AN_ACT_SECONDS)
        wanted = WRITING_STEP_SECONDS if now - self._written_at < WRITING_SECONDS else STEP_SECONDS
        if seconds and entries - acts >= self.entries // 2 > 0:
            by_speed = int((entries - acts) / seconds * wanted)
            self.entries = min(ENTRIES_BULK, max(ENTRIES_MIN, by_speed))
        rest = min(self._owed, REST_TIMES_MAX * seconds)
        self._owed -= rest
        return rest
