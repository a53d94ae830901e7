"""One line of the journal: what is offered (`Draft`), what is kept (stored bytes), what is read (`Entry`). Pure.

The stored bytes are a MessagePack array; every place of it is described in `docs/reference/journal.md`.
"""

import re
from typing import Final, Literal

import msgspec
import zstandard

from releve.journal.errors import DraftRefused, EntryError

VERSION: Final = 1
STORED_BYTES_MAX: Final = 65_535  # C2SP tlog-tiles: entries are framed by a uint16
BODY_BYTES_MAX: Final = 32 * 1024  # over this a body becomes a blob beside the log
BLOB_BYTES_MAX: Final = 1 << 32
SALT_BYTES: Final = 16
UNREADABLE: Final = "journal.unreadable"  # kind shown for an entry of a later version of the format

FEED: Final = 0
ACT: Final = 1
LANES: Final = {"feed": FEED, "act": ACT}
# How the kinds begin that the hospital sends, and those under which a later epoch restates them (`carried.py`).
FEED_KINDS: Final = ("message.", "initial.", "carried.feed.")

RAW: Final = 0
ZSTD: Final = 1
BLOB: Final = 2

_KIND = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}")
_TEXT_CHARS_MAX = 200
_SUBJECTS_MAX = 32
_RECORDED_US_MAX = 1 << 57
_SMALL_BYTES = 64  # below this a zstd frame costs more than it saves
_SIZE_NOT_STATED = -1  # of a frame: ours never do
_LEVEL = 1  # measured with a dictionary: level 3 saves 2 % of the bytes and takes half as long again, cold caches apart

Lane = Literal["feed", "act"]


def lane_of(kind: str) -> Lane:
    """Return "feed" for what the hospital sends, "act" for what people and Relève do."""
    return "feed" if kind.startswith(FEED_KINDS) else "act"


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """What someone wants recorded. `subjects` are hints for the fold, never the truth."""

    kind: str
    body: bytes
    source: str
    author: str = ""
    occurred_at_us: int | None = None  # UTC, microseconds since 1970; None: unknown
    subjects: tuple[str, ...] = ()

    @property
    def lane(self) -> Lane:
        """Which lane of the log this goes to."""
        return lane_of(self.kind)


class Submission(msgspec.Struct, frozen=True, array_like=True):
    """A draft on its way to the recorder. A blob travels as its SHA-256 with its size, a small body as itself."""

    kind: str
    body: bytes
    source: str
    author: str = ""
    occurred_at_us: int | None = None
    subjects: tuple[str, ...] = ()
    blob_bytes: int = -1


def place_of(origin: str, epoch: int, index: int) -> str:
    """Return the place of an entry as everything refers to it.

    >>> place_of("a", 1, 7)
    'a/1#7'
    """
    return f"{origin}/{epoch}#{index}"


class Receipt(msgspec.Struct, frozen=True):
    """The place an entry durably has. Given only after the disk said so."""

    origin: str
    epoch: int
    index: int
    recorded_at_us: int

    @property
    def place(self) -> str:
        """The place in words, "ORIGIN/EPOCH#INDEX"."""
        return place_of(self.origin, self.epoch, self.index)


class Envelope(msgspec.Struct, frozen=True, array_like=True):
    """The stored array, place by place. Elements a later version adds behind are ignored."""

    version: int
    origin: str
    epoch: int
    index: int
    wall_ms: int
    counter: int
    occurred_at_us: int | None
    recorded_at_us: int
    author: str
    recorder: str
    source: str
    kind: str
    subjects: tuple[str, ...]
    salt: bytes
    encoding: int
    dictionary: int | None
    size: int
    body: bytes


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """An entry as read: the body decompressed, a blob fetched."""

    version: int
    origin: str
    epoch: int
    index: int
    hlc: tuple[int, int]
    occurred_at_us: int | None
    recorded_at_us: int
    author: str
    recorder: str
    source: str
    kind: str
    subjects: tuple[str, ...]
    body: bytes
    redacted: bool = False  # the body was removed by a signed act; the rest is restated from that act
    missing: bool = False  # the blob of the body is not on this disk (or not intact): read it from a mirror

    @property
    def lane(self) -> Lane:
        """Which lane of the log this stands in."""
        return lane_of(self.kind)


