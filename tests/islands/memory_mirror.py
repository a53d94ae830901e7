"""Logs in memory, on a disk that forgets what was not synced: the same contract as `exchange.mirror`."""

from collections.abc import Callable, Sequence
from hashlib import sha256
from types import TracebackType
from typing import Self

from releve.islands.exchange.standing import EMPTY, Part, Row, Standing
from releve.journal.tree import TILE_WIDTH, Edge


class Crashed(BaseException):
    """The machine lost its power. Not an Exception: nobody may go on after it."""


class MemoryDisk:
    """What is written can be undone until it is synced; a crash comes at any sync, before or after it."""

    def __init__(self) -> None:
        self._undo: list[Callable[[], None]] = []
        self.crash_in: int | None = None  # so many syncs from now; even: before it, odd: after it
        self.lies = False  # a planted error: syncs do nothing
        self.syncs = 0

    def write(self, undo: Callable[[], None]) -> None:
        """Note how a write that was made is undone."""
        self._undo.append(undo)

    def sync(self) -> None:
        """Make everything written durable, unless the power goes."""
        self.syncs += 1
        before = after = False
        if self.crash_in is not None:
            self.crash_in -= 1
            if self.crash_in <= 0:
                before, after = self.crash_in % 2 == 0, True
                self.crash_in = None
        if before:
            raise Crashed
        if not self.lies:
            self._undo.clear()
        if after:
            raise Crashed

    def lose_power(self) -> None:
        """Forget what was not synced."""
        for undo in reversed(self._undo):
            undo()
        self._undo.clear()
        self.crash_in = None


class MemoryLog:
    """One log: rows, hashes of the tree, where it stands, what is coming."""

    def __init__(self, disk: MemoryDisk) -> None:
        self.disk = disk
        self.rows: list[Row] = []
        self.tiles: dict[tuple[int, int], bytes] = {}
        self.removed: dict[int, int] = {}
        self.held = EMPTY
        self.part: list[Row] = []
        self.part_tiles: list[tuple[int, int, bytes]] = []
        self.part_removals: dict[int, tuple[int, int]] = {}
        self.coming: Standing | None = None
        self.writer = False

    def hashes(self, level: int, start: int, stop: int) -> list[bytes]:
        """Return hashes of the tree."""
        if level == 0:
            return [row[3] for row in self.rows[start:stop]]
        return [self.tiles[level, index] for index in range(start, stop)]

    def add(
        self,
        rows: Sequence[Row],
        tiles: Sequence[tuple[int, int, bytes]],
        removals: Sequence[tuple[int, int, int]],
        held: Standing,
    ) -> None:
        """Write entries, hashes, removals (target, act, lane) and where the log stands; not synced yet."""
        size, before = len(self.rows), self.held
        self.rows += rows
        self.tiles |= {(level, index): top for level, index, top in tiles}
        touched = {target: self.rows[target] for target, _, _ in removals}
        for target, act, lane in removals:
            index, _, _, leaf, _ = self.rows[target]
            self.rows[target] = (index, lane, None, leaf, None)
            self.removed[target] = act
        self.held = held

        def undo() -> None:
            for target, row in touched.items():
                self.rows[target] = row
                del self.removed[target]
            del self.rows[size:]
            for level, index, _ in tiles:
                self.tiles.pop((level, index), None)
            self.held = before

        self.disk.write(undo)


