"""What tests of pages share: pages really served to a browser, clocks that stand still, French words compiled."""

import re
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from babel.messages import mofile, pofile

ISLAND_URLS = "releve.web.urls"
SOURCE = Path(__file__).resolve().parent.parent / "src" / "releve"


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class _Threaded(ThreadingMixIn, WSGIServer):
    daemon_threads = True


@contextmanager
def pages_served() -> Iterator[str]:
    """Yield the address where Django's pages are served, each request in a thread of its own."""
    from django.core.wsgi import get_wsgi_application

    server = make_server("127.0.0.1", 0, get_wsgi_application(), server_class=_Threaded, handler_class=_Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def addresses_of_the_island() -> AbstractContextManager[object]:
    """Let the addresses be those of an island; where they are, the work of finding them once is not thrown away."""
    from django.conf import settings
    from django.test import override_settings

    if settings.ROOT_URLCONF == ISLAND_URLS:
        return nullcontext()
    return override_settings(ROOT_URLCONF=ISLAND_URLS)


def stop_clocks(monkeypatch: pytest.MonkeyPatch, now_ms: Callable[[], int]) -> None:
    """Let every page of Relève ask this clock; pages not loaded yet are loaded first."""
    from django.urls import get_resolver

    with addresses_of_the_island():
        assert get_resolver(ISLAND_URLS).url_patterns
    for name, module in list(sys.modules.items()):
        if name.startswith("releve.") and callable(getattr(module, "now_ms", None)):
            monkeypatch.setattr(module, "now_ms", now_ms)


def words_of(answer: object) -> str:
    """Return the words of an answered page as they are read: no marks, scripts or styles, every space a plain one."""
    body = getattr(answer, "content", b"").decode()
    body = re.sub(r"<(script|style)[^>]*>.*?</\1>", " ", body, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body)).replace("\u00a0", " ").replace("\u202f", " ")


def marks_in(answer: object) -> list[str]:
    """Return what a page sends along for the values that it asked to be read again: sent again, they are kept."""
    body = getattr(answer, "content", b"").decode()
    return re.findall(r'name="read_again" value="([0-9a-f]+)"', body)


def compile_french() -> None:
    """Compile the French words that changed, as `make setup` does."""
    for catalogue in SOURCE.rglob("locale/fr/LC_MESSAGES/django.po"):
        compiled = catalogue.with_suffix(".mo")
        if not compiled.exists() or compiled.stat().st_mtime < catalogue.stat().st_mtime:
            with catalogue.open("rb") as source, compiled.open("wb") as target:
                mofile.write_mo(target, pofile.read_po(source, locale="fr"))
