"""A source within its bounds: so many bytes and entries a second, so long at a time."""

import time
from collections.abc import Callable

from releve.islands.exchange import layout
from releve.islands.exchange.layout import CheckpointPath, TilePath
from releve.islands.exchange.quota import Bucket
from releve.islands.exchange.source import Source, SourceGone, copy

__all__ = ["Bounded", "TurnOver"]


WAIT_SECONDS_MAX = 5.0  # at once


class TurnOver(SourceGone):
    """One log had its time; it goes on where it is when its turn comes again."""


class Bounded:
    """What one log may take of a source, and of us. `checkpoint`: its checkpoint, which was read already; `rates`: of
    bytes and of entries, shared by all logs of the source.
    """

    def __init__(
        self,
        source: Source,
        checkpoint: bytes,
        rates: tuple[Bucket, Bucket],
        monotonic: Callable[[], float],
        seconds: float,
        sleep: Callable[[float], None] = time.sleep,
        *,
        processor: Bucket | None = None,
        worked: Callable[[], float] = time.thread_time,
    ) -> None:
        self._source = source
        self._checkpoint: bytes | None = checkpoint
        self._bytes, self._entries = rates
        self._monotonic = monotonic
        self._until = monotonic() + seconds
        self._sleep = sleep
        self._processor = processor
        self._worked = worked
        self._worked_before = worked()

    def get(self, path: str, limit: int) -> bytes | None:
        """Return the file of that name, as a `Source` does, not sooner than the bounds allow.

        Raises:
            TurnOver: its time is over.
        """
        named = layout.parse_path(path)
        if isinstance(named, CheckpointPath) and self._checkpoint is not None:
            first, self._checkpoint = self._checkpoint, None
            return first
        self._check_time()
        found = self._source.get(path, limit)
        self._pay(
            len(found or b""), named.width if isinstance(named, TilePath) and named.level is None else 0
        )
        return found

    def copy(self, path: str, limit: int, to: Callable[[bytes], object]) -> bool:
        """Hand the file of that name to `to` as `copy` does; what is asked for next waits until the bounds allow it.

        Raises:
            TurnOver: its time is over.
        """
        self._check_time()
        size = 0

        def count(piece: bytes) -> None:
            nonlocal size
            to(piece)
            size += len(piece)

        found = copy(self._source, path, limit, count)
        self._pay(size)
        return found

    def _check_time(self) -> None:
        now = self._monotonic()
        if now > self._until:
            raise TurnOver("expected an end within the time of one log; it goes on next time", "slow")
        # Large bundles cost more at once than one wait makes good: what is still owed is waited for between turns.
        if self._processor is not None and self._processor.take(0.0, now=now) > WAIT_SECONDS_MAX:
            raise TurnOver("expected it to have been waited for what it cost; it goes on next time", "slow")

    def _pay(self, size: int, entries: int = 0) -> None:
        now = self._monotonic()
        wait = max(self._bytes.take(size, now=now), self._wait_for_processor(now))
        if entries:
            wait = max(wait, self._entries.take(entries, now=now))
        if wait > 0:
            self._sleep(wait)

    def _wait_for_processor(self, now: float) -> float:
        """Return how long to leave the processor to those who record, after what this source cost since last asked."""
        before, self._worked_before = self._worked_before, self._worked()
        if self._processor is None:
            return 0.0
        return min(WAIT_SECONDS_MAX, self._processor.take(self._worked_before - before, now=now))

    def close(self) -> None:
        """Let go of what the source holds open."""
        self._source.close()
