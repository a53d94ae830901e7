"""An island for each test at 03:10, its recorder in memory, clients of several roles, pages really served."""

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
os.environ.setdefault("RELEVE_DATA", tempfile.mkdtemp(prefix="releve-line-"))
# Playwright's blocking interface runs a loop in this thread; nothing here is asynchronous.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
sys.path.insert(0, str(Path(__file__).parent.parent / "administration"))
sys.path.insert(0, str(Path(__file__).parent))

import django
from django.apps import apps

if not apps.ready:
    django.setup()

from babel.messages import mofile, pofile
from django.db import connections
from django.test import Client, override_settings
from django.urls import get_resolver
from line_island import PASSWORD, LineIsland

from releve.hospital import writing
from releve.web import shell
from releve.web.acting import use_recorder


@pytest.fixture
def island(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LineIsland]:
    """Return an island whose clock stands at 03:10, with its departments open."""
    from releve.bedside.chart import chart, here
    from releve.bedside.pages import boards
    from releve.bedside.shell import provide
    from releve.record.chart import set_chart_provider

    monkeypatch.setattr(writing, "OPEN_DEPARTMENTS", writing.OPEN_DEPARTMENTS | {"prescribing"})
    made = LineIsland(tmp_path)
    with override_settings(ROOT_URLCONF="releve.web.urls"):
        assert get_resolver("releve.web.urls").url_patterns  # loads the pages, whose clocks are stopped next
        for name, module in list(sys.modules.items()):
            if name.startswith("releve.") and callable(getattr(module, "now_ms", None)):
                monkeypatch.setattr(module, "now_ms", lambda: made.now_ms)
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
def enter(island: LineIsland) -> Callable[..., Client]:
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


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class _Threaded(ThreadingMixIn, WSGIServer):
    daemon_threads = True


@pytest.fixture
def served(island: LineIsland) -> Iterator[str]:
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
    for catalogue in (Path(__file__).parents[3] / "src/releve").rglob("locale/fr/LC_MESSAGES/django.po"):
        compiled = catalogue.with_suffix(".mo")
        if not compiled.exists() or compiled.stat().st_mtime < catalogue.stat().st_mtime:
            with catalogue.open("rb") as source, compiled.open("wb") as target:
                mofile.write_mo(target, pofile.read_po(source, locale="fr"))
