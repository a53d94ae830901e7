"""The small island of these tests, its clock, and clients of several readers."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import django_ready  # noqa: F401  (before any table or page)

# isort: split

from bedside_island import NOW_MS, PASSWORD, BedsideIsland
from django.db import connections
from django.test import Client

from releve.web import shell
from screens import addresses_of_the_island, pages_served, stop_clocks


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> int:
    """Stop every clock of the pages at 03:10."""
    stop_clocks(monkeypatch, lambda: NOW_MS)
    return NOW_MS


@pytest.fixture
def island(tmp_path: Path, still: int) -> Iterator[BedsideIsland]:
    """Return the small island; the shell says its state, as when it is served."""
    from releve.bedside.pages import boards
    from releve.bedside.shell import provide

    (tmp_path / "views").mkdir()
    made = BedsideIsland(tmp_path / "views")
    boards.clear()
    shell.set_provider(provide)
    with addresses_of_the_island():
        yield made
    boards.clear()
    for alias in ("default", "runtime", "fold"):
        connections[alias].close()


@pytest.fixture
def enter(island: BedsideIsland) -> Callable[..., Client]:
    """Return a function: a client where somebody of this role and these wards is signed in."""

    def enter(role: str = "nurse", wards: tuple[str, ...] = ("2140",)) -> Client:
        code = f"{role}{''.join(wards)}"
        island.account(code, role, wards)
        client = Client()
        assert client.post("/sign-in/", {"badge": code, "pin": PASSWORD}).status_code == 302
        return client

    return enter


@pytest.fixture
def nurse(enter: Callable[..., Client]) -> Client:
    """Return a client where a nurse of 2140 is signed in."""
    return enter()


@pytest.fixture
def served(island: BedsideIsland) -> Iterator[str]:
    """Return the address where the island's pages are really served."""
    with pages_served() as address:
        yield address
