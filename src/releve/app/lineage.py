"""No process of an island outlives the one that watches it: nobody else would end it, and it would hold ports."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable

__all__ = ["dies_with_parent", "follow_parent"]

_PR_SET_PDEATHSIG = 1  # <sys/prctl.h>


def follow_parent(parent: int | None = None, number: int = signal.SIGTERM) -> None:
    """Let the kernel send `number` to this process when its parent ends, however it ends.

    `parent` is the process id the parent had: who is already an orphan ends at once. Linux only, elsewhere nothing.
    """
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, number)
    if parent is not None and os.getppid() != parent:
        os.kill(os.getpid(), number)


def dies_with_parent() -> Callable[[], None]:
    """Return what a child has to do between fork and exec (`preexec_fn`); made before the fork."""
    parent = os.getpid()
    if sys.platform == "linux":
        ctypes.CDLL(None)  # loaded here: nothing is imported or opened after the fork
    return lambda: follow_parent(parent)
