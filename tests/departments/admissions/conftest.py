"""An island of its own for each test, admissions open, with its pages served by Django's client or for a browser."""

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
os.environ.setdefault("RELEVE_DATA", tempfile.mkdtemp(prefix="releve-admissions-"))
# Playwright's blocking interface runs a loop in this thread; nothing here is asynchronous.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
sys.path.insert(0, str(Path(__file__).parent))

import django
from django.apps import apps

if not apps.ready:
    django.setup()

from admissions_island import PASSWORD, AdmissionsIsland
from django.db import connections
from django.test import Client

from releve.bedside.shell import provide
from releve.web import shell
from releve.web.acting import use_recorder


@pytest.fixture
def closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AdmissionsIsland]:
    """Return an island in normal times, with one person of each role that matters here, at 03:10 on 21 November."""
    from django.urls import get_resolver

    assert get_resolver("releve.web.urls").url_patterns  # loads the pages, whose clocks are stopped next
    made = AdmissionsIsland(tmp_path)
    for name, module in list(sys.modules.items()):
        if name.startswith("releve.") and callable(getattr(module, "now_ms", None)):
            monkeypatch.setattr(module, "now_ms", lambda: made.now_ms)
    use_recorder(lambda: made)
    shell.set_provider(provide)
    made.account("nkervella", "nurse", ("2140",), family="KERVELLA", given="Nadia")
    made.account("hvasseur", "physician", ("2140",), family="VASSEUR", given="Hélène")
    made.account("andiaye", "clerk", family="N’DIAYE", given="Aminata")
    made.account("lrey", "laboratory", family="REY", given="Lise")
    yield made
    use_recorder(None)
    shell.set_provider(None)
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


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class _Threaded(ThreadingMixIn, WSGIServer):
    daemon_threads = True


@pytest.fixture
def served(island: AdmissionsIsland) -> Iterator[str]:
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

    for catalogue in (Path(__file__).parents[3] / "src/releve").rglob("locale/fr/LC_MESSAGES/django.po"):
        compiled = catalogue.with_suffix(".mo")
        if not compiled.exists() or compiled.stat().st_mtime < catalogue.stat().st_mtime:
            with catalogue.open("rb") as source, compiled.open("wb") as target:
                mofile.write_mo(target, pofile.read_po(source, locale="fr"))
