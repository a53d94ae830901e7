"""The room of the bedside (`tests/departments/ward_room.py`), whose hospital has machines to clean."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

sys.path.insert(0, str(Path(__file__).parent.parent.parent / "departments"))
sys.path.insert(0, str(Path(__file__).parent))

from fleet_island import FleetIsland
from ward_room import enter, island, served

__all__ = ["enter", "island", "island_class", "served", "technician"]


@pytest.fixture
def island_class() -> type[FleetIsland]:
    """Return the island with machines."""
    return FleetIsland


@pytest.fixture
def technician(enter: Callable[..., Client]) -> Client:
    """Return a client where Marc OLLIVIER of the information systems is signed in."""
    return enter("it", wards=(), family="OLLIVIER", given="Marc")
