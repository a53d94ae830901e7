"""Three islands in one process: network, disks, clocks, crashes and one owned island, all from one seed.

The puller is the real one, with all it believes; disks and sources are simulated. Replay a seed with
`python tests/islands/simulation/simulated_world.py SEED [PLANTED]`.
"""

import base64
import random
import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from hashlib import sha256
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

import pytest
from memory_mirror import Crashed, MemoryDisk, MemoryLog, MemoryMirror

from releve.islands.exchange import layout
from releve.islands.exchange import pull as pulling
from releve.islands.exchange.belief import Refused, Terms
from releve.islands.exchange.cosign import ED25519_COSIGNATURE
from releve.islands.exchange.layout import BlobPath, CheckpointPath, LogSize
from releve.islands.exchange.peers import Peer, Peers
from releve.islands.exchange.place import OwnLog
from releve.islands.exchange.puller import Puller
from releve.islands.exchange.quota import Quota
from releve.islands.exchange.source import Source, SourceGone
from releve.islands.exchange.standing import EMPTY, MirrorStore, Standing
from releve.journal import facts
from releve.journal.batch import Batch, own
from releve.journal.clock import HybridClock
from releve.journal.entry import Packer, Submission, decode, redacted
from releve.journal.errors import StorageFailed
from releve.journal.facts import JournalOpened
from releve.journal.note import Checkpoint, Signer, Verifier, open_note
from releve.journal.tree import TILE_WIDTH, Edge, edge_at, leaf_hash

ORIGINS = ("a", "b", "c")
START_US = 1_795_226_999_000_000
DAY_US = 86_400_000_000
# What only the island's own signature could justify: an honest island is never accused of it.
GRAVE = {"equivocation", "rollback", "order", "entry", "redactions", "cut", "epoch", "exercise"}
PLANTED = (
    "ack-before-durable",
    "no-consistency",
    "cosign-before-store",
    "store-not-synced",
    "bundle-unproved",
)


@contextmanager
def planted_error(name: str) -> Iterator[None]:
    """Put one of the errors that stand in the code that is tried into it."""

    def no_consistency(self: pulling._Growth) -> pulling.Wanting:
        self._above = yield from self._hashes_above(self._first)
        if self._tail:
            self._tail_leaves = pulling._hashes(
                (yield self._want_tile(0, self._full, self._tail)), self._tail
            )

    def unproved(self: pulling._Growth, number: int, width: int) -> Iterator[object]:
        path = layout.entries_path(self._terms.origin, 1, number, width)
        stored = pulling._entries((yield pulling.Want(path, layout.BUNDLE_BYTES_MAX)), width)
        return stored, pulling._hashes((yield self._want_tile(0, number, width)), width)

    with pytest.MonkeyPatch.context() as patched:
        if name == "no-consistency":
            patched.setattr(pulling._Growth, "_tree", no_consistency)
            patched.setattr(pulling._Growth, "_check_overlap", lambda self, leaves: None)
        elif name == "bundle-unproved":
            patched.setattr(pulling._Growth, "_bundle", unproved)
        yield


class Violation(AssertionError):
    """An invariant does not hold."""


def signer_of(name: str) -> Signer:
    """Return the key of that name, the same in every run."""
    return Signer(name, sha256(name.encode()).digest())


def mirror_vkey(signer: Signer) -> str:
    """Return the key of an island's cosignatures as others pin it."""
    public = ED25519_COSIGNATURE + signer.verifier.public_bytes
    key_id = sha256(signer.verifier.name.encode() + b"\n" + public).digest()[:4]
    return f"{signer.verifier.name}+{key_id.hex()}+{base64.b64encode(public).decode()}"


LOG_SIGNERS = {origin: signer_of(f"releve/{origin}/1") for origin in ORIGINS}
MIRROR_SIGNERS = {origin: signer_of(f"releve/{origin}/mirror") for origin in ORIGINS}
CARDS = {
    origin: Peer(
        origin=origin,
        name=origin,
        mirror_key=mirror_vkey(MIRROR_SIGNERS[origin]),
        epochs={"1": LOG_SIGNERS[origin].verifier.vkey},
    )
    for origin in ORIGINS
}


