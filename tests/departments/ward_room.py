"""The room of every department that writes at a bedside: an island at 03:10, clients of several roles, pages served.

A department's conftest takes these fixtures over; one whose island has more to say gives its own `island_class`.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import django_ready  # noqa: F401  (before any table or page)

# isort: split

from django.db import connections
from django.test import Client
from ward_island import PASSWORD, WardIsland

from releve.web import shell
from releve.web.acting import use_recorder
from screens import addresses_of_the_island, pages_served, stop_clocks


@pytest.fixture
def island_class() -> type[WardIsland]:
    """Return what the island is made of; a room with more to say has its own."""
    return WardIsland


@pytest.fixture
def island(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, island_class: type[WardIsland]
) -> Iterator[WardIsland]:
    """Return an island whose clock stands at 03:10."""
    from releve.bedside.chart import chart, here
    from releve.bedside.pages import boards
    from releve.bedside.shell import provide
    from releve.record.chart import set_chart_provider

    made = island_class(tmp_path)
    stop_clocks(monkeypatch, lambda: made.now_ms)
    with addresses_of_the_island():
        use_recorder(lambda: made)
        boards.clear()
        before = shell._provider
        shell.set_provider(provide)
        set_chart_provider(chart, here)
        yield made
        use_recorder(None)
        shell.set_provider(before)
        boards.clear()
    for alias in ("default", "runtime", "fold"):
        connections[alias].close()


@pytest.fixture
def enter(island: WardIsland) -> Callable[..., Client]:
    """Return a function: a client where somebody of this role is signed in."""

    def enter(
        role: str = "nurse", wards: tuple[str, ...] = ("2140",), code: str = "", **names: str
    ) -> Client:
        code = code or f"{role}1"
        island.account(code, role, wards, **names)
        client = Client()
        assert client.post("/sign-in/", {"badge": code, "pin": PASSWORD}).status_code == 302
        return client

    return enter


@pytest.fixture
def nurse(enter: Callable[..., Client]) -> Client:
    """Return a client where Nadia KERVELLA, nurse of 2140, is signed in."""
    return enter()


@pytest.fixture
def served(island: WardIsland) -> Iterator[str]:
    """Return the address where the island's pages are really served."""
    with pages_served() as address:
        yield address
