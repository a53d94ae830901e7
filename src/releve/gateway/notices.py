"""Log lines that cannot drown the log: the same event from the same address is told once, then counted."""

from __future__ import annotations

import logging
import time

logger = logging.getLogger("releve.gateway")

# A broken sender retries many times a second; a person reads one line every ten seconds.
QUIET_SECONDS = 10.0
_REMEMBERED_MAX = 4096


class Notices:
    """Tell each (event, address) at most once per `QUIET_SECONDS`, with the count of those left out."""

    def __init__(self) -> None:
        self._told: dict[tuple[str, str], tuple[float, int]] = {}

    def tell(self, event: str, address: str, level: int = logging.WARNING) -> None:
        """Write `address: event`; both are ours, never a value received."""
        now = time.monotonic()
        told_at, left_out = self._told.get((event, address), (-QUIET_SECONDS, 0))
        if now - told_at < QUIET_SECONDS:
            self._told[event, address] = (told_at, left_out + 1)
            return
        if len(self._told) > _REMEMBERED_MAX:
            self._told.clear()
        self._told[event, address] = (now, 0)
        more = f" ({left_out} more in the last seconds)" if left_out else ""
        logger.log(level, "%s: %s%s", address, event, more)
