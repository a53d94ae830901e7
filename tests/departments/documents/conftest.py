"""The room of the bedside: see `tests/departments/ward_room.py`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from ward_room import enter, island, island_class, nurse, served

__all__ = ["enter", "island", "island_class", "nurse", "served"]