class Writer:
    """The recorder of an island: entries, tree, signed checkpoint in one write, then the sync, then the answer."""

    def __init__(
        self, world: "World", origin: str, log: MemoryLog, *, clock: HybridClock | None = None
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

    def __init__(self, world: "World", origin: str) -> None:
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


class HastyPuller(Puller):
    """A planted error: signs for what it is about to pull."""

    def _grow(self, source: Source, holder: str | None, listed: LogSize, log: object, raw: bytes) -> int:
        self._place.write_cosigned(  # type: ignore[attr-defined]
            listed.origin,
            listed.epoch,
            listed.size,
            [f" {self._signer.verifier.name} "],  # type: ignore[union-attr]
        )
        return super()._grow(source, holder, listed, log, raw)  # type: ignore[arg-type]


class Publisher:
    """What an island hands out: what is in its logs, or, once it is owned, what the attacker likes."""

    def __init__(self, world: "World", place: Place, reader: str) -> None:
        self._world = world
        self._place = place
        self._reader = reader

    def get(self, path: str, limit: int) -> bytes | None:
        """Return a file, if the network lets it through."""
        world, origin = self._world, self._place.origin
        if (origin, self._reader) in world.cut or world.random.random() < world.loss:
            raise SourceGone("cut")
        found = self._find(path)
        if found is not None and origin == world.owned and found and world.random.random() < world.garbling:
            at = world.random.randrange(len(found))
            found = found[:at] + bytes([found[at] ^ 1 << world.random.randrange(8)]) + found[at + 1 :]
        return found

    def close(self) -> None:
        """Nothing is open."""

    def _log(self, origin: str) -> MemoryLog | None:
        world = self._world
        if self._place.origin == world.owned and origin == world.owned and self._reader in world.forks:
            return world.forks[self._reader]
        return self._place.logs.get(origin)

    def _find(self, path: str) -> bytes | None:
        if path == layout.LOGS:
            sizes = [LogSize(origin, 1, log.held.size) for origin in ORIGINS if (log := self._log(origin))]
            return layout.logs_text(sizes).encode()
        named = layout.parse_path(path)
        if isinstance(named, BlobPath):
            return None
        log = self._log(named.origin)
        if log is None or named.epoch != 1 or not log.held.size:
            return None
        if isinstance(named, CheckpointPath):
            size, lines = self._place.cosigned.get(named.origin, (0, []))
            more = "".join(f"{line}\n" for line in lines) if size == log.held.size else ""
            return (log.held.checkpoint + more).encode()
        start = named.number * TILE_WIDTH
        level = named.level or 0
        if (start + named.width) * TILE_WIDTH**level > log.held.size:
            return None
        if named.level is None:
            bodies = [row[2] for row in log.rows[start : start + named.width]]
            if (
                self._place.origin == self._world.owned
                and self._world.random.random() < self._world.garbling / 4
            ):
                bodies[self._world.random.randrange(len(bodies))] = None  # keeps the bytes of an entry back
            return layout.bundle(bodies)
        return b"".join(log.hashes(level, start, start + named.width))


class World:
    """Everything, one step at a time."""

    def __init__(self, seed: int, planted: str = "") -> None:
        self.seed = seed
        self.planted = planted
        self.random = random.Random(seed)
        self.us = START_US
        self.cut: set[tuple[str, str]] = set()
        self.loss = self.random.choice([0.0, 0.0, 0.02, 0.2])
        self.owned: str | None = None
        self.garbling = self.random.choice([0.0, 0.02, 0.3])
        self.forks: dict[str, MemoryLog] = {}
        self.acknowledged: dict[str, list[tuple[int, bytes]]] = {origin: [] for origin in ORIGINS}
        self.seen: dict[tuple[str, str], tuple[int, bytes]] = {}  # what each island held of each log, last
        self.checked: dict[tuple[str, str], Standing] = {}  # where a log stood when it was found right
        self.steps = 0
        self.places = {origin: Place(self, origin) for origin in ORIGINS}
        for origin in ORIGINS:
            self.record(origin)

    def run(self, steps: int) -> None:
        """Take so many steps, then heal, and hold every invariant after each.

        Raises:
            Violation: names seed and step.
        """
        try:
            with planted_error(self.planted):
                for _ in range(steps):
                    self.step()
                    self.check()
                self.heal()
        except Violation as error:
            raise Violation(f"seed {self.seed}, step {self.steps}: {error}") from None

    def acknowledge(self, origin: str, size: int, root: bytes) -> None:
        """Note what somebody was told is durable."""
        self.acknowledged[origin].append((size, root))

    def step(self) -> None:
        """Do one thing, chosen by the seed."""
        self.steps += 1
        self.us += self.random.choice([1_000, 100_000, 600_000, 5_000_000])
        act = self.random.choices(
            (
                self._some_record,
                self._some_pull,
                self._some_cut,
                self._some_crash,
                self._some_clock,
                self._some_attack,
            ),
            (30, 50, 8, 6, 2, 4),
        )[0]
        act()

    def record(self, origin: str) -> None:
        """Let an island record some messages, or redact one."""
        place = self.places[origin]
        count = self.random.choice([1, 1, 2, 5, 40, 300])
        drafts = [Submission("message.hl7v2", self.random.randbytes(20), "sim") for _ in range(count)]
        log = place.logs[origin]
        redact = (
            self.random.randrange(1, len(log.rows))
            if len(log.rows) > 2 and self.random.random() < 0.1
            else None
        )
        if redact is not None and b"journal." in (log.rows[redact][2] or b"journal."):
            redact = None
        with self.power(place):
            place.writer.record(drafts, place.now_us(), redact)

    @contextmanager
    def power(self, place: Place) -> Iterator[None]:
        """Bring an island back that lost its power in between."""
        try:
            yield
        except Crashed:
            place.disk.lose_power()
            place.boot()

    def pull(self, by: str, source: str) -> None:
        """Let one island pull from another."""
        place = self.places[by]
        with self.power(place), suppress(SourceGone):
            place.puller.pull_from(Publisher(self, self.places[source], by), source)

    def _some_record(self) -> None:
        self.record(self.random.choice(ORIGINS))

    def _some_pull(self) -> None:
        by, source = self.random.sample(ORIGINS, 2)
        if by != self.owned:
            self.pull(by, source)

    def _some_cut(self) -> None:
        link = tuple(self.random.sample(ORIGINS, 2))
        self.cut ^= {(link[0], link[1])}  # one way: links may be cut in one direction only

    def _some_crash(self) -> None:
        place = self.places[self.random.choice(ORIGINS)]
        if self.random.random() < 0.4:
            place.disk.lose_power()
            place.boot()
        else:
            place.disk.crash_in = self.random.randrange(-1, 6)

    def _some_clock(self) -> None:
        place = self.places[self.random.choice(ORIGINS)]
        place.offset_us = self.random.choice([0, 2 * DAY_US, -2 * DAY_US, 30_000_000, -30_000_000])

    def _some_attack(self) -> None:
        """Own an island (one at most), and let it show each of the others a history of its own."""
        if self.owned is None and self.random.random() < 0.5:
            return
        owned = self.owned or self.random.choice(ORIGINS)
        readers = self.random.sample(ORIGINS, self.random.randrange(1, 4))
        back = self.random.randrange(len(self.acknowledged[owned]))
        self.fork(owned, readers, back, self.random.random() < 0.7, clock_back=self.random.random() < 0.2)

    def fork(
        self, owned: str, readers: Sequence[str], back: int, more: bool, *, clock_back: bool = False
    ) -> None:
        """Own an island, and let it show `readers` what it was some commits ago, with other entries after it."""
        self.owned = owned
        place = self.places[owned]
        real = self.forks.get(readers[0], place.logs[owned])
        sizes = [size for size, _ in self.acknowledged[owned] if size <= real.held.size]
        if not sizes:
            return
        fork = _beginning(real, sizes[max(0, len(sizes) - 1 - back)])
        for reader in readers:
            self.forks[reader] = fork
        if more:
            writer = Writer(
                self, owned, fork, clock=HybridClock(*((0, 0) if clock_back else fork.held.stamp))
            )
            told = list(self.acknowledged[owned])
            writer.record([Submission("message.hl7v2", self.random.randbytes(9), "evil")] * 3, place.now_us())
            self.acknowledged[owned] = told

    def check(self) -> None:
        """Hold every invariant.

        Raises:
            Violation: one does not hold.
        """
        for origin, place in self.places.items():
            if origin == self.owned:
                continue
            self._check_acknowledged(origin, place)
            if place.puller.ahead:
                raise Violation(f"{origin} lost entries that another island holds")
            for what, accused in place.accused:
                if accused != self.owned and what in GRAVE:
                    raise Violation(f"{origin} accuses the honest {accused} of {what}")
            for other, log in place.logs.items():
                if other != origin:
                    self._check_copy(origin, place, other, log)

    def _check_acknowledged(self, origin: str, place: Place) -> None:
        if not self.acknowledged[origin]:
            return
        size, root = self.acknowledged[origin][-1]
        log = place.logs[origin]
        if log.held is self.checked.get((origin, origin)) and log.held.size >= size:
            return
        self.checked[origin, origin] = log.held
        if log.held.size < size or edge_at(size, log.hashes).root() != root:
            raise Violation(f"{origin} lost entries it acknowledged: {log.held.size} of {size}")

    def _check_copy(self, origin: str, place: Place, other: str, log: MemoryLog) -> None:
        held = log.held
        if place.signed_for.get(other, 0) > held.size:
            raise Violation(f"{origin} signed for {place.signed_for[other]} of {other} and holds {held.size}")
        if held is self.checked.get((origin, other)):
            return
        self.checked[origin, other] = held
        size, root = self.seen.get((origin, other), (0, b""))
        if held.size < size or (size and edge_at(size, log.hashes).root() != root):
            raise Violation(f"{origin} holds {held.size} of {other}, other than the {size} it held before")
        if (held.size, held.root) == (size, root):
            return
        for index, _, stored, leaf, _ in log.rows[size:]:
            if stored is not None and leaf_hash(stored) != leaf:
                raise Violation(f"{origin} holds an entry {index} of {other} that is not what was signed")
        self.seen[origin, other] = (held.size, held.root)
        if held.size and f"\n{base64.b64encode(held.root).decode()}\n" not in open_note(
            held.checkpoint, LOG_SIGNERS[other].verifier
        ):
            raise Violation(f"{origin} holds of {other} what its checkpoint does not say")
        if other != self.owned:
            theirs = self.places[other].logs[other]
            if theirs.held.size < held.size or edge_at(held.size, theirs.hashes).root() != held.root:
                raise Violation(f"{origin} holds of {other} what {other} never recorded")

    def heal(self) -> None:
        """Let everything work again; those who are not owned must then hold the same.

        Raises:
            Violation: they do not.
        """
        self.cut.clear()
        self.loss = self.garbling = 0.0
        honest = [origin for origin in ORIGINS if origin != self.owned]
        for place in self.places.values():
            place.disk.crash_in = None
        for _ in range(6):
            self.us += 70_000_000
            for by in honest:
                for source in honest:
                    if by != source:
                        self.pull(by, source)
            self.check()
        for by in honest:
            for origin in honest:
                ours, theirs = self.places[by].logs[origin], self.places[origin].logs[origin]
                if ours.rows != theirs.rows:
                    raise Violation(f"{by} does not hold all of {origin} after everything healed")
                if by != origin and self.places[by].signed_for.get(origin) != theirs.held.size:
                    raise Violation(f"{by} did not sign for all of {origin} after everything healed")


def _beginning(log: MemoryLog, size: int) -> MemoryLog:
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


if __name__ == "__main__":
    World(int(sys.argv[1]), *sys.argv[2:3]).run(120)
    print(f"seed {sys.argv[1]}: every invariant held")
