"""An island of its own for each test, admissions open, with its pages served by Django's client or for a browser."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import django_ready  # noqa: F401  (before any table or page)

# isort: split

from admissions_island import PASSWORD, AdmissionsIsland
from django.db import connections
from django.test import Client

from releve.bedside.shell import provide
from releve.web import shell
from releve.web.acting import use_recorder
from screens import pages_served, stop_clocks


@pytest.fixture
def closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AdmissionsIsland]:
    """Return an island in normal times, with one person of each role that matters here, at 03:10 on 21 November."""
    made = AdmissionsIsland(tmp_path)
    stop_clocks(monkeypatch, lambda: made.now_ms)
    use_recorder(lambda: made)
    before = shell._provider
    shell.set_provider(provide)
    made.account("nkervella", "nurse", ("2140",), family="KERVELLA", given="Nadia")
    made.account("hvasseur", "physician", ("2140",), family="VASSEUR", given="Hélène")
    made.account("andiaye", "clerk", family="N’DIAYE", given="Aminata")
    made.account("lrey", "laboratory", family="REY", given="Lise")
    yield made
    use_recorder(None)
    shell.set_provider(before)
    made.close()
    for alias in ("default", "runtime"):
        connections[alias].close()


@pytest.fixture
def island(closed: AdmissionsIsland) -> AdmissionsIsland:
    """Return the island once identity and movements are cut: admissions are written here."""
    closed.cut()
    return closed


@pytest.fixture
def enter(closed: AdmissionsIsland) -> Callable[[str], Client]:
    """Return a function: the client of a screen where this person is signed in."""

    def enter(code: str) -> Client:
        client = Client()
        answer = client.post("/sign-in/", {"badge": code, "pin": PASSWORD})
        assert answer.status_code == 302
        return client

    return enter


@pytest.fixture
def nurse(island: AdmissionsIsland, enter: Callable[[str], Client]) -> Client:
    """Return a client where a nurse of 2140 is signed in, admissions open."""
    return enter("nkervella")


@pytest.fixture
def served(island: AdmissionsIsland) -> Iterator[str]:
    """Return the address where the island's pages are really served."""
    with pages_served() as address:
        yield address