# msgspec tells bytes that are no UTF-8 by a plain UnicodeDecodeError, which is a ValueError, and what is nested a
# thousand times deep by a RecursionError.
_UNREADABLE_BYTES = (msgspec.DecodeError, msgspec.ValidationError, ValueError, RecursionError)
_encode = msgspec.msgpack.Encoder().encode
_decode_envelope = msgspec.msgpack.Decoder(Envelope).decode
_decode_any = msgspec.msgpack.Decoder(list).decode


def encode(envelope: Envelope) -> bytes:
    """Return the stored bytes of an entry."""
    return _encode(envelope)


def encode_places(places: tuple[object, ...]) -> bytes:
    """Return the stored bytes of an entry given place by place, in the order of `Envelope`."""
    return _encode(places)


def decode(stored: bytes) -> Envelope:
    """Return the envelope in stored bytes, its body still encoded.

    Of a later format version only the first four places are promised; its kind reads `journal.unreadable`.

    Raises:
        EntryError: not a MessagePack array of this format.
    """
    try:
        envelope = _decode_envelope(stored)
    except _UNREADABLE_BYTES:
        return _decode_later(stored)
    return envelope if envelope.version == VERSION else _decode_later(stored)


def _decode_later(stored: bytes) -> Envelope:
    try:
        version, origin, epoch, index = _decode_any(stored)[:4]
    except _UNREADABLE_BYTES:
        raise EntryError("entry: expected a MessagePack array of at least four elements") from None
    if not (type(version) is int and type(origin) is str and type(epoch) is int and type(index) is int):
        raise EntryError("entry: expected version, origin, epoch, index in front")
    if version <= VERSION:
        raise EntryError(
            f"entry: expected the {len(Envelope.__struct_fields__)} elements of version {VERSION}"
        )
    return Envelope(
        version,
        origin,
        epoch,
        index,
        0,
        0,
        None,
        0,
        "",
        "",
        "",
        UNREADABLE,
        (),
        b"",
        RAW,
        None,
        len(stored),
        stored,
    )


def check(submission: Submission) -> None:
    """Refuse what could not be stored, or what only the journal itself may say.

    Within these limits an entry always fits `STORED_BYTES_MAX`.

    Raises:
        DraftRefused: names the limit.
    """
    kind, body, source, author, occurred_at_us, subjects, blob_bytes = (
        submission.kind,
        submission.body,
        submission.source,
        submission.author,
        submission.occurred_at_us,
        submission.subjects,
        submission.blob_bytes,
    )
    if not _KIND.fullmatch(kind):
        raise DraftRefused("kind: expected up to 80 of a-z 0-9 . _ -")
    if kind.startswith("journal."):
        raise DraftRefused("kind: journal.* entries are made by the recorder alone")
    if len(source) > _TEXT_CHARS_MAX or len(author) > _TEXT_CHARS_MAX:
        raise DraftRefused(f"source, author: expected up to {_TEXT_CHARS_MAX} characters")
    if subjects and (len(subjects) > _SUBJECTS_MAX or max(map(len, subjects)) > _TEXT_CHARS_MAX):
        raise DraftRefused(f"subjects: expected up to {_SUBJECTS_MAX} of up to {_TEXT_CHARS_MAX} characters")
    if occurred_at_us is not None and not -(1 << 62) < occurred_at_us < 1 << 62:
        raise DraftRefused("occurred_at_us: expected microseconds since 1970")
    if blob_bytes >= 0:
        if len(body) != 32 or not BODY_BYTES_MAX < blob_bytes <= BLOB_BYTES_MAX:
            raise DraftRefused("blob: expected a SHA-256 and a size over 32 KiB")
    elif len(body) > BODY_BYTES_MAX:
        raise DraftRefused(f"body: expected up to {BODY_BYTES_MAX} bytes; a longer one goes as a blob")


def check_envelope(envelope: Envelope) -> None:
    """Refuse an envelope that no recorder writes: another island's key signs anything.

    Raises:
        EntryError: names the limit.
    """
    if not _KIND.fullmatch(envelope.kind):
        raise EntryError("kind: expected up to 80 of a-z 0-9 . _ -")
    if max(len(envelope.source), len(envelope.author), len(envelope.recorder)) > _TEXT_CHARS_MAX:
        raise EntryError(f"source, author, recorder: expected up to {_TEXT_CHARS_MAX} characters")
    subjects = envelope.subjects
    if subjects and (len(subjects) > _SUBJECTS_MAX or max(map(len, subjects)) > _TEXT_CHARS_MAX):
        raise EntryError(f"subjects: expected up to {_SUBJECTS_MAX} of up to {_TEXT_CHARS_MAX} characters")
    # What lies outside is no date in any calendar of a computer: whoever showed it would fail.
    if not (
        0 <= envelope.recorded_at_us < _RECORDED_US_MAX and 0 <= envelope.wall_ms < _RECORDED_US_MAX // 1000
    ):
        raise EntryError("recorded_at_us, wall_ms: expected a moment before the year 6500")
    if not 0 <= envelope.counter < 1 << 32:
        raise EntryError("counter: expected up to 32 bits")
    if envelope.occurred_at_us is not None and not -(1 << 62) < envelope.occurred_at_us < 1 << 62:
        raise EntryError("occurred_at_us: expected microseconds since 1970")


