"""The room of the bedside, whose hospital has a formulary: see `tests/departments/ward_room.py`."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent))
sys.path.insert(0, str(Path(__file__).parent.parent / "administration"))
sys.path.insert(0, str(Path(__file__).parent))

from ward_room import enter, island, nurse, served

__all__ = ["enter", "island", "island_class", "nurse", "served"]


@pytest.fixture
def island_class() -> type:
    """Return the island whose hospital supplied its formulary, limits and protocols."""
    from line_island import LineIsland

    return LineIsland
