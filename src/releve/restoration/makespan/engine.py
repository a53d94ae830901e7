"""The kernels as they run here: compiled when numba is installed, else as they stand.

`RELEVE_PLANNER=python` forces the second (tests do). Nothing heavy is imported before `kernels()` is called.
"""

from __future__ import annotations

import os
from importlib.util import find_spec
from types import FunctionType, SimpleNamespace
from typing import Any

from releve.restoration.makespan import kernels as source

__all__ = ["has_numba", "has_ortools", "kernels_as_written", "kernels_compiled"]

_compiled: SimpleNamespace | None = None


def has_numba() -> bool:
    """Return whether kernels can be compiled here, and nobody asked for pure Python."""
    return _wanted("numba")


def has_ortools() -> bool:
    """Return whether CP-SAT is installed here, and nobody asked for pure Python."""
    return _wanted("ortools")


def _wanted(package: str) -> bool:
    return os.environ.get("RELEVE_PLANNER") != "python" and find_spec(package) is not None


def kernels_as_written() -> SimpleNamespace:
    """Return the kernels in pure Python; they take lists."""
    return SimpleNamespace(**{kernel.__name__: kernel for kernel in source.KERNELS})


def kernels_compiled() -> SimpleNamespace:
    """Return the kernels compiled by numba; they take numpy arrays of int64 and let other threads run.

    The first call of each compiles it (some seconds); the next process reads it from numba's cache.
    """
    global _compiled
    if _compiled is None:
        from numba import njit

        # Each kernel again, over names of its own in which the others are compiled too: one source for both.
        names: dict[str, Any] = {"__name__": source.__name__}
        for kernel in source.KERNELS:
            twin = FunctionType(kernel.__code__, names, kernel.__name__)
            try:
                names[kernel.__name__] = njit(cache=True, nogil=True)(twin)
            except RuntimeError:  # no folder here can be written to for the cache
                names[kernel.__name__] = njit(nogil=True)(twin)
        _compiled = SimpleNamespace(**{kernel.__name__: names[kernel.__name__] for kernel in source.KERNELS})
    return _compiled
