"""The loops compiled by numba as they stand (`_MODULES`): the same results, some hundred times faster.

Imported only where runs are asked for, and only when numba is there: see `engine.py`. Rows are handed on as bare
pointers. As arrays, numba asks at each of them whether the place counts from the end, and at each call of one function
by another notes who holds them, which two threads then do to the same rows: together that took half the time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic, register_jitable

from releve.restoration.forecast import draw, play, presence, sums

__all__ = ["draw_runs", "play_one", "play_runs", "sum_up"]

_MODULES = draw, play, presence, sums


def _own_functions(module: ModuleType) -> list[Any]:
    return [
        value
        for value in vars(module).values()
        if callable(value) and getattr(value, "__module__", "") == module.__name__
    ]


for _module in _MODULES:
    for _function in _own_functions(_module):
        register_jitable(_function)


def _begin_of(_typing: Any, row: Any) -> Any:
    """Return where a row begins."""

    def lowered(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array = cgutils.create_struct_proxy(signature.args[0])(context, builder, value=arguments[0])
        return array.data

    return types.CPointer(row.dtype)(row), lowered


_bare: Any = intrinsic(_begin_of)


def _entries(stamp: int) -> tuple[Callable[..., None], ...]:
    """Return what is called from outside. What is compiled is kept beside this file, under the stamp of the others."""

    @njit(cache=True, nogil=True)
    def draw_runs(
        t: Any, d: Any, f: Any, seed: int, first_run: int, runs: int, shifts: Any, drawn: Any
    ) -> None:
        if stamp:
            draw.draw_runs(t, _bare(d), _bare(f), seed, first_run, runs, _bare(shifts), _bare(drawn))

    @njit(cache=True, nogil=True)
    def play_runs(
        t: Any,
        d: Any,
        s: Any,
        w: Any,
        drawn: Any,
        first_run: int,
        runs: int,
        back: Any,
        first: Any,
        down: Any,
    ) -> None:
        if stamp:
            rows = _bare(back), _bare(first), _bare(down)
            play.play_runs(t, _bare(d), s, _bare(w), _bare(drawn), first_run, runs, *rows)

    @njit(cache=True, nogil=True)
    def play_one(t: Any, d: Any, s: Any, w: Any) -> None:
        if stamp:
            play.play(t, _bare(d), s, _bare(w))

    @njit(cache=True, nogil=True)
    def sum_up(
        m: Any, d: Any, f: Any, first_run: int, last_run: int,
        back: Any, first: Any, down: Any, served: Any, lost: Any, curve: Any,
    ) -> None:  # fmt: skip
        if stamp:
            rows = _bare(back), _bare(first), _bare(down), _bare(served), _bare(lost), _bare(curve)
            sums.sum_up(m, _bare(d), _bare(f), first_run, last_run, *rows)

    return draw_runs, play_runs, play_one, sum_up


def _stamp() -> int:
    """Return a number, never 0, that is another one when what is compiled is."""
    written = hashlib.sha256()
    for module in _MODULES:
        written.update(Path(str(module.__file__)).read_bytes())
    return int.from_bytes(written.digest()[:7], "big") + 1


draw_runs, play_runs, play_one, sum_up = _entries(_stamp())
