"""A whole island as a hospital runs it: the real command line in processes of its own, on ports of the kernel's choice.

Nothing here reaches into a process: what a test learns comes from sockets, command lines, `/proc` and files of DATA.
"""

import base64
import contextlib
import http.cookiejar
import json
import os
import queue
import random
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from releve.exercise.demo import demo_hospital
from releve.exercise.hospital_life import HospitalLife
from releve.exercise.night import smaller
from releve.journal.folder import own_log
from releve.journal.store import LogReader

RELEVE = (sys.executable, "-m", "releve.app.cli")
PASSWORD = "releve-demo"  # of the demonstration's accounts, printed by `releve init`
READY_SECONDS = 60.0
READY = re.compile(r"ready http=(\S+):(\d+) mllp=(\S+):(\d+)")
NAMES = ("recorder", "gateway", "fold", "web", "packs", "audit", "publisher", "puller")


def releve(*arguments: str, seconds: float = 110.0) -> subprocess.CompletedProcess[str]:
    """Run a command of Relève and return how it ended."""
    return subprocess.run(
        [*RELEVE, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=seconds,
        stdin=subprocess.DEVNULL,
    )


def wait_until(condition: Callable[[], Any], what: str, seconds: float = 30.0) -> Any:
    """Wait until `condition()` holds and return what it gave."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, f"expected within {seconds:.0f} s: {what}"
        time.sleep(0.02)
    return found


class LivingIsland:
    """`releve serve` on one data folder."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.http = ("127.0.0.1", 0)
        self.mllp = ("127.0.0.1", 0)
        self.serving: subprocess.Popen[str] | None = None
        self.ready = ""  # the line it said when it was last started
        # Beside DATA: what is said must be readable when DATA is full.
        self.said_path = data.parent.parent / f"{data.parent.name}-{data.name}.said"
        self._families: set[int] = set()

    def serve(self, *, prefix: Sequence[str] = (), seconds: float = READY_SECONDS) -> str:
        """Start it on the ports it had before, wait until it is ready, and return that line."""
        said = self.said_path.open("ab")
        self.serving = subprocess.Popen(
            [
                *prefix, *RELEVE, "serve", "--data", str(self.data),
                "--http", "{}:{}".format(*self.http), "--mllp", "{}:{}".format(*self.mllp),
            ],
            stdout=subprocess.PIPE, stderr=said, stdin=subprocess.DEVNULL, text=True, start_new_session=True,
        )  # fmt: skip
        said.close()
        lines: queue.Queue[str] = queue.Queue()
        output = self.serving.stdout
        assert output is not None

        def listen() -> None:
            with output:
                for line in output:
                    lines.put(line)
            lines.put("")

        threading.Thread(target=listen, daemon=True).start()
        try:
            line = lines.get(timeout=seconds)
        except queue.Empty:
            line = ""
        found = READY.fullmatch(line.rstrip("\n"))
        assert found, f"expected `ready`, read {line!r}; it said:\n{self.said()[-3000:]}"
        self.http = (found[1], int(found[2]))
        self.mllp = (found[3], int(found[4]))
        self._families |= set(self.family())
        self.ready = line
        return line

    def said(self) -> str:
        """Return everything its processes have written."""
        return self.said_path.read_text(errors="replace")

    @property
    def pid(self) -> int:
        """The process of `releve serve` itself."""
        assert self.serving is not None
        return self.serving.pid

    def processes(self) -> dict[str, int]:
        """Return the processes by name, as the kernel lists them now."""
        found = {}
        for pid, parent, words in _processes():
            if parent == self.pid:
                for name in NAMES:
                    if name in words or f"releve.journal.{name}" in words:
                        found[name] = pid
        return found

    def family(self) -> list[int]:
        """Return every process that works on this data folder, but commands of the test."""
        return [
            pid
            for pid, _, words in _processes()
            if str(self.data) in words
            and ("serve" in words or {"releve.app.worker", "releve.journal.recorder"} & set(words))
        ]

    def kill(self, name: str) -> int:
        """End a process (or `supervisor`, or `all`) without warning; return which it was."""
        if name in ("supervisor", "all"):
            assert self.serving is not None
            for pid in self.family() if name == "all" else []:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self.serving.kill()
            self.serving.wait()
            return self.serving.pid
        pid: int = wait_until(lambda: self.processes().get(name), f"{name} to run")
        os.kill(pid, signal.SIGKILL)
        return pid

    def stop(self) -> float:
        """Send SIGTERM and return how many seconds it took."""
        assert self.serving is not None
        began = time.monotonic()
        self.serving.terminate()
        status = self.serving.wait(30)
        assert status == 0, f"expected exit status 0, not {status}:\n{self.said()[-2000:]}"
        return time.monotonic() - began

    def end_traced(self) -> None:
        """Send SIGTERM to `releve serve` under the program that traces it, and wait for both."""
        assert self.serving is not None
        for pid, parent, words in _processes():
            if parent == self.pid and "serve" in words:
                os.kill(pid, signal.SIGTERM)
        self.serving.wait(60)

    def close(self) -> None:
        """Leave nothing behind, whatever happened."""
        if self.serving is not None and self.serving.poll() is None:
            self.serving.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.serving.wait(20)
            if self.serving.poll() is None:
                self.serving.kill()
                self.serving.wait()
        deadline = time.monotonic() + 5
        while (left := self.family()) and time.monotonic() < deadline:
            time.sleep(0.05)
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    # What the command line says

    def journal(self, kind: str = "message.hl7v2") -> list[dict[str, Any]]:
        """Return the entries of one kind, from `releve journal cat`."""
        done = releve("journal", "cat", "--data", str(self.data), "--kind", kind)
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    def messages(self) -> Counter[bytes]:
        """Return the stored messages, and how often each is there."""
        return Counter(base64.b64decode(entry["raw"]) for entry in self.journal())

    def result(self, *arguments: str, data: str = "") -> dict[str, Any]:
        """Return what a command says with --json."""
        done = releve(*arguments, "--data", data or str(self.data), "--json")
        assert done.returncode == 0, done.stderr
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return found

    # What is seen

    def views(self) -> sqlite3.Connection:
        """Return a connection that only reads the views in force."""
        place = (self.data / "views.sqlite3").resolve()
        return sqlite3.connect(f"file:{place}?mode=ro", uri=True, timeout=30)

    def ask(self, sentence: str, *values: object) -> list[Any]:
        """Return rows of the views in force; nothing while there are none."""
        try:
            with contextlib.closing(self.views()) as views:
                return views.execute(sentence, values).fetchall()
        except sqlite3.OperationalError:
            return []

    def folded(self) -> int:
        """Return how many entries the views hold."""
        rows = self.ask('SELECT max("index") FROM views_position')
        return int(rows[0][0] or 0) if rows else 0

    def size(self) -> int:
        """Return how many entries the journal holds."""
        with LogReader(own_log(self.data).path) as reader:
            return reader.size

    def wait_until_folded(self, seconds: float = 40.0) -> int:
        """Wait until the views hold all of the journal; return how many entries that is."""
        size = self.size()
        wait_until(lambda: self.folded() >= size, f"{size} entries in the views", seconds)
        return size


class Visitor:
    """Somebody at a screen, signed in."""

    def __init__(self, island: LivingIsland, code: str = "medecin") -> None:
        self._island = island
        self._code = code
        self.statuses: Counter[int] = Counter()
        self._open = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        )

    def sign_in(self, to: str = "/ward/") -> None:
        """Take one's post with the demonstration's account, and open the page `to`."""
        page = self.get("/sign-in/")[1]
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert token, "expected the page to sign in"
        form = {"csrfmiddlewaretoken": token[1], "badge": self._code, "pin": PASSWORD, "next": to}
        status, page = self._ask("/sign-in/", urllib.parse.urlencode(form).encode())
        assert status in (200, 302), f"signing in was answered with {status}"

    def get(self, path: str) -> tuple[int, str]:
        """Return status and text of a page; status 0 when nobody answered."""
        return self._ask(path, None)

    def answers(self, path: str) -> bool:
        """Whether the page is shown, and not the page to sign in."""
        status, text = self.get(path)
        return status == 200 and 'name="pin"' not in text

    def _ask(self, path: str, form: bytes | None) -> tuple[int, str]:
        address = "http://{}:{}{}".format(*self._island.http, path)
        try:
            with self._open.open(urllib.request.Request(address, form), timeout=20) as answer:
                status, text = answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            status, text = error.code, error.read().decode(errors="replace")
        except OSError:
            status, text = 0, ""
        self.statuses[status] += 1
        return status, text


