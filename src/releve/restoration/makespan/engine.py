"""The kernels as they run here: compiled when numba is installed, else as they stand.

`RELEVE_PLANNER=python` forces the second (tests do). Nothing heavy is imported before `kernels()` is called.
"""

from __future__ import annotations

import os
from importlib.util import find_spec
from types import SimpleNamespace

from releve.restoration.makespan import kernels as source

__all__ = ["has_numba", "has_ortools", "kernels_as_written", "kernels_compiled"]


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
    """Return what annealing needs of the kernels, compiled: it takes ctypes arrays of 64 bits and lets others run.

    The first time on a machine it is compiled (some seconds); the next process reads it.
    """
    from releve.restoration.makespan.machine_code import anneal_compiled

    return SimpleNamespace(anneal=anneal_compiled())