class MemoryMirror:
    """The store of one mirrored log, open for writing (see `standing.MirrorStore`)."""

    def __init__(self, log: MemoryLog, blobs: dict[bytes, bytes]) -> None:
        self._log = log
        self._blobs = blobs

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        """Nothing is held open."""

    @property
    def held(self) -> Standing:
        """Where the log stands."""
        return self._log.held

    @property
    def coming(self) -> Standing | None:
        """Where the long catch-up stands."""
        return self._log.coming

    def hashes(self, level: int, start: int, stop: int) -> list[bytes]:
        """Return hashes of the tree of what is held."""
        return self._log.hashes(level, start, stop)

    def find(self, index: int) -> Row | None:
        """Return an entry that is held or coming."""
        log = self._log
        if index < len(log.rows):
            return log.rows[index]
        at = index - len(log.rows)
        return log.part[at] if 0 <= at < len(log.part) else None

    def removed_by(self, index: int) -> int | None:
        """Return the redaction that removed an entry."""
        coming = self._log.part_removals.get(index)
        return coming[0] if coming else self._log.removed.get(index)

    def bare(self) -> set[int]:
        """Return which entries that are coming have neither bytes nor a redaction."""
        return {row[0] for row in self._log.part if row[2] is None and row[0] not in self._log.part_removals}

    def removals_coming(self) -> int:
        """Return how many entries that are held will lose their bytes to what is coming."""
        return sum(target < len(self._log.rows) for target in self._log.part_removals)

    def advance(self, part: Part) -> None:
        """Add entries to what is held."""
        removals = [(one.target, one.act, one.lane) for one in part.removals]
        self._log.add(part.rows, part.tiles, removals, part.after)
        self._log.disk.sync()

    def keep(self, part: Part) -> None:
        """Add entries to what is coming."""
        log = self._log
        size, tiles, removals, coming = (
            len(log.part),
            len(log.part_tiles),
            dict(log.part_removals),
            log.coming,
        )
        log.part += part.rows
        log.part_tiles += part.tiles
        log.part_removals |= {one.target: (one.act, one.lane) for one in part.removals}
        log.coming = part.after

        def undo() -> None:
            del log.part[size:]
            del log.part_tiles[tiles:]
            log.part_removals, log.coming = removals, coming

        log.disk.write(undo)
        log.disk.sync()

    def finish(self, checkpoint: str) -> None:
        """Make what is coming part of what is held."""
        log = self._log
        assert log.coming is not None
        removals = [(target, act, lane) for target, (act, lane) in log.part_removals.items()]
        kept = log.part, log.part_tiles, log.part_removals, log.coming
        log.add(log.part, log.part_tiles, removals, log.coming._replace(checkpoint=checkpoint))
        self.drop_coming()

        def undo() -> None:
            log.part, log.part_tiles, log.part_removals, log.coming = kept

        log.disk.write(undo)
        log.disk.sync()

    def drop_coming(self) -> None:
        """Forget what is coming."""
        log = self._log
        log.part, log.part_tiles, log.part_removals, log.coming = [], [], {}, None

    def mend(self, start: int, stored: Sequence[bytes | None], leaves: Sequence[bytes]) -> None:
        """Put entries that are held back as they were."""
        for index, (raw, leaf) in enumerate(zip(stored, leaves, strict=True), start=start):
            _, lane, _, _, blob = self._log.rows[index]
            self._log.rows[index] = (index, lane, None if index in self._log.removed else raw, leaf, blob)

    def mend_tree(self, above: bytes, tail: Sequence[bytes]) -> None:
        """Put the hashes of the tree of what is held back."""
        spine = Edge()
        for number in range(len(above) // 32):
            top = above[number * 32 :][:32]
            self._log.tiles[1, number] = top
            self._log.tiles |= {(level + 1, index): higher for level, index, higher in spine.append(top)}
        edge = Edge(spine.size * TILE_WIDTH, spine.hashes)
        for leaf in tail:
            edge.append(leaf)
        self._log.held = self._log.held._replace(edge=edge)

    def lacking(self, start: int = 0) -> dict[int, bytes]:
        """Return which entries that are held name a blob that is not here."""
        named = ((row[0], row[4]) for row in self._log.rows[start:])
        return {index: blob for index, blob in named if blob is not None and blob not in self._blobs}

    def blob_bytes(self, start: int = 0) -> int:
        """Return the bytes of the blobs here that entries name."""
        return sum(len(self._blobs.get(row[4] or b"", b"")) for row in self._log.rows[start:])

    def has_blob(self, digest: bytes) -> bool:
        """Return whether a blob is here."""
        return digest in self._blobs

    def draft_blob(self, digest: bytes) -> "MemoryDraft":
        """Return what takes the pieces of a blob."""
        return MemoryDraft(self._blobs, digest)


class MemoryDraft:
    """A blob that comes piece by piece."""

    def __init__(self, blobs: dict[bytes, bytes], digest: bytes) -> None:
        self._blobs, self._digest, self._body = blobs, digest, b""

    @property
    def size(self) -> int:
        """How many bytes came."""
        return len(self._body)

    def write(self, piece: bytes) -> None:
        """Add what comes next."""
        self._body += piece

    def keep(self) -> bool:
        """Keep the blob if it is what its name says."""
        if sha256(self._body).digest() != self._digest:
            return False
        self._blobs[self._digest] = self._body
        return True

    def beginning(self, size: int) -> bytes:
        """Return the first bytes of what came."""
        return self._body[:size]

    def drop(self) -> None:
        """Let go of it."""
