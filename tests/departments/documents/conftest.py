"""The island of the bedside rooms: see `tests/departments/observations`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "observations"))

from bedside_room import enter, island, nurse, served

__all__ = ["enter", "island", "nurse", "served"]
