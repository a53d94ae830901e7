"""The best schedule and the best bound so far, kept by engines that run side by side."""

from __future__ import annotations

import threading
from collections.abc import Callable

__all__ = ["Incumbent"]


class Incumbent:
    """What is known of the shortest schedule; safe between threads. Starts are by places."""

    def __init__(self, makespan: int, starts: tuple[int, ...], bound: int) -> None:
        self._lock = threading.Lock()
        self._makespan, self._starts, self._bound = makespan, starts, bound
        self._when_settled: list[Callable[[], object]] = []

    @property
    def best(self) -> tuple[int, tuple[int, ...]]:
        """The shortest makespan found and its starts."""
        with self._lock:
            return self._makespan, self._starts

    @property
    def bound(self) -> int:
        """No schedule ends before."""
        with self._lock:
            return min(self._bound, self._makespan)

    @property
    def settled(self) -> bool:
        """Whether the best schedule is known to be the shortest."""
        with self._lock:
            return self._bound >= self._makespan

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

    def when_settled(self, act: Callable[[], object]) -> None:
        """Call `act`, from whichever thread it was, once the best schedule is known to be the shortest."""
        with self._lock:
            self._when_settled.append(act)
        self._tell()

    def _tell(self) -> None:
        if self.settled:
            with self._lock:
                acts, self._when_settled = self._when_settled, []
            for act in acts:
                act()
