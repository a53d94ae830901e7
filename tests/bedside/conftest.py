"""The small island of these tests, its clock, and clients of several readers."""

import os
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "releve.web.settings")
os.environ.setdefault("RELEVE_DATA", tempfile.mkdtemp(prefix="releve-bedside-"))
# Playwright's blocking interface runs a loop in this thread; nothing here is asynchronous.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")

import django
from django.apps import apps

if not apps.ready:
    django.setup()

from bedside_island import NOW_MS, PASSWORD, BedsideIsland
from django.db import connections
from django.test import Client, override_settings
from django.urls import get_resolver

from releve.web import shell


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> int:
    """Stop every clock of the pages at 03:10."""
    with override_settings(ROOT_URLCONF="releve.web.urls"):
        assert get_resolver("releve.web.urls").url_patterns  # loads the pages, whose clocks are stopped next
    monkeypatch.setattr(shell, "now_ms", lambda: NOW_MS)
    for name, module in list(sys.modules.items()):
        if name.startswith("releve.") and callable(getattr(module, "now_ms", None)):
            monkeypatch.setattr(module, "now_ms", lambda: NOW_MS)
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
    with override_settings(ROOT_URLCONF="releve.web.urls"):
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


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class _Threaded(ThreadingMixIn, WSGIServer):
    daemon_threads = True


@pytest.fixture
def served(island: BedsideIsland) -> Iterator[str]:
    """Return the address where the island's pages are really served."""
    from django.core.wsgi import get_wsgi_application

    server = make_server("127.0.0.1", 0, get_wsgi_application(), server_class=_Threaded, handler_class=_Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join(5)


def pytest_configure(config: pytest.Config) -> None:
    """Compile the French words when they are not, as `make setup` does."""
    from babel.messages import mofile, pofile

    for catalogue in (Path(__file__).parents[2] / "src/releve").rglob("locale/fr/LC_MESSAGES/django.po"):
        compiled = catalogue.with_suffix(".mo")
        if not compiled.exists() or compiled.stat().st_mtime < catalogue.stat().st_mtime:
            with catalogue.open("rb") as source, compiled.open("wb") as target:
                mofile.write_mo(target, pofile.read_po(source, locale="fr"))
