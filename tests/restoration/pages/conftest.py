"""The room of the bedside (`tests/departments/ward_room.py`), whose hospital has applications to bring back."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

sys.path.insert(0, str(Path(__file__).parent.parent.parent / "departments"))
sys.path.insert(0, str(Path(__file__).parent.parent / "drawing"))
sys.path.insert(0, str(Path(__file__).parent))

from restoration_island import RestorationIsland
from ward_room import enter, island, served

__all__ = ["begun", "cell", "enter", "island", "island_class", "served", "technician"]


@pytest.fixture
def island_class() -> type[RestorationIsland]:
    """Return the island with a catalogue."""
    return RestorationIsland


@pytest.fixture
def begun(island: RestorationIsland) -> RestorationIsland:
    """Return the island thirty hours after the cut, a plan in force."""
    island.catalogue()
    island.crisis()
    island.plan()
    return island


@pytest.fixture
def technician(enter: Callable[..., Client]) -> Client:
    """Return a client where Marc OLLIVIER of the information systems is signed in."""
    return enter("it", wards=(), family="OLLIVIER", given="Marc")


@pytest.fixture
def cell(enter: Callable[..., Client]) -> Client:
    """Return a client where Yann LE GOFF of the crisis cell is signed in."""
    return enter("crisis", wards=(), family="LE GOFF", given="Yann")
