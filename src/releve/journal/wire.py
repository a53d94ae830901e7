"""What goes over the recorder's socket: frames of a 4-byte big-endian length and a MessagePack array. Pure.

A request is `[number, verb, payload]`, its answer `[number, state, payload]`; answers come in the order in which they
are ready. The socket is a local one, mode 0600: who may open it may append, and nothing else.
"""

import struct
from typing import Final

import msgspec

from releve.journal.entry import Submission
from releve.journal.errors import (
    DraftRefused,
    JournalError,
    RecorderGone,
    StorageFailed,
    StorageFull,
)

FRAME_BYTES_MAX: Final = 1 << 20  # what one client may make the recorder hold at once
SUBMISSIONS_BYTES: Final = 256 * 1024  # clients cut what they send into requests of about this size
LENGTH: Final = struct.Struct(">I")

OK: Final = 0
REFUSED: Final = 1
FULL: Final = 2
FAILED: Final = 3

_ERRORS: Final[dict[int, type[JournalError]]] = {
    REFUSED: DraftRefused,
    FULL: StorageFull,
    FAILED: StorageFailed,
}


class Append(msgspec.Struct, frozen=True, array_like=True, tag="append"):
    """Record these, all or none, one after the other."""

    number: int
    submissions: list[Submission]


class Redact(msgspec.Struct, frozen=True, array_like=True, tag="redact"):
    """Remove the bytes of an entry by a signed act."""

    number: int
    index: int
    reason: str
    author: str


class Observe(msgspec.Struct, frozen=True, array_like=True, tag="observe"):
    """Move the clock past the stamp of a foreign entry."""

    number: int
    wall_ms: int
    counter: int


class AskState(msgspec.Struct, frozen=True, array_like=True, tag="state"):
    """Say how the log and the disk are."""

    number: int


Request = Append | Redact | Observe | AskState


class State(msgspec.Struct, frozen=True, kw_only=True):
    """How the recorder, its log and its disk are."""

    origin: str
    epoch: int
    size: int
    exercise: bool
    free_percent: float
    alarm: bool  # under 15 % free: packs and views stop growing first
    storage: str  # "ok", or in words what the last commit failed on
    clients: int
    entries: int  # since the recorder started
    commits: int
    commit_us_median: int  # of the last commits, transaction and head file
    commit_us_max: int
    batch_max: int
    warnings: tuple[str, ...] = ()


class Answer(msgspec.Struct, frozen=True, array_like=True):
    """The answer to one request."""

    number: int
    state: int
    problem: str = ""
    first: int = 0  # index of the first entry appended; or the redaction's; or 1 when a stamp was believed
    recorded_at_us: int = 0
    storage: State | None = None


class Greeting(msgspec.Struct, frozen=True, array_like=True):
    """What the recorder says first on every connection: whose log it writes."""

    origin: str
    epoch: int


# msgspec tells bytes that are no UTF-8 by a plain UnicodeDecodeError, which is a ValueError; RecursionError: nested.
_UNREADABLE_BYTES = (msgspec.DecodeError, msgspec.ValidationError, ValueError, RecursionError)
_encode = msgspec.msgpack.Encoder().encode
_decode_request = msgspec.msgpack.Decoder(Request).decode
_decode_answer = msgspec.msgpack.Decoder(Answer).decode
_decode_greeting = msgspec.msgpack.Decoder(Greeting).decode


def frame(message: Request | Answer | Greeting) -> bytes:
    """Return the message as one frame."""
    content = _encode(message)
    return LENGTH.pack(len(content)) + content


def read_request(content: bytes) -> Request:
    """Return the request in a frame.

    Raises:
        DraftRefused: it is none of the requests.
    """
    try:
        return _decode_request(content)
    except _UNREADABLE_BYTES:
        raise DraftRefused("request: expected append, redact, observe or state") from None


def read_answer(content: bytes) -> Answer:
    """Return the answer in a frame.

    Raises:
        RecorderGone: the other side is no recorder.
    """
    try:
        return _decode_answer(content)
    except _UNREADABLE_BYTES:
        raise RecorderGone("recorder: expected an answer") from None


def read_greeting(content: bytes) -> Greeting:
    """Return the greeting in a frame.

    Raises:
        RecorderGone: the other side is no recorder.
    """
    try:
        return _decode_greeting(content)
    except _UNREADABLE_BYTES:
        raise RecorderGone("recorder: expected a greeting") from None


def state_of(error: JournalError) -> int:
    """Return the state by which an error travels."""
    for state, kind in _ERRORS.items():
        if isinstance(error, kind):
            return state
    return FAILED


def error_of(answer: Answer) -> JournalError:
    """Return the error an answer stands for."""
    return _ERRORS.get(answer.state, StorageFailed)(answer.problem)


class Frames:
    """Collect the frames of one connection.

    >>> frames = Frames()
    >>> frames.receive(LENGTH.pack(3) + b"ab")
    []
    >>> frames.receive(b"c" + LENGTH.pack(0))
    [b'abc', b'']
    """

    __slots__ = ("_pending",)

    def __init__(self) -> None:
        self._pending = bytearray()

    def receive(self, data: bytes) -> list[bytes]:
        """Return the frames completed by `data`.

        Raises:
            DraftRefused: a frame over `FRAME_BYTES_MAX`.
        """
        pending = self._pending
        whole: bytes | bytearray = data
        if pending:
            pending += data
            whole = pending
        found, at, end = [], 0, len(whole)
        while end - at >= LENGTH.size:
            (length,) = LENGTH.unpack_from(whole, at)
            if length > FRAME_BYTES_MAX:
                raise DraftRefused(f"request: expected up to {FRAME_BYTES_MAX} bytes")
            start = at + LENGTH.size
            if end - start < length:
                break
            at = start + length
            found.append(bytes(whole[start:at]))
        if whole is pending:
            del pending[:at]
        else:
            pending += data[at:]
        return found
