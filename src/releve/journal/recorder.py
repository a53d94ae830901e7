"""The recorder: the only process that writes an island's log, and the only one that holds its key.

One loop, no threads: read every client that has something to say, commit all of it as one transaction, write the head
file, answer. What arrives while the disk works is the next transaction; so the group grows by itself with the load,
and nobody waits for a timer. Run as `python -m releve.journal.recorder --data DIR`.
"""

import argparse
import contextlib
import gc
import logging
import os
import selectors
import signal
import socket
import sys
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from statistics import median

from releve.journal import awake, folder, logged, modes, wire
from releve.journal.entry import Submission, check
from releve.journal.errors import CorruptLog, DraftRefused, JournalError, StorageFailed, StorageFull
from releve.journal.store import WAL_PAGES_MAX, LogWriter
from releve.journal.unix import address

log = logging.getLogger(__name__)

CLIENTS_MAX = 256  # processes of one island, with a wide margin
READ_BYTES = 256 * 1024
ANSWERS_BYTES_MAX = 256 * 1024  # a client that does not read its answers is not read either
FREE_PERCENT_ALARM = 15.0  # from here on packs and views stop growing, the journal does not
IDLE_SECONDS = 1.0
WAL_PAGES_IDLE = 200
WAL_PAGES_RETRY = 500  # a reader was in the way: try again after this much more

EXIT_CORRUPT = 3  # tells the supervisor that starting again will not help


class Client:
    """One connection: what it has sent in part, and what it has not taken yet."""

    __slots__ = ("answers", "frames", "mask", "socket")

    def __init__(self, connection: socket.socket) -> None:
        self.socket = connection
        self.frames = wire.Frames()
        self.answers = bytearray()
        self.mask = selectors.EVENT_READ


