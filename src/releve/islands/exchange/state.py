"""How the exchange stands: `DATA/runtime/exchange.json`, rewritten each second by the puller, read by the pages.

It holds codes, never sentences and never a value of a patient. It can be deleted: it comes back.
"""

from pathlib import Path
from typing import Literal, NamedTuple

import msgspec

from releve.islands.exchange.whole import write_whole

__all__ = [
    "REFUSED_MAX", "Copy", "Exchange", "LogState", "PeerState", "Refusal", "Refused", "Trouble", "exchange_path",
    "read_exchange", "write_exchange",
]  # fmt: skip

REFUSED_MAX = 100  # newest kept; all of them stand in DATA/evidence

Trouble = Literal[
    "",  # none
    "unreachable",  # no connection
    "certificate",  # somebody else answers there
    "refused",  # it does not let this island in
    "slow",  # no answer in time
    "answer",  # it answers what is no answer
    "disk",  # our own disk: no room, or it failed
    "file",  # our own files: settings or keys
]

Refusal = Literal[
    "signature",  # a checkpoint that the island's key did not sign
    "epoch",  # an epoch nobody vouches for
    "exercise",  # an exercise where it is real, or the other way round
    "rollback",  # an island shows fewer entries than it showed before
    "equivocation",  # two signed histories of one log
    "tree",  # hashes or entries that are not those of the signed tree
    "entry",  # an entry that is not of this log, or not as the format wants it
    "order",  # entries whose clock does not grow
    "removed",  # bytes are gone and no redaction says why, or a redaction that fits no entry
    "redactions",  # more entries were to be removed in a day than is allowed
    "cut",  # entries beyond a cut line
    "size",  # more than its share of the disk, or an answer over its limit
    "blob",  # a body that is not what its name says
    "clock",  # kept, but its clock is far ahead
]


class PeerState(msgspec.Struct, frozen=True, kw_only=True):
    """An island as it was reached last."""

    name: str
    reached_us: int | None = None
    tried_us: int | None = None
    trouble: Trouble = ""
    detail: str = ""


class LogState(msgspec.Struct, frozen=True, kw_only=True):
    """A log held here: entries, up to when none of it is missing, how many more are known to exist."""

    size: int
    checkpoint_us: int | None = None
    behind: int = 0
    coming: int = 0  # of a long catch-up: entries of it that are verified and wait for the rest
    whole: int = 0  # entries held with their blobs: no more than this is cosigned
    removed: tuple[int, int] = (0, 0)  # day since 1970, entries whose bytes redactions took here on it
    damaged: bool = False  # our copy is not what it was; it is fetched again where it differs


class Copy(NamedTuple):
    """What a holder signed that it keeps durably: so many entries, at that time."""

    size: int
    at_us: int


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was not believed; `folder` of it under DATA holds the evidence."""

    at_us: int
    origin: str
    epoch: int
    what: Refusal
    from_: str  # origin of the island it was pulled from, or the word "folder"
    detail: str
    folder: str


class Exchange(msgspec.Struct, frozen=True, kw_only=True):
    """How the exchange stands. Keys of `logs` and `copies`: ORIGIN/EPOCH; of `peers`: ORIGIN."""

    at_us: int
    own: str
    peers: dict[str, PeerState] = {}
    logs: dict[str, LogState] = {}
    copies: dict[str, dict[str, Copy]] = {}
    refused: tuple[Refused, ...] = ()
    ahead: dict[
        str, int
    ] = {}  # own logs of which another island holds more, signed, than we have: we lost entries

    def holders(self, log: str, index: int) -> tuple[str, ...]:
        """Return which other islands signed that they hold entry `index` of a log, ORIGIN/EPOCH."""
        copies = self.copies.get(log, {})
        return tuple(sorted(origin for origin, copy in copies.items() if copy.size > index))


def exchange_path(data: Path) -> Path:
    """Return where the state of the exchange stands."""
    return data / "runtime" / "exchange.json"


def read_exchange(data: Path) -> Exchange | None:
    """Return how the exchange stood when it was written last, None when it never was or cannot be read."""
    try:
        return msgspec.json.decode(exchange_path(data).read_bytes(), type=Exchange)
    except (FileNotFoundError, msgspec.DecodeError, ValueError):
        return None


def write_exchange(data: Path, exchange: Exchange) -> None:
    """Put the state of the exchange in place, whole or not at all."""
    # Not synced: it comes back within a second, and a disk in trouble must not hold the puller for it.
    write_whole(exchange_path(data), msgspec.json.encode(exchange), sync=False)