class Sender(threading.Thread):
    """One application's line to the gateway: sends one message after the other, never one twice.

    `acknowledged` are those answered AA; `tried` all that were begun.
    """

    def __init__(
        self, island: LivingIsland, messages: Iterable[bytes], *, pause_seconds: float = 0.02
    ) -> None:
        super().__init__(daemon=True)
        self._island = island
        self._messages = messages
        self._pause = pause_seconds
        self._over = threading.Event()
        self.acknowledged: list[bytes] = []
        self.tried: list[bytes] = []
        self.refused: list[str] = []

    def run(self) -> None:
        """Send until told to stop, or until nothing is left."""
        line: socket.socket | None = None
        for message in self._messages:
            while line is None and not self._over.is_set():
                try:
                    line = socket.create_connection(self._island.mllp, timeout=20)
                except OSError:
                    time.sleep(0.05)
            if self._over.is_set() or line is None:
                break
            self.tried.append(message)
            answer = exchange(line, message)
            if answer is None:
                line.close()
                line = None
            elif b"MSA|AA|" + control_id(message) in answer:
                self.acknowledged.append(message)
            else:
                self.refused.append(answer.decode(errors="replace"))
            self._over.wait(self._pause)
        if line is not None:
            line.close()

    def end(self) -> None:
        """Let it finish the message it has begun, and wait for it."""
        self._over.set()
        self.join(40)


