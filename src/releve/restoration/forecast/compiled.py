"""`draw.py`, `play.py` and `sums.py` compiled by numba as they stand: the same results, some hundred times faster.

Imported only where runs are asked for, and only when numba is there: see `engine.py`. What is compiled is kept beside
each file, and made again when that file changes: no function called from a loop stands in another file.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

from numba import njit
from numba.extending import register_jitable

from releve.restoration.forecast import draw, play, sums

__all__ = ["draw_runs", "play_one", "play_runs", "sum_up"]

# The rows belong to who calls. To count who holds them, at each call of one function by another, took a seventh of
# the time: two threads counted on the same rows.
_OPTIONS = {"_nrt": False}


def _own_functions(module: ModuleType) -> list[Any]:
    return [
        value
        for value in vars(module).values()
        if callable(value) and getattr(value, "__module__", "") == module.__name__
    ]


for _module in (draw, play, sums):
    for _function in _own_functions(_module):
        register_jitable(**_OPTIONS)(_function)

draw_runs = njit(cache=True, nogil=True, **_OPTIONS)(draw.draw_runs)
play_runs = njit(cache=True, nogil=True, **_OPTIONS)(play.play_runs)
play_one = njit(cache=True, nogil=True, **_OPTIONS)(play.play)
sum_up = njit(cache=True, nogil=True, **_OPTIONS)(sums.sum_up)
