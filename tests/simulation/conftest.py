"""Cuts and crashes of the same islands as in `tests/scenarios`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "scenarios"))

from island_fixtures import island, island_in, made

__all__ = ["island", "island_in", "made"]