class Load:
    """Several lines that send at the same time, until the block ends; each message goes once over one of them."""

    def __init__(
        self, island: LivingIsland, messages: Iterable[bytes], *, lines: int = 4, pause_seconds: float = 0.04
    ) -> None:
        self.senders = [
            Sender(island, line, pause_seconds=pause_seconds) for line in shared_out(messages, lines)
        ]

    def __enter__(self) -> "Load":
        for sender in self.senders:
            sender.start()
        self.wait_for_more("messages to flow")
        return self

    def __exit__(self, *_: object) -> None:
        for sender in self.senders:
            sender.end()

    @property
    def acknowledged(self) -> Counter[bytes]:
        """What was answered AA, and how often."""
        return Counter(message for sender in self.senders for message in list(sender.acknowledged))

    @property
    def tried(self) -> Counter[bytes]:
        """What was begun, and how often."""
        return Counter(message for sender in self.senders for message in list(sender.tried))

    def wait_for_more(self, what: str) -> None:
        """Wait until one more message is acknowledged."""
        before = self._count()
        wait_until(lambda: self._count() > before, what)

    def _count(self) -> int:
        return sum(len(sender.acknowledged) for sender in self.senders)


def exchange(line: socket.socket, message: bytes) -> bytes | None:
    """Send one message and return its answer; None when the connection ended instead."""
    received = b""
    try:
        line.sendall(b"\x0b" + message + b"\x1c\r")
        while not received.endswith(b"\x1c\r"):
            block = line.recv(65536)
            if not block:
                return None
            received += block
    except OSError:
        return None
    return received[1:-2]


def send(island: LivingIsland, messages: Iterable[bytes]) -> list[bytes]:
    """Send the messages over one line, one after the other; return the answers, `b""` where there was none."""
    answers = []
    line = None
    try:
        for message in messages:
            line = line or socket.create_connection(island.mllp, timeout=20)
            answer = exchange(line, message)
            if answer is None:
                line.close()
                line = None
            answers.append(answer or b"")
    finally:
        if line is not None:
            line.close()
    return answers


def control_id(message: bytes) -> bytes:
    """Return MSH-10; our own messages use the standard separators."""
    return message.split(b"|", 10)[9]


def lived(hours: float, *, patients: int = 40, seed: int = 1) -> Iterator[bytes]:
    """Yield what a small hospital said in the last hours, first fill included; each message once."""
    start = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=hours)
    life = HospitalLife(smaller(demo_hospital(), patients), seed=seed, start=start, occupancy=0.93)
    said: set[bytes] = set()
    for emission in life.run(hours):
        if emission.payload not in said:
            said.add(emission.payload)
            yield emission.payload


def shared_out(messages: Iterable[bytes], lines: int) -> list[Iterator[bytes]]:
    """Return one iterator for each line; each takes the next message that none has taken yet."""
    lock = threading.Lock()
    rest = iter(messages)

    def take() -> Iterator[bytes]:
        while True:
            with lock:
                message = next(rest, None)
            if message is None:
                return
            yield message

    return [take() for _ in range(lines)]


def chance_of(seed: int | None = None) -> random.Random:
    """Return a source of chance whose seed is printed; RELEVE_SEED repeats a run."""
    number = int(os.environ.get("RELEVE_SEED", 0)) or seed or random.SystemRandom().randrange(1, 10**9)
    print(f"RELEVE_SEED={number}")
    return random.Random(number)


def copy_of(made: Path, data: Path) -> LivingIsland:
    """Return an island on a copy of a data folder that was made once."""
    shutil.copytree(made, data)
    return LivingIsland(data)


def _processes() -> Iterator[tuple[int, int, list[str]]]:
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with contextlib.suppress(OSError, IndexError, ValueError):
                words = (folder / "cmdline").read_bytes().decode(errors="replace").split("\0")
                status = (folder / "stat").read_text().rpartition(")")[2].split()
                if status[0] != "Z":
                    yield int(folder.name), int(status[1]), words
