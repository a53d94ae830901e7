"""A wrapped island after a power cut: locked, it says what to do and takes nothing; three cards or a stick start it."""

import http.cookiejar
import queue
import re
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from living_island import RELEVE, LivingIsland, releve

from releve.app.keys.cards import make_cards
from releve.app.keys.island_key import Ways, init_keys
from releve.app.keys.ring import Cards
from releve.app.locked.waiting import open_or_wait
from releve.journal.keys import run_file, secret_names, withdraw

PHRASE = "agrafe cheval pile correct"


class Envelopes:
    """Keeps the words of the cards."""

    def __init__(self) -> None:
        self.words: list[str] = []

    def __call__(self, cards: Cards, words: Sequence[str], origin: str) -> None:
        """Keep them."""
        self.words = list(words)


class Starting:
    """`releve serve`, of which each line of standard output can be waited for."""

    def __init__(self, data: Path, said: Path) -> None:
        self._said = said.open("ab")
        self.process = subprocess.Popen(
            [*RELEVE, "serve", "--data", str(data), "--http", "127.0.0.1:0", "--mllp", "127.0.0.1:0"],
            stdout=subprocess.PIPE, stderr=self._said, stdin=subprocess.DEVNULL, text=True, start_new_session=True,
        )  # fmt: skip
        self._lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as output:
            for line in output:
                self._lines.put(line.strip())
        self._lines.put("")

    def line(self, seconds: float = 60.0) -> str:
        """Return the next line."""
        return self._lines.get(timeout=seconds)

    def end(self) -> None:
        """Stop it and leave nothing behind."""
        self.process.terminate()
        try:
            assert self.process.wait(20) == 0
        finally:
            self.process.kill()
            self._said.close()


class Screen:
    """A borrowed laptop in front of the locked island, without JavaScript."""

    def __init__(self, where: str) -> None:
        self.where = where
        self._open = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        )

    def ask(self, path: str, form: dict[str, str] | None = None) -> tuple[int, str]:
        """Return status and text of an answer."""
        body = None
        if form is not None:
            token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.ask("/")[1])
            assert token
            body = urllib.parse.urlencode(form | {"csrfmiddlewaretoken": token[1]}).encode()
        try:
            with self._open.open(f"http://{self.where}{path}", body, timeout=20) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()


@pytest.fixture
def started(island: LivingIsland, tmp_path: Path) -> Iterator[list[Starting]]:
    """Return what is started here, ended with the test."""
    found: list[Starting] = []
    yield found
    for one in found:
        if one.process.poll() is None:
            one.end()
    withdraw(island.data)


def wrapped(island: LivingIsland, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Envelopes:
    """Wrap the island with cards, passphrase and stick, and forget its key; the stick lies in `tmp_path`/drawer."""
    monkeypatch.setenv("RELEVE_RUN", str(tmp_path / "run"))
    (tmp_path / "drawer").mkdir()
    settings = island.data / "releve.toml"
    settings.write_text(
        settings.read_text().replace('stick = ""', f'stick = "{tmp_path / "usb"}"'), encoding="utf-8"
    )
    envelopes = Envelopes()
    ways = Ways(("cards", "passphrase", "stick"), PHRASE, 64, tmp_path / "drawer")
    init_keys(island.data, ways, envelopes, 1_800_000_000_000_000)
    withdraw(island.data)
    return envelopes


def test_three_managers_start_a_locked_island_with_their_cards(
    island: LivingIsland, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, started: list[Starting]
) -> None:
    """Sunday, no network, nobody of the IT department: three envelopes and one screen must be enough."""
    envelopes = wrapped(island, tmp_path, monkeypatch)
    started.append(Starting(island.data, tmp_path / "said"))
    locked = re.fullmatch(r"locked http=(127\.0\.0\.1:\d+)", started[0].line())
    assert locked
    screen = Screen(locked[1])

    status, page = screen.ask("/ward/1102/")
    assert status == 503
    assert "verrouillé" in page
    assert "Phrase secrète" in page
    assert screen.ask("/static/web/releve.css")[0] == 200
    assert "The island is locked" in screen.ask("/?language=en")[1]
    assert not (island.data / "runtime" / "recorder.sock").exists()

    # One typing error, one envelope of another island, then as they are printed.
    cards = {f"card-{place}": envelopes.words[place] for place in (1, 2, 3)}
    typed = cards["card-2"].split()
    status, page = screen.ask(
        "/locked/cards/", cards | {"card-2": " ".join([*typed[:4], "acadmic", *typed[5:]])}
    )
    assert status == 422
    assert "Word 5, “acadmic”, is not in the list: “academic”?" in page
    assert "2 of 3 cards are right" in page
    assert cards["card-3"] in page
    _, others = make_cards(b"another island's key, 32 bytes!!", 1)
    status, page = screen.ask("/locked/cards/", {f"card-{place}": others[place] for place in (1, 2, 3)})
    assert status == 422
    assert "open another key" in page
    for expected in (422, 422, 422, 429):
        status, page = screen.ask("/locked/passphrase/", {"passphrase": "not this one"})
        assert status == expected
    assert "Cards can be typed meanwhile" in page

    status, page = screen.ask("/locked/cards/", cards)
    assert status == 200
    assert "The island is starting" in page
    ready = re.fullmatch(r"ready http=(\S+) mllp=127\.0\.0\.1:(\d+)", started[0].line())
    assert ready
    assert ready[1] == locked[1]
    assert screen.ask("/sign-in/")[0] == 200
    socket.create_connection(("127.0.0.1", int(ready[2])), timeout=5).close()
    for name in secret_names(island.data):
        assert (island.data / "keys" / name).read_bytes().startswith(b"RELEVE-WRAPPED 1\n"), name
    said = (tmp_path / "said").read_text()
    assert typed[7] not in said.split()
    assert PHRASE not in said

    refused = releve("keys", "lock", "--data", str(island.data))
    assert refused.returncode == 1
    assert "expected no `releve serve`" in refused.stderr
    started[0].end()
    assert not run_file(island.data).exists()


def test_a_key_stick_starts_a_locked_island_within_two_seconds_and_without_anybody_when_it_is_there(
    island: LivingIsland, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, started: list[Starting]
) -> None:
    """The porter has the stick in his safe and no account: he plugs it in, and nothing else is asked of him."""
    wrapped(island, tmp_path, monkeypatch)
    started.append(Starting(island.data, tmp_path / "said"))
    assert started[0].line().startswith("locked ")

    began = time.monotonic()
    (tmp_path / "drawer").rename(tmp_path / "usb")
    while not run_file(island.data).exists():
        assert time.monotonic() - began < 2.0
        time.sleep(0.02)
    assert started[0].line().startswith("ready ")
    started[0].end()

    # After a power cut, with the stick left in: no page, no question.
    assert not run_file(island.data).exists()
    assert open_or_wait(
        island.data, http=None, tls=False, stick=str(tmp_path / "usb"), environment={}, on_locked=pytest.fail
    )
    assert run_file(island.data).exists()
