"""An island for each test, a clock that stands at 03:10, pages really served."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import django_ready  # noqa: F401  (before any table or page)

# isort: split

from django.db import connections
from django.test import Client, override_settings
from web_island import NOW_MS, PARIS, PASSWORD, Island

from releve.web import shell
from releve.web.acting import use_recorder
from screens import pages_served


@pytest.fixture
def island(tmp_path: Path) -> Iterator[Island]:
    """Return an island of its own."""
    made = Island(tmp_path)
    before = shell._provider
    shell.set_provider(None)
    use_recorder(lambda: made)
    yield made
    use_recorder(None)
    shell.set_provider(before)
    for alias in ("default", "runtime", "fold"):
        connections[alias].close()


@pytest.fixture
def at_three(monkeypatch: pytest.MonkeyPatch) -> int:
    """Stop the clock of the pages at 03:10."""
    monkeypatch.setattr(shell, "now_ms", lambda: NOW_MS)
    for module in ("templatetags.releve", "accounts.signin", "accounts.middleware", "acting"):
        monkeypatch.setattr(f"releve.web.{module}.now_ms", lambda: NOW_MS)
    return NOW_MS


@pytest.fixture
def show(island: Island) -> Callable[..., None]:
    """Return a function that sets what the shell says: show(mode="downtime", down=8)."""

    def set_shell(**said: Any) -> None:
        def provider(request: object) -> shell.Shell:
            base: dict[str, Any] = {
                "hospital": "Centre hospitalier de Valombre", "island": "A", "now_ms": shell.now_ms(), "zone": PARIS,
            }  # fmt: skip
            return shell.Shell(**{**base, **said})

        shell.set_provider(provider)

    return set_shell


@pytest.fixture
def client(island: Island) -> Client:
    """Return a client of the island, nobody signed in."""
    return Client(enforce_csrf_checks=False)


@pytest.fixture
def nurse(island: Island, client: Client) -> Client:
    """Return a client where Nadia KERVELLA, nurse in 2140, is signed in."""
    island.account("nkervella")
    answer = client.post("/sign-in/", {"badge": "nkervella", "pin": PASSWORD})
    assert answer.status_code == 302
    return client


@pytest.fixture
def specimen_urls() -> str:
    """Return the addresses that are served; a test file has its own."""
    return "web_specimen"


@pytest.fixture
def served(island: Island, specimen_urls: str) -> Iterator[str]:
    """Return the address where the island's pages are really served, specimen pages included."""
    with override_settings(ROOT_URLCONF=specimen_urls), pages_served() as address:
        yield address
