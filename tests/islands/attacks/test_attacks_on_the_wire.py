"""Ten hostile servers at once, each with the right keys: A goes on with B, and says of each what is wrong with it."""

import contextlib
import gzip
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from three_islands import Island

from owned import Stage
from releve.islands.exchange import source as sources
from releve.islands.exchange.identity import certificate_path, exchange_key_path, make_identity
from releve.islands.exchange.peers import Peer, Peers, write_peers
from releve.islands.exchange.publish import Publisher
from releve.islands.exchange.puller_process import PullerProcess
from releve.islands.exchange.quota import Quota
from releve.islands.exchange.source import HttpsSource
from releve.islands.exchange.state import read_exchange

Act = Callable[[ssl.SSLSocket], None]
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n"


def drip(tls: ssl.SSLSocket) -> None:
    """Give a header a byte at a time, for ever."""
    for _ in range(10_000):
        tls.sendall(b"H")
        time.sleep(0.05)


def drip_body(tls: ssl.SSLSocket) -> None:
    """Promise a file and give a byte of it at a time."""
    tls.sendall(HEAD % 200_000)
    drip(tls)


def chunked(tls: ssl.SSLSocket) -> None:
    """Never say how long."""
    tls.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    for _ in range(10_000):
        tls.sendall(b"5\r\nhello\r\n")


def say(answer: bytes) -> Act:
    """Give one answer."""
    return lambda tls: tls.sendall(answer)


def flood(tls: ssl.SSLSocket) -> None:
    """Send headers without end."""
    tls.sendall(b"HTTP/1.1 200 OK\r\n")
    for number in range(100_000):
        tls.sendall(b"X-%d: %s\r\n" % (number, b"x" * 100))


BOMB = gzip.compress(bytes(30_000_000))
PAGE = b"<html><script>alert(1)</script>Welcome to the hotel</html>"
BEHAVIOURS: dict[str, tuple[Act, str]] = {
    "drip": (drip, "slow"),
    "drip-body": (drip_body, "slow"),
    "silent": (lambda tls: time.sleep(30), "slow"),
    "chunked": (chunked, "answer"),
    "redirect": (
        say(b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n"),
        "answer",
    ),
    "page": (say(HEAD % len(PAGE) + PAGE), "answer"),
    "gzip": (
        say(HEAD.replace(b"\r\n\r\n", b"\r\nContent-Encoding: gzip\r\n\r\n") % len(BOMB) + BOMB),
        "answer",
    ),
    "endless": (say(b"HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\n"), "answer"),
    "headers": (flood, "answer"),
    "continue": (say(b"HTTP/1.1 100 Continue\r\n\r\n" * 1000), "answer"),
    "noise": (say(b"\x00\xff" * 5000), "answer"),
    "two": (say((HEAD % 4 + b"\n\n\n\n") * 2), "answer"),
    "negative": (say(b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n"), "answer"),
}


@contextlib.contextmanager
def serving(keys: Path, act: Act, stop: threading.Event) -> Iterator[int]:
    """Give the port of a server with these keys that answers so."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate_path(keys), exchange_key_path(keys))
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.1)

    def answer(plain: socket.socket) -> None:
        with contextlib.suppress(OSError), context.wrap_socket(plain, server_side=True) as tls:
            tls.recv(4096)
            act(tls)

    def accept() -> None:
        while not stop.is_set():
            with contextlib.suppress(OSError):
                threading.Thread(target=answer, args=(listener.accept()[0],), daemon=True).start()

    thread = threading.Thread(target=accept)
    thread.start()
    try:
        yield int(listener.getsockname()[1])
    finally:
        stop.set()
        thread.join()
        listener.close()


def test_hostile_servers_are_each_told_and_hold_up_nobody(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Drips, floods, redirects, bombs, silence, a hotel's page: B's entries are here at once all the same."""
    monkeypatch.setattr(sources, "ANSWER_SECONDS", 0.5)
    stop, a = threading.Event(), stage.a
    with contextlib.ExitStack() as stack:
        peers = [stage.b.card()]
        expected = {}
        for name, (act, trouble) in BEHAVIOURS.items():
            identity = make_identity(tmp_path / name, name)
            port = stack.enter_context(serving(tmp_path / name, act, stop))
            peers.append(Peer(origin=name, name=name, addresses=(f"127.0.0.1:{port}",),
                              certificate=identity.certificate_pem, epochs={"1": stage.c.vkey}))  # fmt: skip
            expected[name] = trouble
        # One shows another certificate than it was introduced with; one shows its own as that of an authority.
        for name in ("other", "authority"):
            make_identity(tmp_path / name, name)
            port = stack.enter_context(serving(tmp_path / name, say(b""), stop))
            shown = make_identity(tmp_path / f"{name}-introduced", name).certificate_pem
            peers.append(Peer(origin=name, name=name, addresses=(f"127.0.0.1:{port}",), certificate=shown))
            expected[name] = "certificate"
        write_peers(a.data, Peers(own="a", peers=tuple(peers)))
        (a.data / "runtime").mkdir(exist_ok=True)
        stage.b.record(7)
        process = PullerProcess(
            a.data, stop, quota=Quota(free_bytes_min=0), poll_ms=100, make_source=_source(stage.b)
        )
        runner = threading.Thread(target=process.run)
        runner.start()
        try:
            deadline, troubles = time.monotonic() + 30, {}
            while time.monotonic() < deadline and (troubles != expected or a.size("b") < stage.b.writer.size):
                time.sleep(0.1)
                state = read_exchange(a.data)
                troubles = (
                    {name: one.trouble for name, one in state.peers.items() if name != "b"} if state else {}
                )
            started = time.monotonic()
            stage.b.record(1)
            while a.size("b") < stage.b.writer.size:
                assert time.monotonic() - started < 5, "B waits for none of them"
                time.sleep(0.05)
        finally:
            stop.set()
            runner.join()
    assert troubles == expected
    assert not list((a.data / "journal").glob("[!ab]*"))
    assert "<script" not in (a.data / "runtime" / "exchange.json").read_text()
    stage.knows(stage.c.card())


def _source(b: Island) -> Callable[[Path, Peer, str], sources.Source]:
    def make(data: Path, peer: Peer, address: str) -> sources.Source:
        if peer.origin == "b":
            return Publisher(b.data)  # of this thread
        return HttpsSource(address, origin=peer.origin, certificate=peer.certificate, data=data)

    return make
