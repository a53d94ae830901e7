"""An island small enough for one test: views made from the tables, a recorder that folds at once."""

import os
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server
from zoneinfo import ZoneInfo

import pytest

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "releve.web.settings")
os.environ.setdefault("RELEVE_DATA", tempfile.mkdtemp(prefix="releve-web-"))
# Playwright's blocking interface runs a loop in this thread; nothing here is asynchronous.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
sys.path.insert(0, str(Path(__file__).parent))

import django
from django.apps import apps

if not apps.ready:
    django.setup()

from django.db import connections
from django.test import Client, override_settings

from releve.journal.entry import Draft, Entry, Receipt
from releve.views.database import new_generation, open_views, put_in_force
from releve.views.interpreter import Interpreter, Situation
from releve.views.projector import Projector
from releve.web import shell
from releve.web.accounts import verifier
from releve.web.accounts.draft import draft_account
from releve.web.acting import use_recorder
from releve.web.database import prepare_runtime, use_data_folder
from releve.web.offer import OFFER

PARIS = ZoneInfo("Europe/Paris")
# Saturday 21 November 2026, 03:10 in Paris: the hour of the mock.
NOW_MS = 1_795_227_000_000
LOG = "a/1"
PASSWORD = "lanterne-22"


def _nobody(message: object, context: object) -> tuple[str, str]:
    return "", ""


class Island:
    """A data folder with views and accounts, whose recorder keeps entries in memory and folds them at once."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.entries: list[Entry] = []
        self.folds = True
        self.failure: Exception | None = None
        verifier.make_key(data)
        use_data_folder(data)
        prepare_runtime()
        generation = new_generation(data)
        self.views = open_views(generation, "fold")
        self.views.inc_thread_sharing()  # the served pages act from threads of their own
        put_in_force(data, generation)
        interpreter = Interpreter([OFFER], Situation(zone=PARIS, namespace="CHV"), _nobody)
        self.projector = Projector(self.views, [OFFER], interpreter, lambda log, index: self.entries[index])

    def append(self, drafts: Sequence[Draft]) -> list[Receipt]:
        """Record like the recorder, then fold."""
        if self.failure is not None:
            raise self.failure
        receipts = []
        for draft in drafts:
            index = len(self.entries)
            at_us = shell.now_ms() * 1000 + index
            entry = Entry(
                version=1, origin="a", epoch=1, index=index, hlc=(at_us // 1000, 0),
                occurred_at_us=draft.occurred_at_us, recorded_at_us=at_us, author=draft.author, recorder="test",
                source=draft.source, kind=draft.kind, subjects=draft.subjects, body=draft.body,
            )  # fmt: skip
            self.entries.append(entry)
            receipts.append(Receipt("a", 1, index, at_us))
            if self.folds:
                self.fold(entry)
        return receipts

    def fold(self, entry: Entry) -> None:
        """Fold one entry, position included."""
        self.projector.take(LOG, [entry], position=entry.index + 1)

    def account(
        self, code: str, role: str = "nurse", wards: tuple[str, ...] = ("2140",), **more: str
    ) -> None:
        """Make an account that enters with PASSWORD."""
        self.append(
            [
                draft_account(
                    self.data,
                    code=code,
                    family=more.get("family", "KERVELLA"),
                    given=more.get("given", "Nadia"),
                    role=role,
                    wards=wards,
                    password=more.get("password", PASSWORD),
                )
            ]
        )


@pytest.fixture
def island(tmp_path: Path) -> Iterator[Island]:
    """Return an island of its own."""
    made = Island(tmp_path)
    use_recorder(lambda: made)
    yield made
    use_recorder(None)
    shell.set_provider(None)
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


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class _Threaded(ThreadingMixIn, WSGIServer):
    daemon_threads = True


@pytest.fixture
def served(island: Island) -> Iterator[str]:
    """Return the address where the island's pages are really served, specimen pages included."""
    from django.core.wsgi import get_wsgi_application

    with override_settings(ROOT_URLCONF="web_specimen"):
        server = make_server(
            "127.0.0.1", 0, get_wsgi_application(), server_class=_Threaded, handler_class=_Quiet
        )
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        server.server_close()
        thread.join(5)


def pytest_configure(config: pytest.Config) -> None:
    """Compile the French words when they are not, as `make setup` does."""
    from babel.messages import mofile, pofile

    for catalogue in (Path(__file__).parents[2] / "src/releve/web/locale").rglob("django.po"):
        compiled = catalogue.with_suffix(".mo")
        if not compiled.exists() or compiled.stat().st_mtime < catalogue.stat().st_mtime:
            with catalogue.open("rb") as source, compiled.open("wb") as target:
                mofile.write_mo(target, pofile.read_po(source, locale="fr"))
