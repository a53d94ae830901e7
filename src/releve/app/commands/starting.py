"""How long ago the program was started, and its end when a search that nobody waits for any more is still at work."""

from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path

__all__ = ["SEARCHES", "leave", "note", "seconds_ago"]

SEARCHES = "search "  # begins the names of threads that may be left behind

_began: float | None = None  # of `time.monotonic`


def note() -> None:
    """Take note of when this process was started; what is called in another program's process is not asked."""
    global _began
    now = time.monotonic()
    try:
        told = Path("/proc/self/stat").read_text(encoding="utf-8", errors="replace")
        ticks = int(told.rpartition(")")[2].split()[19])
        _began = now - max(0.0, time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK"))
    # Not Linux: the interpreter's own start is not seen.
    except (OSError, ValueError, IndexError, AttributeError):
        _began = now


def seconds_ago() -> float:
    """Return how long ago the program was started, 0 where that was not noted."""
    return 0.0 if _began is None else time.monotonic() - _began


def leave(code: object) -> None:
    """End the process at once with this status when a search is still at work; all has been said by then.

    A solver is asked to stop and does, but on a busy machine seconds later; ended by Python, it would take the process
    down with it.
    """
    if code in (None, 0) and any(one.name.startswith(SEARCHES) for one in threading.enumerate()):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)
