"""The recorder's loop and its clients where something fails: each is told, nobody else waits for it."""

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from recorder_here import draft, flip, new_island

from releve.journal import client as clients
from releve.journal import recorder, wire
from releve.journal.blobs import BlobStore
from releve.journal.client import AsyncRecorder, Recorder
from releve.journal.entry import BODY_BYTES_MAX, Draft, Submission
from releve.journal.errors import (
    CorruptLog,
    DraftRefused,
    RecorderGone,
    RecorderUnreachable,
    StorageFailed,
)
from releve.journal.recorder import RecorderServer
from releve.journal.unix import address

CORRUPT = CorruptLog("centre/1", "expected what was promised")


class Writer:
    """A log in memory, which fails when told."""

    origin, epoch, size, name = "centre", 1, 0, "centre/1"
    opened = SimpleNamespace(exercise=True)
    warnings: tuple[str, ...] = ()

    def __init__(self, path: Path) -> None:
        self.path = path
        self.wal_pages = 0
        self.emptied = 0
        self.busy = False
        self.fails: dict[str, Exception] = {}

    def _do(self, what: str) -> None:
        if what in self.fails:
            raise self.fails[what]

    def append(self, batch: list[Submission], now_us: int) -> int:
        """Take entries."""
        self._do("append")
        self.size += len(batch)
        return self.size - len(batch)

    def observe(self, wall_ms: int, counter: int, now_us: int) -> bool:
        """Believe every stamp."""
        self._do("observe")
        return True

    def empty_wal(self) -> bool:
        """Empty it, unless a reader is in the way."""
        self._do("empty_wal")
        self.emptied += 1
        if not self.busy:
            self.wal_pages = 0
        return not self.busy


class Desk:
    """A recorder's loop, turned by hand."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "runtime" / "recorder.sock"
        self.writer = Writer(folder)
        self.listener = recorder.listen(self.path)
        self.server: Any = RecorderServer(self.writer, self.listener)  # type: ignore[arg-type]

    def connect(self) -> socket.socket:
        """Return a connection that was let in."""
        made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        made.settimeout(5)
        with address(self.path) as where:
            made.connect(where)
        self.server._turn()
        return made

    def ask(self, made: socket.socket, *requests: wire.Request) -> None:
        """Send requests and let the loop turn once."""
        made.sendall(b"".join(map(wire.frame, requests)))
        self.server._turn()

    def answers(self, made: socket.socket, count: int) -> list[wire.Answer]:
        """Return what came, the greeting passed over."""
        frames, found = wire.Frames(), []
        while len(found) < count + 1:
            found += frames.receive(made.recv(1 << 16))
            self.server._turn()
        return [wire.read_answer(content) for content in found[1:]]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """Return a recorder's loop over a log in memory."""
    monkeypatch.setattr(recorder, "IDLE_SECONDS", 0.001)
    made = Desk(tmp_path)
    made.server._watch = recorder.awake.Watch(has_room=False)
    yield made
    made.server.stop()
    made.server.run()
    made.listener.close()


APPEND = wire.Append(1, [Submission("message.hl7v2", b"MSH|", "test")])


def test_the_write_ahead_log_is_emptied_when_idle_and_when_long_and_waits_for_readers(desk: Desk) -> None:
    """It grows for as long as somebody reads; it must neither fill the disk nor hold up a commit each time."""
    made = desk.connect()
    desk.writer.wal_pages = recorder.WAL_PAGES_IDLE + 1
    desk.server._turn()
    assert desk.writer.emptied == 1

    desk.writer.wal_pages, desk.writer.busy = recorder.WAL_PAGES_MAX + 1, True
    desk.ask(made, APPEND)
    desk.ask(made, APPEND)
    assert desk.writer.emptied == 2, "a reader was in the way: not again at once"
    desk.writer.wal_pages += recorder.WAL_PAGES_RETRY + 1
    desk.ask(made, APPEND)
    assert desk.writer.emptied == 3


