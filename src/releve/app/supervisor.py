"""The processes of an island: each can die and come back alone; the supervisor only watches and starts again.

Order of a start: recorder (nothing is taken before it can be kept), gateway, fold, web, packs.
"""

import contextlib
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from releve.gateway.process import listening_file, read_listening
from releve.journal.recorder import EXIT_CORRUPT

__all__ = ["Address", "Supervisor", "parse_address"]

log = logging.getLogger("releve.supervisor")
RESTART_SECONDS = (0.1, 0.5, 2.0, 5.0)  # a process that keeps dying is not started faster than this
CALM_SECONDS = 30.0  # after which a process is no longer thought to be dying again and again
STOP_SECONDS = 10.0


class Address(NamedTuple):
    """HOST:PORT."""

    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def parse_address(text: str) -> Address:
    """Return HOST:PORT; port 0 lets the kernel choose.

    Raises:
        ValueError: not an address; the message says what is expected.

    >>> parse_address("[::1]:8080"), parse_address("0.0.0.0:2575")
    (Address(host='::1', port=8080), Address(host='0.0.0.0', port=2575))
    """
    host, separator, port = text.rpartition(":")
    host = host.strip("[]")
    if not separator or not host or not port.isdigit() or int(port) > 65535:
        raise ValueError("expected HOST:PORT, such as 127.0.0.1:2575")
    return Address(host, int(port))


class Child:
    """One process and its restarts."""

    def __init__(self, name: str, arguments: list[str], environment: Mapping[str, str]) -> None:
        self.name = name
        self._arguments = arguments
        self._environment = dict(environment)
        self.process: subprocess.Popen[bytes] | None = None
        self.started = 0.0
        self._deaths = 0
        self._not_before = 0.0
        self.given_up = False

    def start(self) -> None:
        """Start the process."""
        self.process = subprocess.Popen(self._arguments, env=self._environment, stdout=sys.stderr)
        self.started = time.monotonic()

    def watch(self) -> None:
        """Start it again when it died, not faster than `RESTART_SECONDS`."""
        if self.given_up or self.process is None:
            return
        now = time.monotonic()
        if self.process.poll() is None:
            if now - self.started > CALM_SECONDS:
                self._deaths = 0
            return
        if self._not_before == 0.0:
            if self.name == "recorder" and self.process.returncode == EXIT_CORRUPT:
                self.given_up = True
                log.error(
                    "the recorder refuses a damaged log: nothing is recorded. What is there can still be read."
                )
                return
            pause = RESTART_SECONDS[min(self._deaths, len(RESTART_SECONDS) - 1)]
            log.warning(
                "%s ended with code %s; starting it again in %.1f s",
                self.name,
                self.process.returncode,
                pause,
            )
            self._deaths += 1
            self._not_before = now + pause
        elif now >= self._not_before:
            self._not_before = 0.0
            self.start()


class Supervisor:
    """All processes of one island."""

    def __init__(
        self,
        data: Path,
        *,
        http: Address,
        mllp: tuple[Address, ...],
        tls: bool,
        environment: Mapping[str, str],
    ):
        self.data = data
        self.http = http if http.port else Address(http.host, _free_port(http.host))
        self.tls = tls
        env = dict(os.environ) | dict(environment)
        worker = [sys.executable, "-m", "releve.app.worker"]
        where = ["--data", str(data)]
        listen = [argument for address in mllp for argument in ("--listen", str(address))]
        self._children = [
            Child("recorder", [sys.executable, "-m", "releve.journal.recorder", *where], env),
            Child("gateway", [*worker, "gateway", *where, *listen], env),
            Child("fold", [*worker, "fold", *where], env),
            Child(
                "web", [*worker, "web", *where, "--listen", str(self.http), *(["--tls"] if tls else [])], env
            ),
            Child("packs", [*worker, "packs", *where], env),
        ]
        self._stopping = False

    def run(self, on_ready: Callable[[str, str], None]) -> None:
        """Start everything, say when it is ready, watch until SIGTERM or SIGINT, stop in order."""
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, self._stop)
        (self.data / "runtime").mkdir(parents=True, exist_ok=True)
        listening_file(self.data).unlink(missing_ok=True)
        (self.data / "runtime" / "fold.ready").unlink(missing_ok=True)
        for child in self._children:
            child.start()
        announced = False
        try:
            while not self._stopping:
                for child in self._children:
                    child.watch()
                if not announced and (mllp := self._ready()) is not None:
                    announced = True
                    on_ready(str(self.http), mllp)
                time.sleep(0.05)
        finally:
            self._stop_children()

    def _ready(self) -> str | None:
        listening = read_listening(self.data)
        gateway = self._children[1].process
        if listening is None or gateway is None or listening.pid != gateway.pid:
            return None
        if not (self.data / "runtime" / "fold.ready").exists():
            return None
        with (
            contextlib.suppress(OSError),
            socket.create_connection((self.http.host, self.http.port), timeout=1),
        ):
            return ",".join(str(Address(listen.host, listen.port)) for listen in listening.mllp)
        return None

    def _stop(self, *_: object) -> None:
        self._stopping = True

    def _stop_children(self) -> None:
        """Stop the gateway first (it answers what is durable), the recorder last."""
        for child in [*self._children[1:], self._children[0]]:
            process = child.process
            if process is None or process.poll() is not None:
                continue
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                log.warning("%s did not stop within %.0f s: killed", child.name, STOP_SECONDS)
                process.kill()
                process.wait()


def _free_port(host: str) -> int:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])
