"""The room of the bedside (`tests/departments/ward_room.py`), whose island has two neighbours."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "departments"))
sys.path.insert(0, str(Path(__file__).parent))

from ward_room import enter, island, nurse, served

__all__ = ["enter", "island", "island_class", "nurse", "served"]


@pytest.fixture
def island_class() -> type:
    """Return the island that has neighbours."""
    from neighbours import NeighbourIsland

    return NeighbourIsland