def test_a_disk_that_fails_meanwhile_is_told_and_a_log_that_is_not_what_was_promised_ends_it(
    desk: Desk,
) -> None:
    """The first may pass; behind the second nothing may be written."""
    made = desk.connect()
    desk.writer.wal_pages = recorder.WAL_PAGES_IDLE + 1
    desk.writer.fails["empty_wal"] = StorageFailed("the disk failed")
    desk.server._turn()
    desk.writer.wal_pages = 0
    desk.writer.fails["observe"] = StorageFailed("the disk failed")
    desk.ask(made, wire.AskState(1), wire.Observe(2, 5, 0))
    state, observed = desk.answers(made, 2)
    assert state.storage is not None
    assert (state.storage.storage, state.storage.alarm) == ("the disk failed", True)
    assert (observed.state, observed.problem) == (wire.FAILED, "the disk failed")

    for what, request in (("observe", wire.Observe(3, 5, 0)), ("append", APPEND), ("empty_wal", None)):
        desk.writer.fails = {what: CORRUPT}
        desk.writer.wal_pages = recorder.WAL_PAGES_IDLE + 1 if request is None else 0
        with pytest.raises(CorruptLog):
            desk.ask(made, request) if request is not None else desk.server._turn()
        desk.writer.fails = {}


def test_one_connection_too_many_is_closed_and_the_others_go_on(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program that opens connections without end must not be what stops the recorder."""
    monkeypatch.setattr(recorder, "CLIENTS_MAX", 1)
    first, second = desk.connect(), desk.connect()

    assert second.recv(100) == b""
    desk.ask(first, APPEND)
    (answer,) = desk.answers(first, 1)
    assert answer.state == wire.OK


def test_whoever_asks_and_does_not_listen_is_read_no_further_until_she_does(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Answers nobody takes would fill the memory of the one process that must not end."""
    monkeypatch.setattr(recorder, "ANSWERS_BYTES_MAX", 1000)
    made = desk.connect()
    made.sendall(b"".join(wire.frame(wire.AskState(number)) for number in range(1, 3001)))
    for _ in range(20):
        desk.server._turn()
    (client,) = desk.server._clients
    assert len(client.answers) > 1000
    assert not client.mask & recorder.selectors.EVENT_READ

    assert [answer.number for answer in desk.answers(made, 3000)] == list(range(1, 3001))
    desk.server._turn()
    assert client.mask == recorder.selectors.EVENT_READ


def test_a_connection_that_breaks_takes_nothing_with_it(desk: Desk) -> None:
    """A page's process is killed in the middle of a question: the next one is answered."""
    gone = desk.connect()
    (client,) = desk.server._clients
    desk.server._receive(client, [])  # nothing there yet: no end either
    assert client in desk.server._clients
    gone.close()  # with the greeting unread: a reset
    client.answers += b"x"
    desk.server._send(client)
    desk.server._turn()
    assert not desk.server._clients
    desk.server._receive(client, [])
    desk.server._send(client)
    desk.server._drop(client)

    broken = desk.connect()
    (client,) = desk.server._clients
    broken.close()
    desk.server._receive(client, [])
    assert not desk.server._clients

    rubbish = desk.connect()
    rubbish.sendall(struct.pack(">I", 1 << 30))
    desk.server._turn()
    assert not desk.server._clients
    desk.ask(desk.connect(), APPEND)
    assert desk.writer.size == 1


def test_a_recorder_told_to_end_twice_ends_once(desk: Desk) -> None:
    """Two signals come; the second finds it gone."""
    desk.server.stop()
    desk.server.run()
    emptied = desk.writer.emptied
    desk.server.stop()
    assert not desk.server._clients
    assert (desk.writer.size, desk.writer.emptied) == (0, emptied)
    desk.server = RecorderServer(desk.writer, desk.listener)  # type: ignore[arg-type]


@contextlib.contextmanager
def pretender(folder: Path, answer: Callable[[socket.socket], None]) -> Iterator[None]:
    """Let something that is no recorder listen where one should, for one connection."""
    path = folder / "runtime" / "recorder.sock"
    with contextlib.closing(recorder.listen(path)) as listener:
        listener.setblocking(True)

        def serve() -> None:
            made, _ = listener.accept()
            with contextlib.closing(made), contextlib.suppress(OSError):
                answer(made)

        thread = threading.Thread(target=serve)
        thread.start()
        yield
        thread.join(5)
        assert not thread.is_alive(), "the connection is let go of at once"


GREETING = wire.frame(wire.Greeting("centre", 1))


def _another_number(made: socket.socket) -> None:
    made.sendall(GREETING)
    made.recv(1 << 16)
    made.sendall(wire.frame(wire.Answer(99, wire.OK)))
    made.recv(1)


def _gone_before_it_answers(made: socket.socket) -> None:
    made.sendall(GREETING)
    made.recv(1 << 16)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (_another_number, RecorderGone),
        (_gone_before_it_answers, RecorderGone),
        (lambda made: None, RecorderUnreachable),
    ],
)
def test_an_answer_that_is_not_ours_is_no_receipt(
    tmp_path: Path, answer: Any, error: type[Exception]
) -> None:
    """Told that it is safe while it is not, the sender would throw its copy away."""
    with pretender(tmp_path, answer), Recorder(tmp_path, timeout_seconds=5) as asking, pytest.raises(error):
        asking.append([draft(1)])


