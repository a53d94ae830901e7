"""One island in memory: its recorder, and its place as the puller sees it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING

from memory_mirror import MemoryDisk, MemoryLog, MemoryMirror
from planted_errors import HastyPuller
from simulated_keys import CARDS, LOG_SIGNERS, MIRROR_SIGNERS, ORIGINS

from releve.islands.exchange.belief import Refused, Terms
from releve.islands.exchange.peers import Peers
from releve.islands.exchange.place import OwnLog
from releve.islands.exchange.puller import Puller
from releve.islands.exchange.quota import Quota
from releve.islands.exchange.source import Source
from releve.islands.exchange.standing import EMPTY, MirrorStore, Standing
from releve.journal import facts
from releve.journal.batch import Batch, own
from releve.journal.clock import HybridClock
from releve.journal.entry import Packer, Submission, decode, redacted
from releve.journal.errors import StorageFailed
from releve.journal.facts import JournalOpened
from releve.journal.note import Checkpoint, Verifier
from releve.journal.tree import TILE_WIDTH, Edge, edge_at

if TYPE_CHECKING:
    from simulated_world import World


class Violation(AssertionError):
    """An invariant does not hold."""


class Writer:
    """The recorder of an island: entries, tree, signed checkpoint in one write, then the sync, then the answer."""

    def __init__(
        self, world: World, origin: str, log: MemoryLog, *, clock: HybridClock | None = None
    ) -> None:
        self._world = world
        self._origin = origin
        self._log = log
        self.clock = clock or HybridClock()
        self._packer = Packer(None, b"")

    def record(self, submissions: list[Submission], now_us: int, redact: int | None = None) -> None:
        """Record, or redact an entry; return once durable."""
        log = self._log
        batch = Batch(
            origin=self._origin,
            epoch=1,
            recorder="simulation",
            edge=log.held.edge,
            clock=self.clock,
            packer=self._packer,
            now_us=now_us,
            random=self._world.random.randbytes,
        )
        removals = []
        if not log.rows:
            opened = JournalOpened(
                origin=self._origin, epoch=1, key=LOG_SIGNERS[self._origin].verifier.vkey, exercise=True,
                hospital="", before=None, reason="", opened_at_us=now_us,
            )  # fmt: skip
            batch.add_own(own(opened, ""))
        batch.add(submissions)
        if redact is not None:
            index, lane, stored, leaf, _ = log.rows[redact]
            if stored is not None:
                fact = facts.JournalRedaction(
                    index=index, leaf=leaf, reason="", envelope=redacted(decode(stored))
                )
                removals.append((index, batch.add_own(own(fact, "x")), lane))
        root, note = batch.checkpoint(LOG_SIGNERS[self._origin])
        stamp = (batch.clock.wall_ms, batch.clock.counter)
        log.add(batch.rows, batch.tiles, removals, Standing(batch.edge.size, batch.edge, note, stamp, None))
        if self._world.planted == "ack-before-durable":
            self._world.acknowledge(self._origin, log.held.size, root)
        log.disk.sync()
        self.clock = batch.clock
        self._world.acknowledge(self._origin, log.held.size, root)


class Place:
    """One island in memory, as the puller sees it."""

    def __init__(self, world: World, origin: str) -> None:
        self.world = world
        self.origin = origin
        self.disk = MemoryDisk()
        self.disk.lies = world.planted == "store-not-synced"
        self.logs: dict[str, MemoryLog] = {origin: MemoryLog(self.disk)}
        self.cosigned: dict[str, tuple[int, list[str]]] = {}
        self.signed_for: dict[str, int] = {}  # the most this island ever signed that it keeps
        self.offset_us = 0
        self.accused: list[tuple[str, str]] = []
        self.boot()

    def boot(self) -> None:
        """Start the processes anew: what they remembered is gone."""
        log = self.logs[self.origin]
        self.writer = Writer(self.world, self.origin, log, clock=HybridClock(*log.held.stamp))
        others = tuple(card for origin, card in CARDS.items() if origin != self.origin)
        kind = HastyPuller if self.world.planted == "cosign-before-store" else Puller
        self.puller = kind(
            self,
            Peers(own=self.origin, peers=others),
            signer=MIRROR_SIGNERS[self.origin],
            quota=Quota(free_bytes_min=0),
            now_us=self.now_us,
            monotonic=lambda: self.world.us / 1e6,
            observe=lambda wall_ms, counter: self.writer.clock.observe(
                wall_ms, counter, now_ms=self.now_us() // 1000
            ),
        )

    def now_us(self) -> int:
        """Return what this island's clock says."""
        return self.world.us + self.offset_us

    def open(self, origin: str, epoch: int, key: Verifier | None) -> AbstractContextManager[MirrorStore]:
        """Return the copy of another island's log."""
        if origin == self.origin:
            raise Violation("the puller opened its own log to write to it")
        if origin not in self.logs:
            self.logs[origin] = MemoryLog(self.disk)
        return MemoryMirror(self.logs[origin], {})

    def opened(self, origin: str, epoch: int) -> JournalOpened | None:
        """Return what the first entry says."""
        return None

    def newest_epoch(self, origin: str) -> int:
        """Return 0: nothing is known of earlier epochs."""
        return 0

    @contextmanager
    def own(self, origin: str, epoch: int) -> Iterator[OwnLog | None]:
        """Return the island's own log."""
        log = self.logs[self.origin]
        yield OwnLog(LOG_SIGNERS[self.origin].verifier.vkey, log.held.size, log.hashes)

    def keep_evidence(self, refused: Refused, origin: str, epoch: int, by: str, at_us: int) -> str | None:
        """Note whom something was refused of."""
        self.accused.append((refused.what, origin))
        return ""

    def write_cosigned(self, origin: str, epoch: int, size: int, lines: list[str]) -> None:
        """Hand out cosignatures; from here on the island is held to its own."""
        self.cosigned[origin] = (size, lines)
        if any(f" {MIRROR_SIGNERS[self.origin].verifier.name} " in line for line in lines):
            self.signed_for[origin] = max(size, self.signed_for.get(origin, 0))

    def mend(self, source: Source, terms: Terms, now_us: int) -> None:
        """Nothing is ever damaged in memory."""
        raise StorageFailed("memory")

    def taken_bytes(self, island: str) -> int:
        """Return what logs take: nothing here."""
        return 0

    def free_bytes(self) -> int:
        """Return that there is room."""
        return 1 << 40


def beginning(log: MemoryLog, size: int) -> MemoryLog:
    """Return another log with the first entries of this one, signed anew."""
    fork = MemoryLog(MemoryDisk())
    edge = edge_at(size, log.hashes)
    origin = next(origin for origin in ORIGINS if f"releve/{origin}/1\n" in log.held.checkpoint)
    note = LOG_SIGNERS[origin].sign(Checkpoint(f"releve/{origin}/1", size, edge.root()).text())
    fork.rows = log.rows[:size]
    fork.tiles = {
        (level, index): top
        for (level, index), top in log.tiles.items()
        if (index + 1) * TILE_WIDTH**level <= size
    }
    fork.removed = {index: act for index, act in log.removed.items() if act < size}
    fork.held = Standing(size, Edge(size, edge.hashes), note, log.held.stamp, None) if size else EMPTY
    return fork
