"""How every other process appends: over the recorder's socket, blocking or on an asyncio loop.

An append returns only once its entries are durable. What to do after an error is said in `errors.py`; whoever gets
`RecorderGone` decides itself, because the drafts may already have arrived.
"""

import asyncio
import contextlib
import itertools
import select
import socket
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self, cast

from releve.journal import awake, wire
from releve.journal.blobs import BlobStore
from releve.journal.entry import BODY_BYTES_MAX, Draft, Receipt, Submission, check
from releve.journal.errors import (
    DraftRefused,
    JournalError,
    RecorderGone,
    RecorderUnreachable,
    StorageFailed,
    StorageFull,
)
from releve.journal.folder import socket_path
from releve.journal.unix import address

TIMEOUT_SECONDS = 30.0


def _socket_of(path: Path) -> Path:
    # Whoever has the data folder at hand may give that.
    return socket_path(path) if path.is_dir() else path


def _submission(draft: Draft, blobs: BlobStore) -> Submission:
    body, size = draft.body, -1
    if len(body) > BODY_BYTES_MAX:
        # Written and synced here, by the process that has the bytes: a large document delays nobody else's commit.
        size = len(body)
        try:
            body = blobs.put(body)
        except OSError as error:
            if error.errno in (28, 122):  # ENOSPC, EDQUOT
                raise StorageFull("blobs: no room on the disk; nothing was stored") from None
            raise StorageFailed("blobs: the disk failed") from None
    submission = Submission(
        draft.kind, body, draft.source, draft.author, draft.occurred_at_us, draft.subjects, size
    )
    check(submission)
    return submission


def _requests(submissions: Sequence[Submission]) -> list[list[Submission]]:
    # Cut so that no request comes near the frame's limit.
    cut: list[list[Submission]] = [[]]
    held = 0
    for submission in submissions:
        if cut[-1] and held + len(submission.body) > wire.SUBMISSIONS_BYTES:
            cut.append([])
            held = 0
        cut[-1].append(submission)
        held += len(submission.body) + 256
    return cut