def test_a_document_that_cannot_be_put_down_is_told_apart_from_a_full_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk is waited for; a broken one is not."""

    def broken(self: BlobStore, body: bytes) -> bytes:
        raise OSError(5, "input/output error")

    monkeypatch.setattr(BlobStore, "put", broken)
    with Recorder(tmp_path) as asking, pytest.raises(StorageFailed):
        asking.append([Draft(kind="message.dicom", body=b"x" * (BODY_BYTES_MAX + 1), source="test")])


def _refuses_the_question(made: socket.socket) -> None:
    made.sendall(GREETING)
    made.recv(1 << 16)
    made.sendall(wire.frame(wire.Answer(1, wire.FAILED, "the disk failed")))
    made.recv(1)


def _rubbish_instead(made: socket.socket) -> None:
    made.sendall(GREETING)
    made.recv(1 << 16)
    made.sendall(wire.LENGTH.pack(3) + b"\xc1\xc1\xc1")
    made.recv(1)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (_refuses_the_question, StorageFailed),
        (_gone_before_it_answers, RecorderGone),
        (_rubbish_instead, RecorderGone),
        (lambda made: None, RecorderUnreachable),
        (lambda made: made.sendall(wire.LENGTH.pack(1) + b"\xc1"), RecorderUnreachable),
    ],
)
def test_a_question_on_a_loop_is_answered_or_told_why_not(
    tmp_path: Path, answer: Any, error: type[Exception]
) -> None:
    """The puller asks between two pulls: an answer that never comes would hold all islands up."""

    async def ask() -> None:
        asking = AsyncRecorder(tmp_path)
        try:
            with pytest.raises(error):
                await asking.observe(5, 0)
        finally:
            await asking.close()

    with pretender(tmp_path, answer):
        asyncio.run(ask())


def _answers_each(made: socket.socket) -> None:
    made.sendall(GREETING)
    frames = wire.Frames()
    while data := made.recv(1 << 16):
        for content in frames.receive(data):
            request = wire.read_request(content)
            made.sendall(wire.frame(wire.Answer(request.number, wire.OK)))


def test_on_a_loop_too_long_a_body_is_refused_and_one_who_gave_up_disturbs_nobody(tmp_path: Path) -> None:
    """A browser is closed while its act is on the way: the entry is there all the same."""

    async def act() -> None:
        asking = AsyncRecorder(tmp_path, stays_awake=True)
        asking._watch = clients.awake.Watch(has_room=True)
        with pytest.raises(DraftRefused):
            asking.submit(Draft(kind="message.dicom", body=b"x" * (BODY_BYTES_MAX + 1), source="test"))
        for _ in range(4):
            await asking.append(draft(1))  # alone on its way: the loop stays awake for it
        given_up = asking.submit(draft(2))
        given_up.cancel()
        both = asking.submit(draft(3)), asking.submit(draft(4))
        assert [receipt.epoch for receipt in await asyncio.gather(*both)] == [1, 1]
        await asking.close()
        assert given_up.cancelled()

    with pretender(tmp_path, _answers_each):
        asyncio.run(act())


def test_a_loop_that_ends_while_it_connects_tells_whoever_waits(tmp_path: Path) -> None:
    """The island is stopped in the very second in which a page records."""

    async def act() -> None:
        asking = AsyncRecorder(tmp_path)
        waiting = asking.submit(draft(1))
        await asyncio.sleep(0.05)
        question = asyncio.ensure_future(asking.observe(1, 0))
        await asyncio.sleep(0)
        await asking.close()
        with pytest.raises(RecorderGone):
            await waiting
        with pytest.raises(asyncio.CancelledError):
            await question

    with pretender(tmp_path, lambda made: made.recv(1)):
        asyncio.run(act())


def test_who_reads_nothing_keeps_her_answers_waiting_and_nobody_else(desk: Desk) -> None:
    """A client that hangs fills its socket; what it is owed stays, and goes out when it reads again."""
    made = desk.connect()
    (client,) = desk.server._clients
    client.answers += bytes(1 << 22)
    for _ in range(100):
        desk.server._send(client)
    owed = len(client.answers)
    desk.server._send(client)

    assert 0 < owed < 1 << 22
    assert len(client.answers) == owed
    made.close()


def test_what_a_signal_said_before_there_was_a_recorder_is_heeded(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Stopped while it starts: it must not go on for ever because nobody listened yet."""
    monkeypatch.setattr(recorder.signal, "signal", lambda *_: None)
    word = recorder._Word()
    word._heard(recorder.signal.SIGUSR1, None)
    word._heard(recorder.signal.SIGTERM, None)
    assert (word.rolls, word.ends, word.server) == (True, True, None)

    # A slot of the head file is torn: said, and no reason not to record.
    log = new_island(tmp_path / "data")
    flip(log.path.with_suffix(".head"), 3, 1)
    monkeypatch.setattr(recorder, "gc", SimpleNamespace(collect=lambda: 0, freeze=lambda: None))
    recorder._serve_epoch(tmp_path / "data", word)
    assert word.server is None