class RecorderServer:
    """The loop over one log writer and one listening socket."""

    def __init__(
        self,
        writer: LogWriter,
        listener: socket.socket,
        *,
        now_us: Callable[[], int] = lambda: time.time_ns() // 1000,
    ) -> None:
        self._writer = writer
        self._listener = listener
        self._now_us = now_us
        self._clients: set[Client] = set()
        self._stopping = False
        self._storage = "ok"
        self._entries = self._commits = self._batch_max = self._commit_us_max = 0
        self._commit_us: deque[int] = deque(maxlen=512)
        self._wal_pages_next = WAL_PAGES_MAX
        self._poll = selectors.DefaultSelector()
        self._poll.register(listener, selectors.EVENT_READ, None)
        # One buffer for all: asking for this much anew at each read costs as much as a signature (measured).
        self._read = memoryview(bytearray(READ_BYTES))
        self._alone = False  # one request came last
        self._watch = awake.Watch()
        self._wake, self._waker = socket.socketpair()
        self._poll.register(self._wake, selectors.EVENT_READ, self._wake)

    def stop(self) -> None:
        """Finish the batch in hand, then return from `run`. May be called from a signal handler."""
        self._stopping = True
        with contextlib.suppress(OSError):  # it has ended just now
            self._waker.send(b"\0")

    def run(self) -> None:
        """Serve until `stop`.

        Raises:
            CorruptLog: after an error of the disk the log is not what was promised.
        """
        try:
            while not self._stopping:
                self._turn()
        finally:
            for client in list(self._clients):
                self._drop(client)
            self._poll.close()
            self._wake.close()
            self._waker.close()

    def _turn(self) -> None:
        ready = self._next_ready()
        if not ready:
            if self._writer.wal_pages > WAL_PAGES_IDLE:
                self._empty_wal()
            return
        requests: list[tuple[Client, wire.Request]] = []
        for key, mask in ready:
            client = key.data
            if client is None:
                self._accept()
            elif isinstance(client, Client):
                if mask & selectors.EVENT_WRITE:
                    self._send(client)
                if mask & selectors.EVENT_READ:
                    self._receive(client, requests)
        self._alone = len(requests) == 1
        if requests:
            self._serve(requests)
            if self._writer.wal_pages > self._wal_pages_next:
                self._empty_wal()

    def _next_ready(self) -> list[tuple[selectors.SelectorKey, int]]:
        """Wait for whoever has something to say; after a single request, awake: its sender may be back at once."""
        if self._alone and self._watch.begins():
            until = time.perf_counter_ns() + awake.NEXT_NS
            while time.perf_counter_ns() < until:
                os.sched_yield()  # the one it waits for may want this very processor
                if ready := self._poll.select(0):
                    self._watch.paid()
                    return ready
            self._watch.in_vain()
            self._alone = False
        return self._poll.select(IDLE_SECONDS)

    def _serve(self, requests: list[tuple[Client, wire.Request]]) -> None:
        batch: list[Submission] = []
        spans: list[tuple[Client, int, int, int]] = []
        answers: list[tuple[Client, wire.Answer]] = []
        others: list[tuple[Client, wire.Request]] = []
        for client, request in requests:
            if not isinstance(request, wire.Append):
                others.append((client, request))
                continue
            try:
                for submission in request.submissions:
                    check(submission)
                    if submission.blob_bytes >= 0 and not self._writer.blob_is_here(submission):
                        raise DraftRefused("blob: expected on the disk before its entry")
            except DraftRefused as refusal:
                answers.append((client, wire.Answer(request.number, wire.REFUSED, str(refusal))))
            else:
                spans.append((client, request.number, len(batch), len(request.submissions)))
                batch += request.submissions
        if batch:
            answers += self._append(batch, spans)
        else:
            answers += [(client, wire.Answer(number, wire.OK)) for client, number, _, _ in spans]
        for client, request in others:
            answers.append((client, self._serve_other(request)))
        for client, answer in answers:
            client.answers += wire.frame(answer)
        for client in {client for client, _ in answers}:
            self._send(client)

    def _append(
        self, batch: list[Submission], spans: list[tuple[Client, int, int, int]]
    ) -> list[tuple[Client, wire.Answer]]:
        now_us = self._now_us()
        started = time.perf_counter_ns()
        try:
            first = self._writer.append(batch, now_us)
        except CorruptLog:
            raise
        except JournalError as error:
            self._note_storage(str(error))
            state, problem = wire.state_of(error), str(error)
            return [(client, wire.Answer(number, state, problem)) for client, number, _, _ in spans]
        took_us = (time.perf_counter_ns() - started) // 1000
        self._note_storage("ok")
        self._entries += len(batch)
        self._commits += 1
        self._batch_max = max(self._batch_max, len(batch))
        self._commit_us.append(took_us)
        self._commit_us_max = max(self._commit_us_max, took_us)
        return [
            (client, wire.Answer(number, wire.OK, "", first + at, now_us)) for client, number, at, _ in spans
        ]

    def _serve_other(self, request: wire.Request) -> wire.Answer:
        now_us = self._now_us()
        number = request.number
        try:
            if isinstance(request, wire.Redact):
                index = self._writer.redact(request.index, request.reason, request.author, now_us)
                return wire.Answer(number, wire.OK, "", index, now_us)
            if isinstance(request, wire.Observe):
                believed = self._writer.observe(request.wall_ms, request.counter, now_us)
                return wire.Answer(number, wire.OK, "", int(believed), now_us)
            return wire.Answer(number, wire.OK, storage=self._state())
        except CorruptLog:
            raise
        except JournalError as error:
            return wire.Answer(number, wire.state_of(error), str(error))

    def _state(self) -> wire.State:
        free = free_percent(self._writer.path)
        return wire.State(
            origin=self._writer.origin,
            epoch=self._writer.epoch,
            size=self._writer.size,
            exercise=self._writer.opened.exercise,
            free_percent=free,
            alarm=free < FREE_PERCENT_ALARM or self._storage != "ok",
            storage=self._storage,
            clients=len(self._clients),
            entries=self._entries,
            commits=self._commits,
            commit_us_median=int(median(self._commit_us)) if self._commit_us else 0,
            commit_us_max=self._commit_us_max,
            batch_max=self._batch_max,
            warnings=tuple(self._writer.warnings),
        )

    def _note_storage(self, state: str) -> None:
        if state != self._storage:
            log.log(logging.INFO if state == "ok" else logging.ERROR, "storage: %s", state)
            self._storage = state

    def _empty_wal(self) -> None:
        try:
            emptied = self._writer.empty_wal()
        except CorruptLog:
            raise
        except JournalError as error:
            self._note_storage(str(error))
            return
        self._wal_pages_next = WAL_PAGES_MAX if emptied else self._writer.wal_pages + WAL_PAGES_RETRY

    def _accept(self) -> None:
        with contextlib.suppress(BlockingIOError, ConnectionError):
            connection, _ = self._listener.accept()
            if len(self._clients) >= CLIENTS_MAX:
                log.warning("more than %d connections: one was closed", CLIENTS_MAX)
                connection.close()
                return
            connection.setblocking(False)
            client = Client(connection)
            client.answers += wire.frame(wire.Greeting(self._writer.origin, self._writer.epoch))
            self._clients.add(client)
            self._poll.register(connection, selectors.EVENT_READ, client)
            self._send(client)

    def _receive(self, client: Client, requests: list[tuple[Client, wire.Request]]) -> None:
        if client not in self._clients:
            return
        try:
            size = client.socket.recv_into(self._read)
        except BlockingIOError:
            return
        except OSError:
            size = 0
        if not size:
            self._drop(client)
            return
        try:
            for content in client.frames.receive(bytes(self._read[:size])):
                requests.append((client, wire.read_request(content)))
        except DraftRefused as refusal:
            log.warning("a connection was closed: %s", refusal)
            self._drop(client)

    def _send(self, client: Client) -> None:
        if client not in self._clients:
            return
        try:
            sent = client.socket.send(client.answers)
        except BlockingIOError:
            sent = 0
        except OSError:
            self._drop(client)
            return
        del client.answers[:sent]
        mask = selectors.EVENT_WRITE if client.answers else 0
        if len(client.answers) < ANSWERS_BYTES_MAX:
            mask |= selectors.EVENT_READ
        if mask != client.mask:
            client.mask = mask
            self._poll.modify(client.socket, mask, client)

    def _drop(self, client: Client) -> None:
        if client in self._clients:
            self._clients.remove(client)
            self._poll.unregister(client.socket)
            client.socket.close()


