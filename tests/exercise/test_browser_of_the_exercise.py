"""The plain browser of the exercises reads forms as a browser does, and invents nothing."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest

from releve.exercise.browser import Browser, NoSuchForm

PAGE = """<html><a href="/ward/1/?x=1&amp;y=2#top">W</a>
<form method="post" action="/act/" id="f"><input type="hidden" name="csrf" value="k&quot;1">
<input name="dose" value=""><select name="unit"><option value="mg">mg</option><option value="g" selected>g</option>
</select>
<input type="radio" name="how" value="given" checked><input type="radio" name="how" value="omitted">
<textarea name="note">a &lt; b</textarea><input name="off" disabled value="z">
<button name="step" value="save">OK</button></form>
<button form="f" name="step" value="other">B</button></html>"""


class _Ward(BaseHTTPRequestHandler):
    seen: list[dict[str, list[str]]] = []
    cookies: list[str] = []
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.cookies.append(self.headers.get("Cookie", ""))
        self._answer(200, PAGE, {"Set-Cookie": "releve=abc; Path=/; HttpOnly"})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.seen.append(parse_qs(body, keep_blank_values=True))
        self._answer(302, "", {"Location": "/after/"})

    def _answer(self, status: int, text: str, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def browser() -> Iterator[Browser]:
    """Return a browser in front of a server of one page."""
    _Ward.seen, _Ward.cookies = [], []
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Ward)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    with Browser("127.0.0.1", server.server_address[1]) as made:
        yield made
    server.shutdown()
    server.server_close()


def test_a_form_is_sent_as_a_browser_sends_it(browser: Browser) -> None:
    """An exercise that sent more than a page holds would prove pages that nobody can fill in."""
    page = browser.get("/")

    answer = browser.submit(page.form("dose"), {"dose": "2,5", "how": "omitted"}, button=("step", "other"))

    assert _Ward.seen == [
        {
            "csrf": ['k"1'], "dose": ["2,5"], "unit": ["g"], "how": ["omitted"], "note": ["a < b"], "step": ["other"],
        }
    ]  # fmt: skip
    assert (answer.status, answer.path) == (200, "/after/")
    assert _Ward.cookies == ["", "releve=abc"]
    assert page.links_to("/ward/") == ["/ward/1/?x=1&y=2"]


def test_a_field_that_is_not_there_cannot_be_filled_in(browser: Browser) -> None:
    """The page changed: the exercise must stop, not send what nobody could."""
    page = browser.get("/")

    with pytest.raises(NoSuchForm, match="expected a field off"):
        browser.submit(page.form("dose"), {"off": "x"})
    with pytest.raises(NoSuchForm, match="expected a form with nowhere"):
        page.form("nowhere")
