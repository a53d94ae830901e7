"""Runs, compiled when numba is there, in pure Python otherwise; `RELEVE_PLANNER=python` forces the second."""

from __future__ import annotations

import os
from bisect import bisect_left
from importlib.util import find_spec
from typing import Any

from releve.restoration.forecast.tables import Policy, scratch

THREADS = 2  # the machine it was made for; what is computed does not depend on it
_PARTS = 4
_CHUNK = 64  # runs drawn at once: what was drawn stays in the processor's cache

__all__ = ["Played", "Room", "compiles", "play_policy"]


class Played:
    """What many runs gave, run after run in one row each; `NOWHERE` or beyond the horizon: not within it.

    `back`, `first`, `down`: by application, for good, the first time, out again. `served`: hour by service.
    `lost`: care by service. `curve`: care lost by day.
    """

    def __init__(self, policy: Policy, runs: int, rows: dict[str, Any]) -> None:
        self.policy, self.runs, self.rows = policy, runs, rows
        self._ordered: dict[str, Any] = {}

    def column(self, name: str, width: int, index: int) -> list[Any]:
        """Return one column of a row that has so many a run, in the order of the runs."""
        row = self.rows[name][index::width]
        return row.tolist() if hasattr(row, "tolist") else row

    def ordered(self, name: str, width: int, index: int) -> Any:
        """Return one column in order: a list, or an array where runs are compiled."""
        row = self.rows[name]
        if isinstance(row, list):
            return sorted(row[index::width])
        if name not in self._ordered:
            import numpy as np

            self._ordered[name] = np.sort(np.ascontiguousarray(row.reshape(self.runs, width).T), axis=1)
        return self._ordered[name][index]

    def sums(self, name: str, width: int) -> list[float]:
        """Return what each run gave in all, sorted."""
        row = self.rows[name]
        if isinstance(row, list):
            return sorted(sum(row[at : at + width]) for at in range(0, len(row), width))
        # One after the other, as a sum of a list does: sums in another order differ in their last digits.
        whole = row.reshape(self.runs, width).cumsum(axis=1)[:, -1]
        whole.sort()
        return list(whole.tolist())

    def mean(self, name: str, width: int, index: int) -> float:
        """Return the mean of one column."""
        row = self.rows[name][index::width]
        return (sum(row) if isinstance(row, list) else float(row.cumsum()[-1])) / self.runs

    def latest(self, name: str, width: int, index: int, beyond: int) -> Any:
        """Return one column in order, what never was (a number below 0) as `beyond`, last."""
        hours = self.ordered(name, width, index)
        never = bisect_left(hours, 0)
        if not never:
            return hours
        if isinstance(hours, list):
            return [*hours[never:], *([beyond] * never)]
        import numpy as np

        return np.append(hours[never:], np.full(never, beyond, hours.dtype))


def compiles() -> bool:
    """Return whether runs are compiled here."""
    return os.environ.get("RELEVE_PLANNER") != "python" and find_spec("numba") is not None


def play_policy(policy: Policy, runs: int, seed: int) -> Played:
    """Return what `runs` runs of a policy gave."""
    m = policy.sums
    room = Room(policy, compiled=compiles())
    whole = {"back": m.applications, "first": m.applications, "down": m.applications, "served": m.services}
    reals = {"lost": m.services, "curve": m.days}
    rows: dict[str, Any] = {name: room.whole(runs * width) for name, width in whole.items()}
    rows |= {name: room.reals(runs * width) for name, width in reals.items()}
    if not room.compiled:
        room.play(seed, 0, runs, rows)
        return Played(policy, runs, rows)
    from concurrent.futures import ThreadPoolExecutor

    # Several parts each: where another program has one of the processors, the other takes more of them.
    share = -(-runs // (THREADS * _PARTS))
    with ThreadPoolExecutor(THREADS) as pool:
        parts = [
            pool.submit(room.play, seed, begin, min(begin + share, runs), rows)
            for begin in range(0, runs, share)
        ]
        for part in parts:
            part.result()
    return Played(policy, runs, rows)


class Room:
    """The loops, compiled or not, and the rows they work on."""

    def __init__(self, policy: Policy, *, compiled: bool) -> None:
        self.policy, self.compiled = policy, compiled
        if compiled:
            from releve.restoration.forecast import compiled as loops
        else:
            from releve.restoration.forecast import plain as loops  # type: ignore[no-redef]
        self.loops: Any = loops
        self.d, self.f = self._read(policy.whole), self._read(policy.reals)
        self.sums_d, self.sums_f = self._read(policy.sums_whole), self._read(policy.sums_reals)

    def play(self, seed: int, begin: int, end: int, rows: dict[str, Any]) -> None:
        """Play runs from one number to another and write what they gave into the rows."""
        tables = self.policy.tables
        places, length = scratch(tables)
        t, s, m = self.record(tables), self.record(places), self.record(self.policy.sums)
        w, shifts = self.whole(length), self.reals(tables.kinds + tables.applications)
        drawn = self.whole(places.bucket * min(_CHUNK, max(end - begin, 1)))
        for first in range(begin, end, _CHUNK):
            runs = min(_CHUNK, end - first)
            self.loops.draw_runs(t, self.d, self.f, seed, first, runs, shifts, drawn)
            self.loops.play_runs(
                t, self.d, s, w, drawn, first, runs, rows["back"], rows["first"], rows["down"]
            )
        self.loops.sum_up(
            m, self.sums_d, self.sums_f, begin, end,
            *(rows[name] for name in ("back", "first", "down", "served", "lost", "curve")),
        )  # fmt: skip

    def record(self, places: Any) -> Any:
        """Return counts and places as compiled code takes them: by reference, where a tuple would be copied."""
        if not self.compiled:
            return places
        import numpy as np

        return np.array([tuple(places)], [(name, np.int64) for name in places._fields])[0]

    def whole(self, count: int) -> Any:
        """Return a row of so many whole numbers."""
        if not self.compiled:
            return [0] * count
        import numpy as np

        return np.zeros(count, np.int32)

    def reals(self, count: int) -> Any:
        """Return a row of so many reals."""
        if not self.compiled:
            return [0.0] * count
        import numpy as np

        return np.zeros(count)

    def _read(self, row: Any) -> Any:
        if not self.compiled:
            return row.tolist()
        import numpy as np

        return np.frombuffer(row, np.int32 if row.typecode == "i" else np.float64)