class Recorder:
    """Blocking access to the recorder. `path`: its socket (DATA/runtime/recorder.sock), or DATA."""

    def __init__(self, path: Path, *, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self._path = _socket_of(path)
        self._blobs = BlobStore(self._path.parent.parent / "blobs")
        self._timeout = timeout_seconds
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._frames = wire.Frames()
        self._received: list[bytes] = []
        self._greeting = wire.Greeting("", 0)

    def append(self, drafts: Sequence[Draft]) -> list[Receipt]:
        """Record the drafts one after the other; return once all are durable.

        Up to 256 KiB of bodies are one transaction, all or none; more are several, in order.

        Raises:
            DraftRefused, StorageFull, StorageFailed, RecorderUnreachable, RecorderGone.
        """
        submissions = [_submission(draft, self._blobs) for draft in drafts]
        receipts: list[Receipt] = []
        for part in _requests(submissions) if submissions else []:
            answer, greeting = self._ask(wire.Append(next(self._numbers), part))
            receipts += [
                Receipt(greeting.origin, greeting.epoch, answer.first + at, answer.recorded_at_us)
                for at in range(len(part))
            ]
        return receipts

    def redact(self, index: int, *, reason: str, author: str) -> Receipt:
        """Remove the bytes of an entry by a signed act; return the act's receipt.

        Raises:
            DraftRefused, StorageFull, StorageFailed, RecorderUnreachable, RecorderGone.
        """
        answer, greeting = self._ask(wire.Redact(next(self._numbers), index, reason, author))
        return Receipt(greeting.origin, greeting.epoch, answer.first, answer.recorded_at_us)

    def observe(self, wall_ms: int, counter: int) -> bool:
        """Move the log's clock past a foreign stamp; False when it is over a minute ahead and was not believed."""
        return bool(self._ask(wire.Observe(next(self._numbers), wall_ms, counter))[0].first)

    def state(self) -> wire.State:
        """Return how the recorder, its log and its disk are."""
        answer, _ = self._ask(wire.AskState(next(self._numbers)))
        assert answer.storage is not None
        return answer.storage

    def close(self) -> None:
        """Close the connection; the next call opens another."""
        with self._lock:
            self._hang_up()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.close()

    def _ask(self, request: wire.Request) -> tuple[wire.Answer, wire.Greeting]:
        content = _framed(request)
        with self._lock:
            connection = self._connected()
            try:
                connection.sendall(content)
                answer = wire.read_answer(self._next_frame(connection))
            except (OSError, JournalError):
                self._hang_up()
                raise RecorderGone("recorder: went away before it answered") from None
            if answer.number != request.number:
                self._hang_up()
                raise RecorderGone("recorder: expected the answer to this request")
            if answer.state != wire.OK:
                raise wire.error_of(answer)
            return answer, self._greeting

    def _connected(self) -> socket.socket:
        if self._socket is not None and select.select([self._socket], [], [], 0)[0]:
            self._hang_up()  # nothing is due, so this is the end of a recorder that has gone: nothing was sent yet
        if self._socket is None:
            connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            connection.settimeout(self._timeout)
            try:
                with address(self._path) as name:
                    connection.connect(name)
                self._frames, self._received = wire.Frames(), []
                self._greeting = wire.read_greeting(self._next_frame(connection))
            except (OSError, JournalError):
                connection.close()
                raise RecorderUnreachable("recorder: expected it to listen; nothing was sent") from None
            self._socket = connection
        return self._socket

    def _next_frame(self, connection: socket.socket) -> bytes:
        while not self._received:
            data = connection.recv(65536)
            if not data:
                raise ConnectionResetError
            self._received = self._frames.receive(data)
        return self._received.pop(0)

    def _hang_up(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None


class AsyncRecorder:
    """The same on an asyncio loop, many appends in flight; what one turn of the loop appends leaves in one write.

    `path`: the recorder's socket (DATA/runtime/recorder.sock), or DATA. Used from one loop only. `stays_awake`: while
    one draft alone is on its way the loop turns without sleeping (see `awake.py`); for a process that serves senders.
    """

    def __init__(self, path: Path, *, stays_awake: bool = False) -> None:
        self._path = _socket_of(path)
        self._blobs = BlobStore(self._path.parent.parent / "blobs")
        self._numbers = itertools.count(1)
        self._waiting: list[tuple[Submission, asyncio.Future[Receipt]]] = []
        self._link: _Link | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._flushing = False
        self._watch = awake.Watch() if stays_awake else None
        self._awake = False
        self._awake_until_ns = 0

    def submit(self, draft: Draft) -> asyncio.Future[Receipt]:
        """Return a future of the receipt; for bodies up to 32 KiB, without a coroutine's cost.

        Raises:
            DraftRefused: at once, before anything is sent; also for a body that must become a blob.
        """
        if len(draft.body) > BODY_BYTES_MAX:
            raise DraftRefused(f"body: expected up to {BODY_BYTES_MAX} bytes here; use append")
        return self._enqueue(_submission(draft, self._blobs))

    async def append(self, draft: Draft) -> Receipt:
        """Record the draft; return once it is durable.

        Raises:
            DraftRefused, StorageFull, StorageFailed, RecorderUnreachable, RecorderGone.
        """
        if len(draft.body) > BODY_BYTES_MAX:
            return await self._enqueue(await asyncio.to_thread(_submission, draft, self._blobs))
        return await self._enqueue(_submission(draft, self._blobs))

    async def observe(self, wall_ms: int, counter: int) -> bool:
        """Move the log's clock past a foreign stamp; False when it is over a minute ahead and was not believed."""
        answer = await self._ask(wire.Observe(next(self._numbers), wall_ms, counter))
        return bool(answer.first)

    async def state(self) -> wire.State:
        """Return how the recorder, its log and its disk are."""
        answer = await self._ask(wire.AskState(next(self._numbers)))
        assert answer.storage is not None
        return answer.storage

    async def close(self) -> None:
        """Close the connection; appends still in flight raise `RecorderGone`."""
        if self._connecting is not None:
            self._connecting.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._connecting
            self._connecting = None
        self._fail_waiting(RecorderGone("recorder: the connection was closed"))
        if self._link is not None and self._link.transport is not None:
            self._link.transport.close()

    def _enqueue(self, submission: Submission) -> asyncio.Future[Receipt]:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Receipt] = loop.create_future()
        self._waiting.append((submission, future))
        if not self._flushing:
            if self._link is not None and not self._link.appends:
                self._flush()  # nothing in flight: whoever comes first does not wait for the end of the turn
                if self._watch is not None and not self._awake and self._watch.begins():
                    self._awake = True
                    self._awake_until_ns = time.perf_counter_ns() + awake.RECEIPT_NS
                    loop.call_soon(self._stay_awake)
            else:
                self._flushing = True
                loop.call_soon(self._flush)
        return future

    def _stay_awake(self) -> None:
        """Turn the loop without sleeping while one draft alone is on its way."""
        link, watch = self._link, self._watch
        self._awake = False
        if link is None or watch is None or self._waiting or len(link.appends) > 1:
            return  # more are coming: the loop has enough to do
        if not link.appends:
            watch.paid()
        elif time.perf_counter_ns() < self._awake_until_ns:
            self._awake = True
            asyncio.get_running_loop().call_soon(self._stay_awake)
        else:
            watch.in_vain()

    def _flush(self) -> None:
        self._flushing = False
        link = self._link
        if link is None or link.lost:
            if self._connecting is None:
                self._connecting = asyncio.get_running_loop().create_task(self._connect())
            return
        if link.paused or not self._waiting:
            return  # resume_writing comes back here
        waiting, self._waiting = self._waiting, []
        frames = []
        at = 0
        for part in _requests([submission for submission, _ in waiting]):
            futures = [future for _, future in waiting[at : at + len(part)]]
            at += len(part)
            if any(submission.blob_bytes >= 0 for submission in part):
                # A blob that is not there refuses its whole request: it stands alone, not to refuse others.
                for submission, future in zip(part, futures, strict=True):
                    frames += self._request([submission], [future], link)
            else:
                frames += self._request(part, futures, link)
        link.write(b"".join(frames))

    def _request(
        self, part: list[Submission], futures: "list[asyncio.Future[Receipt]]", link: "_Link"
    ) -> list[bytes]:
        number = next(self._numbers)
        try:
            content = _framed(wire.Append(number, part))
        except DraftRefused as refusal:
            if len(part) == 1:
                futures[0].set_exception(refusal)
                return []
            return [
                frame
                for submission, future in zip(part, futures, strict=True)
                for frame in self._request([submission], [future], link)
            ]
        link.appends[number] = futures
        return [content]

    async def _ask(self, request: wire.Observe | wire.AskState) -> wire.Answer:
        if self._link is None or self._link.lost:
            if self._connecting is None:
                self._connecting = asyncio.get_running_loop().create_task(self._connect())
            await asyncio.shield(self._connecting)
        link = self._link
        if link is None or link.lost:
            raise RecorderUnreachable("recorder: expected it to listen; nothing was sent")
        future: asyncio.Future[wire.Answer] = asyncio.get_running_loop().create_future()
        link.questions[request.number] = future
        link.write(_framed(request))
        return await future

    async def _connect(self) -> None:
        link = None
        try:
            with address(self._path) as name:
                _, link = await asyncio.get_running_loop().create_unix_connection(lambda: _Link(self), name)
            await asyncio.wait_for(asyncio.shield(link.greeted), TIMEOUT_SECONDS)
            self._link = link
        except (OSError, JournalError, TimeoutError):
            self._connecting = None
            self._fail_waiting(RecorderUnreachable("recorder: expected it to listen; nothing was sent"))
            return
        finally:
            # Told nothing in time, or closed meanwhile: nobody would ever close what nobody uses.
            if link is not None and link is not self._link and link.transport is not None:
                link.transport.abort()
        self._connecting = None
        self._flush()

    def _fail_waiting(self, error: JournalError) -> None:
        waiting, self._waiting = self._waiting, []
        for _, future in waiting:
            if not future.done():
                future.set_exception(error)


class _Link(asyncio.Protocol):
    """One connection of an `AsyncRecorder` and what is in flight on it."""

    def __init__(self, owner: AsyncRecorder) -> None:
        self._owner = owner
        self._frames = wire.Frames()
        self._greeting: wire.Greeting | None = None
        self.greeted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.transport: asyncio.Transport | None = None
        self.appends: dict[int, list[asyncio.Future[Receipt]]] = {}
        self.questions: dict[int, asyncio.Future[wire.Answer]] = {}
        self.paused = False
        self.lost = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(
            asyncio.Transport, transport
        )  # uvloop's transports are not subclasses of asyncio's

    def write(self, data: bytes) -> None:
        assert self.transport is not None
        self.transport.write(data)

    def data_received(self, data: bytes) -> None:
        try:
            for content in self._frames.receive(data):
                if self._greeting is None:
                    self._greeting = wire.read_greeting(content)
                    self.greeted.set_result(None)
                else:
                    self._settle(wire.read_answer(content), self._greeting)
        except JournalError:
            assert self.transport is not None
            self.transport.abort()

    def _settle(self, answer: wire.Answer, greeting: wire.Greeting) -> None:
        futures = self.appends.pop(answer.number, None)
        if futures is None:
            question = self.questions.pop(answer.number, None)
            if question is not None and not question.done():
                if answer.state == wire.OK:
                    question.set_result(answer)
                else:
                    question.set_exception(wire.error_of(answer))
            return
        for at, future in enumerate(futures):
            if future.done():
                continue  # its caller gave up; the entry is there all the same
            if answer.state == wire.OK:
                future.set_result(
                    Receipt(greeting.origin, greeting.epoch, answer.first + at, answer.recorded_at_us)
                )
            else:
                future.set_exception(wire.error_of(answer))

    def pause_writing(self) -> None:
        self.paused = True

    def resume_writing(self) -> None:
        self.paused = False
        self._owner._flush()

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = True
        gone = RecorderGone("recorder: went away before it answered")
        if not self.greeted.done():
            self.greeted.set_exception(gone)
            self.greeted.exception()  # seen, whether or not anyone waits
        for future in itertools.chain.from_iterable(self.appends.values()):
            if not future.done():
                future.set_exception(gone)
        for question in self.questions.values():
            if not question.done():
                question.set_exception(gone)
        self.appends.clear()
        self.questions.clear()


def _framed(request: wire.Request) -> bytes:
    try:
        return wire.frame(request)
    except (UnicodeEncodeError, OverflowError, TypeError):
        raise DraftRefused("draft: expected text that is Unicode and numbers of 64 bits") from None