def test_an_epoch_that_cannot_be_ended_goes_on_unless_the_log_is_damaged(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The disk is full on the day the week is over: recording goes on. What is damaged is not written to."""
    monkeypatch.setattr(recorder.signal, "signal", lambda *_: None)
    served = []

    def epoch(data: Path, word: Any) -> None:
        served.append(data)
        word.rolls, word.ends = len(served) == 1, len(served) == 2

    def fail(*_: object) -> None:
        raise errors.pop(0)

    errors = [StorageFailed("full"), CORRUPT]
    monkeypatch.setattr(recorder, "_serve_epoch", epoch)
    monkeypatch.setattr(recorder.folder, "roll_epoch", fail)
    recorder.serve(tmp_path)
    assert len(served) == 2

    served.clear()
    with pytest.raises(CorruptLog):
        recorder.serve(tmp_path)
    assert len(served) == 1


def test_a_caller_that_gave_up_is_told_nothing_more(tmp_path: Path) -> None:
    """Her connection closed while her message was on its way: the others that wait must still be told."""

    async def play() -> None:
        client = AsyncRecorder(tmp_path / "nobody.sock")
        given_up = client._enqueue(APPEND.submissions[0])
        await asyncio.sleep(0)  # now it connects
        waits = client._enqueue(APPEND.submissions[0])
        given_up.cancel()
        with pytest.raises(RecorderUnreachable):
            await waits

        # One connection at a time, however many drafts come while it is made.
        made = client._connecting = asyncio.create_task(asyncio.sleep(60))
        client._flush()
        assert client._connecting is made
        made.cancel()

        link = clients._Link(client)
        link.greeted.set_result(None)
        loop = asyncio.get_running_loop()
        gone: list[asyncio.Future[Any]] = [loop.create_future() for _ in range(4)]
        link.appends[1], link.questions = gone[:2], {2: gone[2], 3: gone[3]}
        gone[0].cancel()
        gone[2].cancel()
        link._settle(wire.Answer(9, wire.OK), wire.Greeting("centre", 1))  # nobody asked
        link.connection_lost(None)
        for future in (gone[1], gone[3]):
            with pytest.raises(RecorderGone):
                await future

    asyncio.run(play())
