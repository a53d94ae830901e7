"""Three islands in one process: network, disks, clocks, crashes and one owned island, all from one seed.

The puller is the real one, with all it believes; disks and sources are simulated. Replay a seed with
`python tests/islands/simulation/simulated_world.py SEED [PLANTED]`.
"""

import base64
import random
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

from memory_mirror import Crashed, MemoryLog
from planted_errors import planted_error
from simulated_island import Place, Violation, Writer, beginning
from simulated_keys import LOG_SIGNERS, ORIGINS
from simulated_network import Publisher

from releve.islands.exchange.source import SourceGone
from releve.islands.exchange.standing import Standing
from releve.journal.clock import HybridClock
from releve.journal.entry import Submission
from releve.journal.note import open_note
from releve.journal.tree import edge_at, leaf_hash

START_US = 1_795_226_999_000_000
DAY_US = 86_400_000_000
# What only the island's own signature could justify: an honest island is never accused of it.
GRAVE = {"equivocation", "rollback", "order", "entry", "redactions", "cut", "epoch", "exercise"}


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
        fork = beginning(real, sizes[max(0, len(sizes) - 1 - back)])
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


if __name__ == "__main__":
    World(int(sys.argv[1]), *sys.argv[2:3]).run(120)
    print(f"seed {sys.argv[1]}: every invariant held")
