"""One MLLP connection: frames in, entries to the recorder, answers out in the order received.

A protocol class rather than streams: no task and no wake-up per message beyond the recorder's own future.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import time
from collections import deque
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

from releve.codecs.hl7v2.batch import FRAME_MESSAGES_MAX, is_batch, split_batch
from releve.codecs.mllp import FrameError, FrameReader, frame
from releve.gateway.answers import Wish, answer, answer_to_batch, first_line, wish_of
from releve.journal.entry import BODY_BYTES_MAX, Draft, Receipt
from releve.journal.errors import DraftRefused, JournalError, StorageFull

if TYPE_CHECKING:
    from releve.gateway.mllp import MllpListener

# Answers are some 100 bytes; a sender that leaves this much unread does not read at all.
_UNREAD_BYTES_MAX = 256 * 1024
# Dead peers behind firewalls are found by the kernel, not by us: after 60 s of silence, 6 probes 10 s apart.
_KEEPALIVE = (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 6))


class _Batch:
    """A frame of several messages: one answer, once every one of them is settled."""

    __slots__ = ("accepted", "failure", "header", "heads", "unsettled")

    def __init__(self, header: bytes, messages: tuple[bytes, ...]) -> None:
        self.header = header
        self.heads = [first_line(raw) for raw in messages]  # all that an acknowledgement reads
        self.unsettled = len(messages)
        self.failure: BaseException | None = None
        self.accepted: bytes | None = None


class _Slot:
    """A message not answered yet; without future while it waits behind a large one."""

    __slots__ = ("accepted", "batch", "future", "raw", "wish")

    def __init__(self, raw: bytes, batch: _Batch | None = None) -> None:
        self.raw = raw
        self.batch = batch
        self.wish: Wish | None = None
        self.accepted: bytes | None = None  # the answer if it is kept, made while the disk works; b"": none
        self.future: asyncio.Future[Receipt] | None = None

    @property
    def settled(self) -> bool:
        """Whether the recorder has said what became of it."""
        return self.future is not None and self.future.done()


class MllpConnection(asyncio.Protocol):
    """The state of one sender's connection."""

    __slots__ = (
        "_closing",
        "_held",
        "_large",
        "_listener",
        "_paused",
        "_pending",
        "_queued",
        "_reader",
        "_slots",
        "_source",
        "_transport",
        "_unread",
        "frame_began_at",
        "kept",
        "peer",
        "stray_since",
    )

    def __init__(self, listener: MllpListener) -> None:
        self._listener = listener
        self._reader = FrameReader(frame_bytes_max=listener.settings.frame_bytes_max)
        self._transport: asyncio.Transport | None = None
        self._slots: deque[_Slot] = deque()  # every message not answered, oldest first
        self._queued: deque[_Slot] = deque()  # those among them the recorder has not been given
        self._large: _Slot | None = None  # the one they wait for
        self._held = 0  # bytes of the messages in `_slots`
        self._pending = 0  # bytes of the half frame, as last told to the listener
        self._paused = False
        self._unread = False
        self._closing = False
        self._source = ""
        self.peer = ""
        self.frame_began_at = 0.0  # monotonic; 0.0 while no frame is begun
        self.stray_since = 0.0  # monotonic; 0.0 while nothing came that belongs to no frame
        self.kept = 0  # messages kept on this connection

    # -- what the event loop calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Admit or turn away; every admitted connection is known to the listener."""
        transport = cast(asyncio.Transport, transport)  # uvloop's own classes are not subclasses
        self._transport = transport
        address = transport.get_extra_info("peername")
        self.peer = str(address[0]).removeprefix("::ffff:") if address else "unknown"
        self._source = f"mllp:{self.peer}"
        if not self._listener.admit(self):
            self._closing = True
            transport.abort()
            return
        transport.set_write_buffer_limits(high=_UNREAD_BYTES_MAX)
        if (sock := transport.get_extra_info("socket")) is not None:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            for name, value in _KEEPALIVE:
                if hasattr(socket, name):
                    sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)

    def data_received(self, data: bytes) -> None:
        """Hand every completed frame to the recorder at once; answers follow in order."""
        if self._closing:
            return
        listener = self._listener
        try:
            frames = self._reader.receive(data)
        except FrameError as error:
            listener.notices.tell(f"connection closed: {error}", self.peer)
            self._account()
            self.close_after_answers()
            return
        if frames:
            fresh = [slot for raw in frames for slot in _slots_of(raw)]
            self._slots += fresh
            self._queued += fresh
            self._hand_over()
            # Runs after the recorder's client has written: answers are made while the disk works.
            listener.loop.call_soon(self._prepare, fresh)
            held = sum(len(slot.raw) for slot in fresh)
            self._held += held
            listener.frames_held(held)
            self.frame_began_at = 0.0
        if self._reader.pending_bytes:
            if not self.frame_began_at:
                self.frame_began_at = time.monotonic()
        else:
            self.frame_began_at = 0.0
        if self._reader.outside_bytes and not self.stray_since:
            self.stray_since = time.monotonic()
        self._account()
        listener.touched(self)
        self._hold_back()

    def eof_received(self) -> bool:
        """Keep the sending half open: a sender that said all it had still waits for its answers."""
        if self._pending:
            self._listener.notices.tell("half a message received, then the end of the connection", self.peer)
        tls = self._transport is not None and self._transport.get_extra_info("sslcontext") is not None
        self.close_after_answers()
        return not tls  # TLS knows no half-open connection

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection; entries under way go on, the sender repeats what we did not answer."""
        self._closing = True
        self._transport = None
        self._listener.forget(self, self._pending)
        self._pending = 0
        # Receipts of the frames under way still arrive; each gives its bytes back to the budget in `_settled`.

    def pause_writing(self) -> None:
        """The sender does not read its answers: do not read its messages either."""
        self._unread = True
        self._hold_back()

    def resume_writing(self) -> None:
        """The sender reads again."""
        self._unread = False
        self.resume()

    # -- what the listener calls

    @property
    def busy(self) -> bool:
        """Whether answers are owed."""
        return bool(self._slots)

    @property
    def pending_bytes(self) -> int:
        """Bytes held of a frame that is not complete."""
        return self._pending

    def close_after_answers(self) -> None:
        """Read no more; close once every frame under way is answered."""
        self._closing = True
        self._reader = FrameReader()  # the half frame is given up: its sender repeats it
        self.frame_began_at = 0.0
        self._account()
        if self._transport is None:
            return
        if self._slots:
            self._pause()
        else:
            self._transport.close()

    def abort(self) -> None:
        """Close now; nothing more is written."""
        self._closing = True
        if self._transport is not None:
            self._transport.abort()

    def resume(self) -> None:
        """Read again if neither this connection nor all together are over their budget."""
        if not self._paused or self._closing or self._transport is None or self._over_budget():
            return
        self._paused = False
        self._listener.resumed(self)
        self._transport.resume_reading()

    # -- inside

    def _hand_over(self) -> None:
        """Give frames to the recorder in the order received; behind one that becomes a blob, wait for it.

        Its bytes are written on another thread, and what came after must not get an index before it.
        """
        queued = self._queued
        while queued and self._large is None:
            slot = queued.popleft()
            # The bytes are kept before anything is understood of them.
            slot.future = self._listener.submit(
                Draft(kind="message.hl7v2", body=slot.raw, source=self._source)
            )
            if len(slot.raw) > BODY_BYTES_MAX:
                self._large = slot
            slot.future.add_done_callback(self._settled)

    def _prepare(self, slots: list[_Slot]) -> None:
        """Make the answers of what will be kept; they leave only when it is."""
        now = datetime.now(UTC)
        for slot in slots:
            if slot.batch is not None:
                if slot.batch.accepted is None:
                    slot.batch.accepted = self._batch_answer(slot.batch, now)
            elif slot.accepted is None:
                slot.accepted = self._accepted(slot, now)

    def _accepted(self, slot: _Slot, now: datetime) -> bytes:
        wish = slot.wish = wish_of(slot.raw)
        if not wish.answered:
            return b""
        return frame(answer(slot.raw, wish.kept, sent_at=now, control_id=self._listener.next_control_id()))

    def _refused(self, slot: _Slot, failure: BaseException) -> bytes:
        wish = wish_of(slot.raw)
        if not wish.answered:
            return b""
        words = "not stored: message over the limits" if isinstance(failure, DraftRefused) else "not stored"
        now, control_id = datetime.now(UTC), self._listener.next_control_id()
        return frame(answer(slot.raw, wish.refused, sent_at=now, control_id=control_id, text=words))

    def _batch_answer(self, batch: _Batch, now: datetime) -> bytes:
        # Some engines read the first acknowledgement alone: where one message was not kept, none is called kept.
        made = answer_to_batch(
            batch.header,
            batch.heads,
            sent_at=now,
            next_control_id=self._listener.next_control_id,
            refused="" if batch.failure is None else "batch not stored whole",
        )
        return frame(made) if made else b""

    def _due(self, slot: _Slot, failure: BaseException | None) -> bytes:
        """Return the answer to write now that `slot` is settled; b"" while there is none."""
        batch = slot.batch
        if batch is not None:
            batch.unsettled -= 1
            if failure is not None:
                batch.failure, batch.accepted = failure, None
            if batch.unsettled:
                return b""
            return self._batch_answer(batch, datetime.now(UTC)) if batch.accepted is None else batch.accepted
        if failure is not None:
            return self._refused(slot, failure)
        accepted = self._accepted(slot, datetime.now(UTC)) if slot.accepted is None else slot.accepted
        # An answer nobody asked for must not block a sender that does not read.
        return accepted if not self._unread or (slot.wish is not None and slot.wish.wanted) else b""

    def _over_budget(self) -> bool:
        settings = self._listener.settings
        return (
            self._unread
            or self._held > settings.connection_bytes_max
            or len(self._slots) > settings.connection_messages_max
            or self._listener.over_budget
        )

    def _hold_back(self) -> None:
        if not self._paused and self._over_budget():
            self._pause()
            self._listener.paused(self)

    def _pause(self) -> None:
        if not self._paused and self._transport is not None and not self._transport.is_closing():
            self._paused = True
            self._transport.pause_reading()

    def _account(self) -> None:
        pending = self._reader.pending_bytes
        if pending != self._pending:
            self._listener.pending_changed(self, pending - self._pending)
            self._pending = pending

    def _settled(self, _: asyncio.Future[Receipt]) -> None:
        """Write the answers that are due: those at the head of the queue, and none that overtakes another."""
        slots = self._slots
        answers: list[bytes] = []
        released = 0
        lost: BaseException | None = None
        if self._large is not None and self._large.settled:
            self._large = None
        while slots and slots[0].settled:
            slot = slots.popleft()
            released += len(slot.raw)
            failure = _failure(slot)
            if failure is None:
                self.kept += 1
            elif self._may_reject(failure):
                self._listener.notices.tell(f"message refused: {failure}", self.peer, logging.ERROR)
            else:
                lost = failure
                break
            if due := self._due(slot, failure):
                answers.append(due)
        self._held -= released
        self._listener.frames_released(released)
        transport = self._transport
        if answers and transport is not None and not transport.is_closing():
            transport.write(b"".join(answers) if len(answers) > 1 else answers[0])
        if lost is not None:
            self._give_up(lost)
            return
        if self._queued:
            self._hand_over()
        if self._closing:
            if not slots and transport is not None:
                transport.close()
        elif self._paused:
            self.resume()

    def _may_reject(self, failure: BaseException) -> bool:
        # What the recorder will never take would be repeated for ever: the sender is told.
        if isinstance(failure, DraftRefused):
            return True
        return isinstance(failure, StorageFull) and self._listener.settings.when_full == "reject"

    def _give_up(self, failure: BaseException) -> None:
        """Not stored, or nobody knows: no answer, and nothing behind it on this connection may overtake it."""
        self._listener.notices.tell(
            f"message not stored, connection closed without answer: {_words(failure)}",
            self.peer,
            logging.ERROR,
        )
        self._queued.clear()
        self._large = None
        while self._slots:
            slot = self._slots.popleft()
            if slot.future is not None:
                slot.future.remove_done_callback(self._settled)
                slot.future.add_done_callback(_looked_at)
            self._held -= len(slot.raw)
            self._listener.frames_released(len(slot.raw))
        self._closing = True
        self._reader = FrameReader()
        self.frame_began_at = 0.0
        self._account()
        self._pause()
        if self._transport is not None:
            self._listener.close_later(self)


def _slots_of(raw: bytes) -> list[_Slot]:
    """Return what a frame becomes: a slot for each message of a batch that adds up, else one for the whole.

    Several messages without the header of a batch are one: whether a line that looks like a header is one, nothing
    else in the frame says.
    """
    if not is_batch(raw):
        return [_Slot(raw)]
    found = split_batch(raw, messages_max=FRAME_MESSAGES_MAX)
    if found.warnings or not found.messages:
        return [_Slot(raw)]
    batch = _Batch(found.header, found.messages)
    return [_Slot(message, batch) for message in found.messages]


def _failure(slot: _Slot) -> BaseException | None:
    """Return why a settled slot is not durable, or `None` when it is."""
    assert slot.future is not None
    return JournalError("stopping") if slot.future.cancelled() else slot.future.exception()


def _looked_at(future: asyncio.Future[Receipt]) -> None:
    """Mark the outcome as seen: the message was given up together with the one before it."""
    if not future.cancelled():
        future.exception()


def _words(failure: BaseException) -> str:
    """Return the journal's own words, which hold no value; of anything else only its kind."""
    return str(failure) if isinstance(failure, JournalError) else type(failure).__name__
