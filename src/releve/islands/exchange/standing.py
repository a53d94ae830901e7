"""Where a mirrored log stands, and what a store of it can do: one on disk, one in memory for the simulation."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from releve.journal.opening import Row
from releve.journal.tree import Edge

__all__ = ["EMPTY", "BlobDraft", "MirrorStore", "Part", "Removal", "Row", "Standing"]


class Standing(NamedTuple):
    """A log up to some entry: its tree there, and what is needed to read on."""

    size: int
    edge: Edge
    checkpoint: str  # signed by the log's key, over this size (what is coming: over the size it is coming to)
    stamp: tuple[int, int]  # hybrid clock of the last entry that has one
    dictionary: int | None

    @property
    def root(self) -> bytes:
        """The root of the tree here."""
        return self.edge.root()


EMPTY = Standing(0, Edge(), "", (-1, -1), None)


class Removal(NamedTuple):
    """A `journal.redaction.1` at `act`: the bytes of entry `target` go; `lane` is what that entry was in."""

    target: int
    act: int
    lane: int


class Part(NamedTuple):
    """Entries that are proved to be of the signed tree, one after the other, and where the log stands after them."""

    rows: Sequence[Row]
    tiles: Sequence[tuple[int, int, bytes]]  # level, idx, hash
    removals: Sequence[Removal]
    after: Standing


class BlobDraft(Protocol):
    """A blob that comes piece by piece, as `journal.blobs` writes it to a disk."""

    @property
    def size(self) -> int:
        """How many bytes came."""

    def write(self, piece: bytes) -> None:
        """Add what comes next."""

    def keep(self) -> bool:
        """Keep the blob; False, and it is not kept, when it is not what its name says."""

    def beginning(self, size: int) -> bytes:
        """Return the first bytes of what came, `size` at most."""

    def drop(self) -> None:
        """Let go of it; what was not kept is gone."""


class MirrorStore(Protocol):
    """Another island's log, always at a signed checkpoint; beside it, what a long catch-up has verified so far.

    Whatever returns has become durable. What fails leaves everything as it was, or as it was to become.
    """

    @property
    def held(self) -> Standing:
        """Where the log stands: at a signed checkpoint, or empty."""

    @property
    def coming(self) -> Standing | None:
        """Where the long catch-up under way stands, None without one."""

    def hashes(self, level: int, start: int, stop: int) -> list[bytes]:
        """Return hashes of the tree of what is held, as `releve.journal.tree` asks for them."""

    def find(self, index: int) -> Row | None:
        """Return an entry that is held or coming."""

    def removed_by(self, index: int) -> int | None:
        """Return the redaction that removed an entry that is held or coming."""

    def bare(self) -> set[int]:
        """Return which entries that are coming have no bytes, and no redaction yet that says why."""

    def removals_coming(self) -> int:
        """Return how many entries that are held will lose their bytes to what is coming."""

    def advance(self, part: Part) -> None:
        """Add entries to what is held, in one step; `part.after` carries the checkpoint over all of them."""

    def keep(self, part: Part) -> None:
        """Add entries to what is coming."""

    def finish(self, checkpoint: str) -> None:
        """Make what is coming part of what is held, in one step, under the checkpoint over all of it."""

    def drop_coming(self) -> None:
        """Forget what is coming."""

    def mend(self, start: int, stored: Sequence[bytes | None], leaves: Sequence[bytes]) -> None:
        """Put the bytes and leaves of entries that are held back as they were, from entry `start` on."""

    def mend_tree(self, above: bytes, tail: Sequence[bytes]) -> None:
        """Put the hashes of the tree of what is held back: those over 256 entries, and the leaves behind them."""

    def lacking(self, start: int = 0) -> dict[int, bytes]:
        """Return which entries that are held, from `start` on, name a blob that is not here."""

    def blob_bytes(self, start: int = 0) -> int:
        """Return the bytes of the blobs here that entries from `start` on name."""

    def has_blob(self, digest: bytes) -> bool:
        """Return whether a blob is here."""

    def draft_blob(self, digest: bytes) -> BlobDraft:
        """Return what takes the pieces of a blob, and keeps it once it is what its name says."""
