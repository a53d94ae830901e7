"""The processes of an island: each can die and come back alone; the supervisor only watches and starts again.

Order of a start: recorder (nothing is taken before it can be kept), gateway, fold, web, audit
(a second recorder, for who opened which page: what is opened before it listens waits), publisher (what other islands
pull from, with Caddy in front; only when it is told where to listen), puller and carrier, who writes and reads sticks
(once other islands are known), packs (once pages answer), planner (once a plan is asked for, or a while after the
start).
"""

import contextlib
import fcntl
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, NamedTuple

from releve.app.lineage import dies_with_parent
from releve.app.own_log import OwnLog
from releve.app.retention.rolling import Roller
from releve.app.settings import Retention
from releve.gateway.process import listening_file, read_listening
from releve.islands.exchange.peers import peers_path
from releve.journal.folder import own_audit_log, own_log
from releve.journal.recorder import EXIT_CORRUPT
from releve.restoration.making.runtime_files import planner_wanted
from releve.web.ending_again import DEATHS_MIN, note_calm, note_ending

__all__ = [
    "Address", "AddressTaken", "AlreadyServed", "Child", "Supervisor", "free_port", "parse_address", "try_address",
]  # fmt: skip

log = logging.getLogger("releve.supervisor")
RESTART_SECONDS = (0.1, 0.5, 2.0, 5.0)  # a process that keeps dying is not started faster than this
CALM_SECONDS = 30.0  # after which a process is no longer thought to be dying again and again
# Whoever stops an island waits ten seconds at most: seven for all who take and show, the rest for the recorder.
STOP_SECONDS = 7.0
STOP_RECORDER_SECONDS = 2.0
PACKS_SECONDS_MAX = (
    10.0  # packs wait so long for the first page: both want the processors, and the page is watched
)
LEFT_OVER_SECONDS = 20.0  # after which a process of a supervisor that died is not waited for any more


class AlreadyServed(Exception):
    """Another `releve serve` runs this data folder."""


