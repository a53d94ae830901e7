"""The best schedule and the best bound so far, kept by engines that run side by side."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator

__all__ = ["Incumbent"]


class Incumbent:
    """What is known of the shortest schedule; safe between threads. Starts are by places."""

    def __init__(self, makespan: int, starts: tuple[int, ...], bound: int) -> None:
        self._lock = threading.Lock()
        self._makespan, self._starts, self._bound = makespan, starts, bound
        self._watchers: list[Callable[[], object]] = []
        self._closed = False

    @property
    def best(self) -> tuple[int, tuple[int, ...]]:
        """The shortest makespan found and its starts."""
        with self._lock:
            return self._makespan, self._starts

    @property
    def makespan(self) -> int:
        """The shortest makespan found."""
        with self._lock:
            return self._makespan

    @property
    def bound(self) -> int:
        """No schedule ends before."""
        with self._lock:
            return min(self._bound, self._makespan)

    @property
    def settled(self) -> bool:
        """Whether the best schedule is known to be the shortest, or nobody waits for a better one any more."""
        with self._lock:
            return self._closed or self._bound >= self._makespan

    def close(self) -> None:
        """Take what was found for the last word: who still searches stops."""
        with self._lock:
            self._closed = True
        self._tell()

    def offer(self, makespan: int, starts: Callable[[], tuple[int, ...]]) -> None:
        """Take a schedule if it is shorter; `starts` is asked only then."""
        with self._lock:
            if makespan >= self._makespan:
                return
            self._makespan, self._starts = makespan, starts()
        self._tell()

    def raise_bound(self, bound: int) -> None:
        """Take a bound if it is higher."""
        with self._lock:
            if bound <= self._bound:
                return
            self._bound = bound
        self._tell()

    @contextlib.contextmanager
    def watched(self, act: Callable[[], object]) -> Iterator[None]:
        """Call `act` at each change meanwhile, from whichever thread makes it, and once at the start."""
        with self._lock:
            self._watchers.append(act)
        act()
        try:
            yield
        finally:
            with self._lock:
                self._watchers.remove(act)

    def _tell(self) -> None:
        with self._lock:
            watchers = list(self._watchers)
        for act in watchers:
            act()
