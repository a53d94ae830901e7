"""When a search ends: at a moment, or after so many tries."""

import time
from collections.abc import Callable

__all__ = ["after", "counted"]


def after(moment: float) -> Callable[[], bool]:
    """Return a question that is answered yes from this moment of the monotonic clock on."""
    return lambda: time.monotonic() >= moment


def counted(times: int) -> Callable[[], bool]:
    """Return a question that is answered no so many times, then yes."""
    left = iter(range(times))
    return lambda: next(left, None) is None