class AddressTaken(Exception):
    """Nothing can listen there: another program does, or this user may not."""


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

    def __init__(
        self,
        name: str,
        arguments: list[str],
        environment: Mapping[str, str],
        wanted: Callable[[], bool] = lambda: True,
    ) -> None:
        """`wanted`: whether there is anything for it to do yet; it is started once there is."""
        self.name = name
        self.wanted = wanted
        self._arguments = arguments
        self._environment = dict(environment)
        self.listen: tuple[str, ...] = ()  # ports chosen by the kernel: senders must find them again
        self.process: subprocess.Popen[bytes] | None = None
        self.started = 0.0
        self._deaths = 0
        self._not_before = 0.0
        self.given_up = False
        self.said_ending = True  # until it is known to be calm: a supervisor before may have said so

    def start(self, keeps_open: tuple[int, ...] = ()) -> None:
        """Start the process, in a process group of its own."""
        listen = [argument for address in self.listen for argument in ("--listen", address)]
        self.process = subprocess.Popen(
            [*self._arguments, *listen],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr,
            pass_fds=keeps_open,
            start_new_session=True,
            preexec_fn=dies_with_parent(),
        )
        self.started = time.monotonic()

    def clear(self) -> None:
        """End what a process that died has left behind: the web server's workers, the setters of pages."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)

    @property
    def ends_again(self) -> bool:
        """Tell whether it is started in vain."""
        return self.given_up or self._deaths >= DEATHS_MIN

    def stop(self, seconds: float) -> None:
        """Stop the process; it starts again once it is wanted."""
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self.clear()
            self.process = None

    def watch(self, keeps_open: tuple[int, ...] = ()) -> None:
        """Start it again when it died, not faster than `RESTART_SECONDS`."""
        if self.given_up:
            return
        if self.process is None:
            if self.wanted():
                self.start(keeps_open)
            return
        now = time.monotonic()
        if self.process.poll() is None:
            if now - self.started > CALM_SECONDS:
                self._deaths = 0
            return
        if self._not_before == 0.0:
            self.clear()
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
            self.start(keeps_open)


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
        islands: Address | None = None,
        only: tuple[str, ...] = (),
        retention: Retention | None = None,
    ):
        """`islands`: where other islands pull from, None: nowhere. `only`: the processes to run here, when each has a
        supervisor (a systemd unit) of its own; by default all. `retention`: when the own log goes on in a new epoch.
        """
        self.data = data
        self.http = http if http.port else Address(http.host, free_port(http.host))
        self.tls = tls
        env = dict(os.environ) | dict(environment)
        worker = [sys.executable, "-m", "releve.app.worker"]
        where = ["--data", str(data)]
        self._addresses = (
            *([self.http] if not only or "web" in only else []),
            *(mllp if not only or "gateway" in only else ()),
            *([islands] if islands is not None and (not only or "publisher" in only) else []),
        )
        self._children = [
            Child("recorder", [sys.executable, "-m", "releve.journal.recorder", *where], env),
            Child("gateway", [*worker, "gateway", *where], env),
            Child("fold", [*worker, "fold", *where], env),
            Child(
                "web", [*worker, "web", *where, "--listen", str(self.http), *(["--tls"] if tls else [])], env
            ),
            Child("packs", [*worker, "packs", *where], env, wanted=self._may_set_packs),
            Child("audit", [*worker, "audit", *where], env),
            Child("planner", [*worker, "planner", *where], env, wanted=planner_wanted(data)),
        ]
        if islands is not None:
            publisher = [*worker, "publisher", *where, "--listen", str(islands)]
            self._children.append(Child("publisher", publisher, env))
        # Whom to pull from may become known while the island runs.
        knows_others = peers_path(data).exists
        self._children.append(Child("puller", [*worker, "puller", *where], env, wanted=knows_others))
        self._children.append(Child("carrier", [*worker, "carrier", *where], env, wanted=knows_others))
        self._gateway = self._children[1]
        self._gateway.listen = tuple(str(address) for address in mllp)
        if only:
            known = [child.name for child in self._children]
            if unknown := [name for name in only if name not in known]:
                raise ValueError(f"expected one of {', '.join(known)}, not {unknown[0]}")
            self._children = [child for child in self._children if child.name in only]
        # Neither log is written on while others hold more of it than we do: that would be a restored copy.
        # A puller of another unit tells by the same file; where there is none, that costs three seconds once.
        waits = self._runs("puller") or bool(only)
        self._own_logs = []
        for child in self._children:
            if child.name in ("recorder", "audit"):
                own = OwnLog(data, own_log if child.name == "recorder" else own_audit_log, waits=waits)
                child.wanted = own.may_write
                self._own_logs.append((child, own))
        rolls = self._runs("recorder")
        self._roller = Roller(data, retention or Retention(), carries=not only) if rolls else None
        self._only = only
        self._announced = False
        self._packs_at = time.monotonic() + PACKS_SECONDS_MAX
        self._stopping = False

    def run(self, on_ready: Callable[[str, str], None], on_look: Callable[[], None] = lambda: None) -> None:
        """Start everything, say when it is ready, watch until SIGTERM or SIGINT, stop in order.

        `on_look` is called at each look at the processes, twenty times a second.

        Raises:
            AlreadyServed: another one does; nothing was started.
            AddressTaken: pages or messages cannot be served there; nothing was started.
        """
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        runtime = self.data / "runtime"
        runtime.mkdir(parents=True, exist_ok=True)
        part = "".join(f".{name}" for name in self._only)
        with (
            contextlib.ExitStack() as held,
            (runtime / "serve.lock").open("w") as ours,
            (runtime / f"processes{part}.lock").open("w") as theirs,
        ):
            # One for all, or one for each process: never both.
            _hold(ours, fcntl.LOCK_SH if self._only else fcntl.LOCK_EX)
            for name in self._only:
                _hold(held.enter_context((runtime / f"serve.{name}.lock").open("w")), fcntl.LOCK_EX)
            self._wait_for_left_overs(theirs)
            for address in self._addresses:
                try_address(address)
            if self._runs("gateway"):
                listening_file(self.data).unlink(missing_ok=True)
            if self._runs("fold"):
                (runtime / "fold.ready").unlink(missing_ok=True)
            # Held open by every child: the next supervisor knows when the last of them has gone.
            keeps_open = (theirs.fileno(),)
            try:
                for child in self._children:
                    if child.wanted():
                        child.start(keeps_open)
                self._watch(keeps_open, on_ready, on_look)
            finally:
                self._stop_children()

    def _watch(
        self, keeps_open: tuple[int, ...], on_ready: Callable[[str, str], None], on_look: Callable[[], None]
    ) -> None:
        while not self._stopping:
            for child, own in self._own_logs:
                if child.process is not None and own.must_stop():
                    child.stop(STOP_RECORDER_SECONDS)
                if child.name == "recorder":
                    self._roll(child)
            for child in self._children:
                child.watch(keeps_open)
                self._say_ending(child)
            on_look()
            if not self._announced and (mllp := self._ready()) is not None:
                self._announced = True
                self._gateway.listen = tuple(mllp.split(",")) if mllp else ()
                on_ready(str(self.http), mllp)
            time.sleep(0.05)

    def _say_ending(self, child: Child) -> None:
        """Leave it to pages to say that a process is started in vain; a log nobody reads is no warning."""
        if child.ends_again and not child.said_ending:
            note_ending(self.data, child.name)
        elif not child.ends_again and child.said_ending:
            note_calm(self.data, child.name)
        child.said_ending = child.ends_again

    def _roll(self, recorder: Child) -> None:
        """Let the recorder begin the next epoch when it is time."""
        if self._roller is None or recorder.process is None or recorder.process.poll() is not None:
            return
        self._roller.look_after()
        if reason := self._roller.is_due():
            log.info("the next epoch begins: %s", reason)
            self._roller.roll(recorder.process.pid, reason)

    def _wait_for_left_overs(self, lock: IO[str]) -> None:
        """Return once no process of a supervisor that was killed is left; they end by themselves."""
        deadline = time.monotonic() + LEFT_OVER_SECONDS
        while not self._stopping:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                if time.monotonic() > deadline:
                    log.warning("a process of an earlier start does not end; going on beside it")
                    return
                time.sleep(0.05)
            else:
                return

    def _may_set_packs(self) -> bool:
        return self._announced or bool(self._only) or time.monotonic() >= self._packs_at

    def _runs(self, name: str) -> bool:
        return any(child.name == name for child in self._children)

    def _ready(self) -> str | None:
        """Return where messages are taken (nothing when that runs elsewhere), None while something is not ready."""
        senders = ""
        if self._runs("gateway"):
            listening = read_listening(self.data)
            gateway = self._gateway.process
            if listening is None or gateway is None or listening.pid != gateway.pid:
                return None
            senders = ",".join(str(Address(listen.host, listen.port)) for listen in listening.mllp)
        if self._runs("fold") and not (self.data / "runtime" / "fold.ready").exists():
            return None
        if self._runs("web"):
            try:
                socket.create_connection((self.http.host, self.http.port), timeout=1).close()
            except OSError:
                return None
        return senders

    def _stop(self, *_: object) -> None:
        self._stopping = True

    def _stop_children(self) -> None:
        """Stop all who take and show (the gateway still answers what is durable), then the recorders."""
        if self._roller is not None:
            self._roller.close()
        recorders = [child for child in self._children if child.name in ("recorder", "audit")]
        others = [child for child in self._children if child not in recorders]
        for children, seconds in ((others, STOP_SECONDS), (recorders, STOP_RECORDER_SECONDS)):
            deadline = time.monotonic() + seconds
            running = [(child, child.process) for child in children if child.process is not None]
            for _, process in running:
                if process.poll() is None:
                    process.terminate()
            for child, process in running:
                try:
                    process.wait(max(0.0, deadline - time.monotonic()))
                except subprocess.TimeoutExpired:
                    log.warning("%s did not stop within %.0f s: killed", child.name, seconds)
                    process.kill()
                    process.wait()
                child.clear()


def _hold(file: IO[str], kind: int) -> None:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except OSError:
        raise AlreadyServed("data folder: expected no other `releve serve` on it; one is running") from None


def try_address(address: Address) -> None:
    """Raise `AddressTaken` when nothing can listen there."""
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise AddressTaken(f"{address}: expected a free address of this machine ({error.strerror})") from None


def free_port(host: str) -> int:
    """Return a port that is free now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])
