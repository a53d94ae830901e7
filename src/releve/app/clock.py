"""The time of this machine. The only place of the house that asks for it, besides the edges of sockets."""

import time

__all__ = ["now_us"]


def now_us() -> int:
    """Return the UTC time in microseconds since 1970."""
    return time.time_ns() // 1000
