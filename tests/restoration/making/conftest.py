"""The island of the pages of the restoration, whose requests for plans are answered here."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent.parent / "departments"))
sys.path.insert(0, str(Path(__file__).parent.parent / "drawing"))
sys.path.insert(0, str(Path(__file__).parent.parent / "pages"))

from restoration_island import RestorationIsland
from ward_room import island

__all__ = ["island", "island_class"]


@pytest.fixture
def island_class() -> type[RestorationIsland]:
    """Return the island with a catalogue."""
    return RestorationIsland
