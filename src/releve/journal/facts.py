"""What the journal says about itself: the bodies of `journal.*` entries. Pure."""

from typing import TypeVar

import msgspec

from releve.journal.errors import EntryError

Fact = TypeVar("Fact")


class JournalOpened(msgspec.Struct, frozen=True, kw_only=True, tag="journal.opened.1"):
    """The first entry of every log: whose it is, which key signs it, and whether it is real.

    `before` is the last signed checkpoint of the epoch before (a signed note), None for a first epoch or when the
    epoch before could not be read any more; `reason` says why this epoch began. `handover`: the signature of the epoch
    before's key over `handover_text`, a line as in a signed note; None for a first epoch, and where that key was gone.
    """

    origin: str
    epoch: int
    key: str  # C2SP verifier key (vkey)
    exercise: bool  # an exercise can never become real: every later epoch repeats this
    hospital: str
    before: str | None
    reason: str
    opened_at_us: int
    handover: str | None = None


class JournalDictionary(msgspec.Struct, frozen=True, kw_only=True, tag="journal.dictionary.1"):
    """A zstd dictionary, kept in the log so that no body ever depends on a file of this program."""

    name: str
    dictionary: bytes


class JournalRedaction(msgspec.Struct, frozen=True, kw_only=True, tag="journal.redaction.1"):
    """The bytes of an earlier entry of this log were removed, by whom the entry's author says, and why.

    `envelope` restates the removed entry: the same MessagePack array with salt and body empty. `leaf` keeps its place
    in the tree.
    """

    index: int
    leaf: bytes
    reason: str
    envelope: bytes


class JournalClosed(msgspec.Struct, frozen=True, kw_only=True, tag="journal.closed.1"):
    """The last entry of an epoch that ended in order: nothing is ever appended behind it.

    The next epoch's `JournalOpened` holds this one's last checkpoint and the signature of its key over the next.
    """

    reason: str
    closed_at_us: int


# msgspec tells bytes that are no UTF-8 by a plain UnicodeDecodeError, which is a ValueError; RecursionError: nested.
_UNREADABLE_BYTES = (msgspec.DecodeError, msgspec.ValidationError, ValueError, RecursionError)
_encode = msgspec.msgpack.Encoder().encode


def handover_text(origin: str, epoch: int, vkey: str) -> str:
    """Return what the key of one epoch signs to hand over to the key of the next."""
    return f"releve/handover/1\n{origin}\n{epoch}\n{vkey}\n"


def encode(fact: JournalOpened | JournalDictionary | JournalRedaction | JournalClosed) -> bytes:
    """Return the body of a `journal.*` entry."""
    return _encode(fact)


def read_opened(body: bytes) -> JournalOpened:
    """Return the fact in the body of a `journal.opened.1`.

    Raises:
        EntryError: it does not hold one.
    """
    return _read(body, JournalOpened)


def read_dictionary(body: bytes) -> JournalDictionary:
    """Return the fact in the body of a `journal.dictionary.1`.

    Raises:
        EntryError: it does not hold one.
    """
    return _read(body, JournalDictionary)


def read_redaction(body: bytes) -> JournalRedaction:
    """Return the fact in the body of a `journal.redaction.1`.

    Raises:
        EntryError: it does not hold one.
    """
    return _read(body, JournalRedaction)


def _read(body: bytes, kind: type[Fact]) -> Fact:
    try:
        return msgspec.msgpack.decode(body, type=kind)
    except _UNREADABLE_BYTES:
        raise EntryError(f"journal entry: expected a {kind.__name__}") from None
