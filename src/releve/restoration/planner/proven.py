"""A plan and its bound, sought at the same time: each needs the whole of it.

The bound is proved by a process of its own (`proving.py`). A linear program does not look at the clock often: as a
thread it went on, on one of two cores, after the plan had been returned; a process is ended with it.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress

import msgspec

from releve.restoration.case import Case
from releve.restoration.plan import Plan
from releve.restoration.planner.bound import lower_bound, proves_by_program
from releve.restoration.planner.decode import identified
from releve.restoration.planner.solve import solve

__all__ = ["solve_and_prove"]

_LATE = 0.05  # of the seconds: how long a proof is waited for that is on its way when they have passed


def solve_and_prove(
    case: Case,
    *,
    seed: int = 1,
    seconds: float = 10.0,
    progress: Callable[[float, float], None] | None = None,
) -> Plan:
    """Return the plan found in so many seconds, with the bound proven beside it; `progress` as in `solve`.

    Raises:
        RuntimeError: the proof broke.
    """
    if not proves_by_program():
        bound = lower_bound(case, seconds=seconds)
        plan = solve(case, seed=seed, seconds=seconds, progress=progress)
        return _with_bound(plan, bound)
    began = time.monotonic()
    with _Prover(case, seconds) as prover:
        plan = solve(case, seed=seed, seconds=seconds, progress=progress)
        bounds = prover.bounds(max(began + seconds * (1 + _LATE) - time.monotonic(), 0.0))
    return _with_bound(plan, max(bounds, default=None))


def _with_bound(plan: Plan, bound: float | None) -> Plan:
    found = None if bound is None else min(bound, plan.loss)
    return identified(msgspec.structs.replace(plan, bound=found))


class _Prover:
    """The process that proves, ended on the way out."""

    def __init__(self, case: Case, seconds: float) -> None:
        self._process = subprocess.Popen(
            (sys.executable, "-m", "releve.restoration.planner.proving", repr(seconds)),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        assert self._process.stdin is not None
        # Its input stays open: when this process ends without a word, that one reads the end of it and ends, too.
        with suppress(BrokenPipeError):  # it broke already: its code will be seen
            self._process.stdin.write(msgspec.json.encode(case) + b"\n")
            self._process.stdin.flush()

    def __enter__(self) -> _Prover:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def bounds(self, seconds: float) -> list[float]:
        """Return the bounds proved by the end of so many seconds, sooner when it has no more to prove."""
        try:
            code = self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            code = 0
        if code:
            raise RuntimeError(f"the proof of a bound ended with {code}")
        said = self._end()
        return [float(line) for line in said.splitlines(keepends=True) if line.endswith(b"\n")]

    def _end(self) -> bytes:
        """End it if it has not; return what it said and was not read yet."""
        self._process.kill()
        said = b""
        with suppress(BrokenPipeError), self._process as ended:  # closes what is open, and waits
            if ended.stdout is not None and not ended.stdout.closed:
                said = ended.stdout.read()
        return said
