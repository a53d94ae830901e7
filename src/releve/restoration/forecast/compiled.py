"""The loops compiled by numba as they stand (`MODULES`): the same results, some hundred times faster.

Imported only where runs are asked for, and only when numba is there: see `engine.py`. Rows are handed on as bare
pointers: see `pointers.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba import njit

from releve.restoration.forecast import draw, play, presence, sums
from releve.restoration.forecast.unchanging import read_only, record_read_only
from releve.restoration.planner.pointers import bare, make_compilable, stamp_of

__all__ = ["MODULES", "draw_runs", "play_one", "play_runs", "sum_up"]

MODULES = draw, play, presence, sums
make_compilable(MODULES)


def _entries(stamp: int) -> tuple[Callable[..., None], ...]:
    """Return what is called from outside. What is compiled is kept beside this file, under the stamp of the others."""

    @njit(cache=True, nogil=True)
    def draw_runs(
        t: Any, d: Any, f: Any, seed: int, first_run: int, runs: int, shifts: Any, drawn: Any
    ) -> None:
        if stamp:
            draw.draw_runs(
                record_read_only(t),
                read_only(d),
                read_only(f),
                seed,
                first_run,
                runs,
                bare(shifts),
                bare(drawn),
            )

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
            rows = bare(back), bare(first), bare(down)
            play.play_runs(
                record_read_only(t),
                read_only(d),
                record_read_only(s),
                bare(w),
                read_only(drawn),
                first_run,
                runs,
                *rows,
            )

    @njit(cache=True, nogil=True)
    def play_one(t: Any, d: Any, s: Any, w: Any) -> None:
        if stamp:
            play.play(record_read_only(t), read_only(d), record_read_only(s), bare(w))

    @njit(cache=True, nogil=True)
    def sum_up(
        m: Any, d: Any, f: Any, first_run: int, last_run: int,
        back: Any, first: Any, down: Any, served: Any, lost: Any, curve: Any,
    ) -> None:  # fmt: skip
        if stamp:
            rows = bare(back), bare(first), bare(down), bare(served), bare(lost), bare(curve)
            sums.sum_up(record_read_only(m), read_only(d), read_only(f), first_run, last_run, *rows)

    return draw_runs, play_runs, play_one, sum_up


draw_runs, play_runs, play_one, sum_up = _entries(stamp_of(MODULES))
