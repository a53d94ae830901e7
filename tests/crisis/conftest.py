"""An island of its own for each test, at 03:10, with its pages served by Django's client or for a browser."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import django_ready  # noqa: F401  (before any table or page)

# isort: split

from crisis_island import PASSWORD, Island
from django.db import connections
from django.test import Client

from releve.bedside.shell import provide
from releve.web import shell
from releve.web.acting import use_recorder
from screens import pages_served, stop_clocks


class Running(Island):
    """The island whose clock the pages read too."""


@pytest.fixture
def island(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Island]:
    """Return an island with one person of each role that matters here, at 03:10 on 21 November."""
    made = Running(tmp_path)
    stop_clocks(monkeypatch, lambda: made.now_ms)
    use_recorder(lambda: made)
    before = shell._provider
    shell.set_provider(provide)
    made.account("nkervella", "nurse", ("2110",), family="KERVELLA", given="Nadia")
    made.account("srousseau", "nurse", ("2110", "2120"), family="ROUSSEAU", given="Solène")
    made.account("hvasseur", "physician", ("2110",), family="VASSEUR", given="Hélène")
    made.account("ylegoff", "crisis", family="LE GOFF", given="Yann")
    made.account("mollivier", "it", family="OLLIVIER", given="Marc")
    made.account("andiaye", "clerk", family="N’DIAYE", given="Aminata")
    yield made
    use_recorder(None)
    shell.set_provider(before)
    made.close()
    for alias in ("default", "runtime"):
        connections[alias].close()


@pytest.fixture
def enter(island: Island) -> Callable[[str], Client]:
    """Return a function: the client of a screen where this person is signed in."""

    def enter(code: str) -> Client:
        client = Client()
        answer = client.post("/sign-in/", {"badge": code, "pin": PASSWORD})
        assert answer.status_code == 302
        return client

    return enter


@pytest.fixture
def served(island: Island) -> Iterator[str]:
    """Return the address where the island's pages are really served."""
    with pages_served() as address:
        yield address