def redacted(envelope: Envelope) -> bytes:
    """Return the stored bytes restated without what could give the body away: salt and body are empty."""
    return _encode(msgspec.structs.replace(envelope, salt=b"", body=b""))


class Packer:
    """Compresses bodies with one dictionary of the log (or none)."""

    def __init__(self, index: int | None, dictionary: bytes) -> None:
        self.index = index if dictionary else None
        self.dictionary = dictionary
        shared = zstandard.ZstdCompressionDict(dictionary) if dictionary else None
        if shared is not None:
            shared.precompute_compress(level=_LEVEL)
        # Size and dictionary stand in the envelope and the tree guards the bytes: the frame repeats none of it.
        self._compress = zstandard.ZstdCompressor(
            level=_LEVEL,
            dict_data=shared,
            write_checksum=False,
            write_content_size=False,
            write_dict_id=False,
        ).compress

    def pack(self, body: bytes) -> tuple[int, int | None, bytes]:
        """Return (encoding, dictionary, bytes), the body as it is when compressing gains nothing."""
        if len(body) >= _SMALL_BYTES:
            packed = self._compress(body)
            if len(packed) < len(body):
                return ZSTD, self.index, packed
        return RAW, None, body


class Unpacker:
    """Restores bodies packed with one dictionary (or none)."""

    def __init__(self, dictionary: bytes) -> None:
        shared = zstandard.ZstdCompressionDict(dictionary) if dictionary else None
        self._decompress = zstandard.ZstdDecompressor(dict_data=shared).decompress

    def unpack(self, envelope: Envelope) -> bytes:
        """Return the body of a ZSTD or RAW envelope, never more than the size it states.

        Raises:
            EntryError: does not decompress, or not to the stated size.
        """
        body = envelope.body
        if envelope.encoding == ZSTD:
            if not 0 <= envelope.size <= STORED_BYTES_MAX:
                raise EntryError(f"entry body: expected a size up to {STORED_BYTES_MAX}")
            try:
                # A frame that states its own size is given that much memory, whatever the limit asked for.
                if zstandard.frame_content_size(body) not in (_SIZE_NOT_STATED, envelope.size):
                    raise EntryError("entry body: expected the size its envelope states")
                body = self._decompress(body, max_output_size=envelope.size)
            except zstandard.ZstdError:
                raise EntryError("entry body: expected a zstd frame of this dictionary") from None
        elif envelope.encoding != RAW:
            raise EntryError("entry body: expected encoding 0, 1 or 2")
        if len(body) != envelope.size:
            raise EntryError("entry body: expected the size its envelope states")
        return body


def opened(envelope: Envelope, body: bytes) -> Entry:
    """Return the entry of an envelope with its body."""
    return _entry(envelope, body, False, False)


def opened_redacted(envelope: Envelope) -> Entry:
    """Return the entry of a restated envelope whose body was removed."""
    return _entry(envelope, b"", True, False)


def opened_missing(envelope: Envelope) -> Entry:
    """Return the entry of an envelope whose blob is not here."""
    return _entry(envelope, b"", False, True)


def _entry(envelope: Envelope, body: bytes, is_redacted: bool, is_missing: bool) -> Entry:
    return Entry(
        version=envelope.version,
        origin=envelope.origin,
        epoch=envelope.epoch,
        index=envelope.index,
        hlc=(envelope.wall_ms, envelope.counter),
        occurred_at_us=envelope.occurred_at_us,
        recorded_at_us=envelope.recorded_at_us,
        author=envelope.author,
        recorder=envelope.recorder,
        source=envelope.source,
        kind=envelope.kind,
        subjects=envelope.subjects,
        body=body,
        redacted=is_redacted,
        missing=is_missing,
    )
