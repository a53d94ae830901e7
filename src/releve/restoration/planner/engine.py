"""Which decoder works here: compiled when numba is installed, in pure Python otherwise, with the same results.

RELEVE_PLANNER=python asks for the pure one. What numba compiled is kept beside the package, or in the user's cache
folder when that cannot be written, or where `keep_compiled_in` says.
"""

from __future__ import annotations

import importlib.util
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from releve.restoration.planner.along import Along
from releve.restoration.planner.grid import Grid, Patience
from releve.restoration.planner.placing import Placed, cost_of, place
from releve.restoration.planner.pulling import Pulled

__all__ = ["Engine", "PlannerWalk", "engine_for", "is_compiled", "keep_compiled_in"]


class PlannerWalk(Protocol):
    """An annealing that can be gone on with."""

    patience: Patience
    best_patience: Patience

    @property
    def order(self) -> list[int]: ...
    @property
    def cost(self) -> float: ...
    @property
    def best(self) -> list[int]: ...
    @property
    def best_cost(self) -> float: ...
    def be(self, patience: Patience) -> None: ...
    def take(self, order: Sequence[int], patience: Patience) -> None: ...
    def wait(self, number: int, person: int, hours: int, threshold: float) -> None: ...
    def step(self, moves: int, hot: float, cold: float) -> None: ...


class Engine(Protocol):
    """Decodes orders of one grid, and walks among them; `groups` of applications are moved as a whole, too."""

    chunk: int  # moves in some tens of milliseconds, between two looks at the clock

    def cost(self, order: Sequence[int], patience: Patience | None = None) -> float: ...
    def place(self, order: Sequence[int], patience: Patience | None = None) -> Placed: ...
    def walk(
        self, order: Sequence[int], patience: Patience | None, seed: int, groups: Sequence[Sequence[int]] = ()
    ) -> PlannerWalk: ...


class _Pure:
    chunk = 10

    def __init__(self, grid: Grid) -> None:
        self._grid = grid
        self._made: tuple[Along, Pulled] | None = None

    def cost(self, order: Sequence[int], patience: Patience | None = None) -> float:
        return cost_of(self._grid, self.place(order, patience))

    def place(self, order: Sequence[int], patience: Patience | None = None) -> Placed:
        return place(self._grid, order, patience)

    def walk(
        self, order: Sequence[int], patience: Patience | None, seed: int, groups: Sequence[Sequence[int]] = ()
    ) -> PlannerWalk:
        from releve.restoration.planner.annealing import Walk

        if self._made is None:
            self._made = Along(self._grid), Pulled(self._grid)
        along, pulled = self._made
        patience = self._grid.patience if patience is None else patience
        return Walk(order, patience, along, pulled, seed, groups)


class _Compiled:
    chunk = 200

    def __init__(self, grid: Grid) -> None:
        from releve.restoration.planner.fast import Fast

        self._fast = Fast(grid)
        self.cost = self._fast.cost
        self.place = self._fast.place

    def walk(
        self, order: Sequence[int], patience: Patience | None, seed: int, groups: Sequence[Sequence[int]] = ()
    ) -> PlannerWalk:
        from releve.restoration.planner.fast import FastWalk

        patience = self._fast.grid.patience if patience is None else patience
        return FastWalk(self._fast, order, patience, seed, groups)


def engine_for(grid: Grid) -> Engine:
    """Return the compiled decoder where there is one, else the pure one."""
    return _Compiled(grid) if is_compiled() else _Pure(grid)


def is_compiled() -> bool:
    """Return whether plans are made compiled here."""
    if os.environ.get("RELEVE_PLANNER", "") == "python":
        return False
    if importlib.util.find_spec("numba") is None or importlib.util.find_spec("numpy") is None:
        return False
    _find_room()
    return True


def keep_compiled_in(folder: Path) -> None:
    """Keep what is compiled in this folder, such as one under the data folder; call it before the first plan."""
    os.environ.setdefault("NUMBA_CACHE_DIR", str(folder))


def _find_room() -> None:
    """Make sure numba has a folder to write to: without any it refuses to compile at all."""
    if os.environ.get("NUMBA_CACHE_DIR"):
        return
    package = Path(__file__).parent / "__pycache__"
    user = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser())
    for folder in (package, user):
        there = next((one for one in (folder, *folder.parents) if one.exists()), None)
        if there is not None and os.access(there, os.W_OK | os.X_OK):
            return
    # Of this process alone: code read back from a folder others can write to would be theirs.
    os.environ["NUMBA_CACHE_DIR"] = tempfile.mkdtemp(prefix="releve-planner-")
