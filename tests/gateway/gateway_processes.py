"""An island's recorder and gateway as real processes, on ports of the kernel's choice."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from releve.gateway.process import read_listening
from releve.journal.entry import Entry
from releve.journal.folder import create_island, own_log, socket_path
from releve.journal.store import LogReader


class Processes:
    """The two processes of one data folder."""

    def __init__(self, data: Path, *options: str) -> None:
        self.data = data
        self._options = options
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self.log = (data / "processes.log").open("ab")

    def start_recorder(self) -> None:
        """Start the recorder and wait until it listens."""
        self._start("recorder", "releve.journal.recorder", "--data", str(self.data))
        wait_until(lambda: _accepts(socket_path(self.data)))

    def start_gateway(self) -> None:
        """Start the gateway and wait until it listens."""
        self._start(
            "gateway",
            "releve.gateway.process",
            "--data",
            str(self.data),
            "--mllp",
            "127.0.0.1:0",
            *self._options,
        )
        wait_until(lambda: read_listening(self.data) is not None)

    @property
    def port(self) -> int:
        """The MLLP port the gateway bound."""
        listening = read_listening(self.data)
        assert listening is not None
        return listening.mllp[0].port

    def pid(self, name: str) -> int:
        """The process id of `recorder` or `gateway`."""
        return self._running[name].pid

    def kill(self, name: str) -> None:
        """End a process without warning."""
        process = self._running.pop(name)
        process.send_signal(signal.SIGKILL)
        process.wait()

    def stop(self, name: str) -> int:
        """End a process politely; return its exit status."""
        process = self._running.pop(name)
        process.send_signal(signal.SIGTERM)
        return process.wait(20)

    def entries(self, *kinds: str) -> list[Entry]:
        """Return the entries of these kinds, in the order of the log."""
        with LogReader(own_log(self.data).path) as reader:
            found = reader.read(0, 1_000_000)
        return [entry for entry in found if entry.kind in kinds]

    def close(self) -> None:
        """End what still runs."""
        for name in list(self._running):
            self.kill(name)
        self.log.close()

    def _start(self, name: str, module: str, *arguments: str) -> None:
        assert name not in self._running
        self._running[name] = subprocess.Popen(
            [sys.executable, "-m", module, *arguments], stdout=self.log, stderr=self.log, env=dict(os.environ)
        )


def wait_until(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait until `condition()` holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came to hold"
        time.sleep(0.01)


def _accepts(path: Path) -> bool:
    # The folder's descriptor keeps the address short: pytest's folders are longer than a socket's name may be.
    with socket.socket(socket.AF_UNIX) as probe, contextlib.suppress(OSError):
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            probe.connect(f"/proc/self/fd/{folder}/{path.name}")
        finally:
            os.close(folder)
        return True
    return False


@contextlib.contextmanager
def processes(folder: Path, *options: str, gateway: bool = True) -> Iterator[Processes]:
    """Make an island in `folder` and run it."""
    data = folder / "island"
    create_island(data, "essai", True, "Hôpital d’essai", time.time_ns() // 1000)
    running = Processes(data, *options)
    try:
        running.start_recorder()
        if gateway:
            running.start_gateway()
        yield running
    finally:
        running.close()


def exchange(connection: socket.socket, payload: bytes) -> bytes:
    """Send one frame and return the payload of the answer; `b""` when the connection was closed instead."""
    connection.sendall(b"\x0b" + payload + b"\x1c\r")
    return read_answer(connection)


def read_answer(connection: socket.socket) -> bytes:
    """Return the payload of the next answer; `b""` when the connection was closed instead."""
    received = b""
    while not received.endswith(b"\x1c\r"):
        try:
            block = connection.recv(65_536)
        except ConnectionError:
            return b""
        if not block:
            return b""
        received += block
    return received[1:-2]
