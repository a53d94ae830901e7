"""The room of the bedside, where lines are prescribed: see `tests/departments/ward_room.py`."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent))
sys.path.insert(0, str(Path(__file__).parent))

from ward_room import enter, island, nurse, served

__all__ = ["enter", "island", "island_class", "nurse", "served"]


@pytest.fixture
def island_class() -> type:
    """Return the island on which lines are prescribed by messages."""
    from dose_island import DoseIsland

    return DoseIsland
