"""One island of an exercise, used as its people use it: `releve …` on its data folder, and `releve serve`."""

import os
import queue
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from releve.exercise.feed import Address, parse_target

__all__ = ["NightFailed", "ServedIsland"]

READY_SECONDS = 120.0
STOP_SECONDS = 60.0
_SAID_CHARS = 600
_WITHOUT_SUB = ("init", "serve")


class NightFailed(Exception):
    """The night could not be played to its end; the words say where it stopped."""


class ServedIsland:
    """An island on `data`; `command` is how `releve` is started here."""

    def __init__(self, data: Path, command: tuple[str, ...]) -> None:
        self.data = data
        self._command = command
        self._serving: subprocess.Popen[str] | None = None
        self._log: IO[bytes] | None = None
        self.begins_with: Callable[[], None] | None = None  # called in the new process before `releve serve`
        self.web = Address("127.0.0.1", 0)
        self.mllp = Address("127.0.0.1", 0)

    def command(self, *arguments: str) -> list[str]:
        """Return the command line of `releve` with these words, for this island."""
        family, rest = arguments[0], arguments[1:]
        sub = () if family in _WITHOUT_SUB else (rest[0],)
        return [*self._command, family, *sub, "--data", str(self.data), *rest[len(sub) :]]

    def call(
        self, *arguments: str, check: bool = True, environment: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Return what a command said.

        Raises:
            NightFailed: it ended with another status than 0, and `check` is set.
        """
        done = subprocess.run(
            self.command(*arguments), capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
            env={**os.environ, **(environment or {})},
        )  # fmt: skip
        if check and done.returncode:
            said = done.stderr.strip()[-_SAID_CHARS:] or done.returncode
            raise NightFailed(f"releve {' '.join(arguments[:2])}: {said}")
        return done

    @contextmanager
    def served(self) -> Iterator["ServedIsland"]:
        """Serve the island until the block ends."""
        try:
            self.start()
            yield self
        finally:
            self.stop()

    def start(self) -> None:
        """Start `releve serve`; returns once it takes messages, `web` and `mllp` then say where.

        Raises:
            NightFailed: it did not get ready.
        """
        log = tempfile.TemporaryFile()  # noqa: SIM115  (closed by `stop`)
        where = ["--http", f"{self.web.host}:{self.web.port}", "--mllp", f"{self.mllp.host}:{self.mllp.port}"]
        serving = subprocess.Popen(
            self.command("serve", *where), stdout=subprocess.PIPE, stderr=log, stdin=subprocess.DEVNULL, text=True,
            preexec_fn=self.begins_with,
        )  # fmt: skip
        self._log, self._serving = log, serving
        lines: queue.Queue[str] = queue.Queue()
        output = serving.stdout
        assert output is not None

        def listen() -> None:
            with output:
                for line in output:
                    lines.put(line)
            lines.put("")

        threading.Thread(target=listen, daemon=True).start()
        self.web, self.mllp = _ready(lines, log)

    @property
    def pid(self) -> int:
        """The process of `releve serve`; 0 when it does not run."""
        return self._serving.pid if self._serving is not None else 0

    @property
    def is_alive(self) -> bool:
        """Whether `releve serve` runs."""
        return self._serving is not None and self._serving.poll() is None

    def stop(self) -> None:
        """End it as SIGTERM ends it; nothing of it runs afterwards."""
        serving, self._serving = self._serving, None
        if serving is not None:
            serving.terminate()
            try:
                serving.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                serving.kill()
                serving.wait()
        if self._log is not None:
            self._log.close()
            self._log = None


def _ready(lines: "queue.Queue[str]", log: IO[bytes]) -> tuple[Address, Address]:
    while True:
        try:
            line = lines.get(timeout=READY_SECONDS)
        except queue.Empty:
            line = ""
        if not line:
            log.seek(0)
            said = log.read()[-_SAID_CHARS:].decode(errors="replace")
            raise NightFailed(f"releve serve: expected `ready`; it said: {said}")
        if line.startswith("ready "):
            named = dict(part.split("=", 1) for part in line.split()[1:])
            return parse_target(named["http"]), parse_target(named["mllp"].split(",")[0])
