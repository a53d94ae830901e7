"""How fast passphrases may be guessed: a pause that grows for one address, and one bound for all of them together.

Cards are not bounded: what they share cannot be guessed, and keepers must get in while somebody hammers the page.
"""

import threading
from collections import deque

__all__ = ["Guesses"]

FREE = 3  # tries of one address before it waits
PAUSE_SECONDS_MAX = 300.0
ALL_PER_MINUTE = 20
ADDRESSES_MAX = 1000  # beyond, the oldest is forgotten: memory is not an attacker's either


class Guesses:
    """Counts wrong tries. `now` is seconds of a clock that never goes back."""

    def __init__(self) -> None:
        self._wrong: dict[str, tuple[int, float]] = {}
        self._all: deque[float] = deque()
        self._lock = threading.Lock()

    def wait_seconds(self, address: str, now: float) -> float:
        """Return how long this address has to wait before its next try, 0.0 when it may try now."""
        with self._lock:
            wrong, last = self._wrong.get(address, (0, now))
            pause = min(PAUSE_SECONDS_MAX, 5.0 * 2 ** (wrong - FREE)) if wrong >= FREE else 0.0
            mine = max(0.0, last + pause - now)
            while self._all and self._all[0] < now - 60.0:
                self._all.popleft()
            everybody = self._all[0] + 60.0 - now if len(self._all) >= ALL_PER_MINUTE else 0.0
            return max(mine, everybody)

    def was_wrong(self, address: str, now: float) -> None:
        """Count a wrong try."""
        with self._lock:
            wrong, _ = self._wrong.pop(address, (0, now))
            self._wrong[address] = (min(wrong + 1, 32), now)
            self._all.append(now)
            while len(self._wrong) > ADDRESSES_MAX:
                del self._wrong[next(iter(self._wrong))]