def free_percent(path: Path) -> float:
    """Return how much of the disk under `path` is free to us, in percent."""
    disk = os.statvfs(path)
    return round(100 * disk.f_bavail / max(1, disk.f_blocks), 1)


def listen(path: Path) -> socket.socket:
    """Return the listening socket at `path`, for this account or its group. Call only while holding the log's lock."""
    path.parent.mkdir(mode=folder.FOLDER_MODE, exist_ok=True)
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    mask = os.umask(0o777 & ~modes.SOCKET)
    try:
        with address(path) as name:
            listener.bind(name)
    finally:
        os.umask(mask)
    listener.listen(64)
    listener.setblocking(False)
    return listener


class _Word:
    """What signals told the process: SIGTERM and SIGINT to end, SIGUSR1 to go on in the next epoch."""

    def __init__(self) -> None:
        self.server: RecorderServer | None = None
        self.ends = self.rolls = False
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1):
            signal.signal(number, self._heard)

    def _heard(self, number: int, _: object) -> None:
        self.rolls = self.rolls or number == signal.SIGUSR1
        self.ends = self.ends or number != signal.SIGUSR1
        if self.server is not None:
            self.server.stop()


def serve(data: Path) -> None:
    """Run the recorder of the island in `data` until SIGTERM or SIGINT; prints `ready recorder=SOCKET`.

    After SIGUSR1 it ends its epoch and goes on in the next one: for those who wait, a connection that closed.

    Raises:
        FolderError, RecorderBusy, CorruptLog, StorageFull, StorageFailed: it cannot start, or cannot go on.
    """
    word = _Word()
    while not word.ends:
        if word.rolls:
            word.rolls = False
            try:
                begun = folder.roll_epoch(data, folder.read_roll(data), time.time_ns() // 1000)
                log.warning("recording goes on as %s", begun.name)
            except CorruptLog:
                raise
            except JournalError as error:
                log.error("the epoch goes on, it could not be ended: %s", error)
        _serve_epoch(data, word)


def _serve_epoch(data: Path, word: _Word) -> None:
    writer = folder.open_writer(data)
    try:
        for warning in writer.warnings:
            log.warning("%s", warning)
        name, dictionary = folder.shipped_dictionary()
        if dictionary != writer.dictionary:
            # On a full disk the dictionary of before serves as well: the recorder must come up and say so.
            with contextlib.suppress(StorageFull, StorageFailed):
                writer.adopt(name, dictionary, time.time_ns() // 1000)
        path = folder.socket_path(data)
        with listen(path) as listener:
            word.server = server = RecorderServer(writer, listener)
            if word.ends or word.rolls:  # told before there was anything to stop
                server.stop()
            log.info("recording %s from entry %d on", writer.name, writer.size)
            # What was loaded stays: no collection has to walk over it between a commit and its answer.
            gc.collect()
            gc.freeze()
            print(f"ready recorder={path}", flush=True)
            try:
                server.run()
            finally:
                word.server = None
                path.unlink(missing_ok=True)
    finally:
        writer.close()


def main() -> int:
    """Run as a process; return its exit status (3: the log is corrupt, starting again will not help)."""
    parser = argparse.ArgumentParser(prog="python -m releve.journal.recorder", description=serve.__doc__)
    parser.add_argument("--data", type=Path, required=True)
    arguments = parser.parse_args()
    logged.say_on_stderr("recorder")
    try:
        serve(arguments.data)
    except CorruptLog as error:
        log.critical("%s", error)
        return EXIT_CORRUPT
    except JournalError as error:
        log.critical("%s", error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
