"""Three islands of one hospital, each `releve serve` in a network namespace of its own, and whether they agree.

They have the same managers and added one another; what a test learns comes from sockets, files of DATA and `/proc`.
"""

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from living_island import LivingIsland, Load, send, wait_until
from namespaces import Network

sys.path.insert(0, str(Path(__file__).parent.parent / "islands"))

from house_of_islands import House

from releve.app.generation import positions_of
from releve.islands.exchange.state import Exchange, read_exchange
from releve.journal.folder import every_log, log_path, own_log
from releve.journal.opening import HeadRow
from releve.journal.reader import LogReader
from releve.views.database import generation_in_force, open_views
from releve.views.hashing import hash_of_views

ORIGINS = ("a", "b", "c")
PORT = 8443
DISK_BYTES = 3 << 30  # an island with less than 2 GiB to spare pulls nothing
MAIN_KIND = "message.hl7v2"


class Island(LivingIsland):
    """One of the three: what it is asked is asked on its own machine."""

    def __init__(self, data: Path, network: Network) -> None:
        super().__init__(data)
        self.origin = data.name
        self.network = network
        self.acknowledged: Counter[bytes] = Counter()

    def serve_here(self, *prefix: str) -> None:
        """Start it on its machine; `prefix`: what the command line begins with, such as `env`."""
        self.serve(prefix=[*self.network.prefix(self.origin), *prefix])

    def take(self, messages: Iterable[bytes]) -> int:
        """Let it take messages; return how many it answered with AA."""
        kept = list(messages)
        with self.network.inside(self.origin):
            answers = send(self, kept)
        done = [message for message, answer in zip(kept, answers, strict=True) if b"MSA|AA|" in answer]
        self.acknowledged.update(done)
        return len(done)

    @contextlib.contextmanager
    def loaded(
        self, messages: Iterable[bytes], *, lines: int = 2, pause_seconds: float = 0.05
    ) -> Iterator[Load]:
        """Let applications send to it all the while; what was acknowledged must be there afterwards."""
        load = Load(self, messages, lines=lines, pause_seconds=pause_seconds)
        try:
            with self.network.inside(self.origin), load:
                yield load
        finally:
            self.acknowledged.update(load.acknowledged)

    def held(self, origin: str) -> int:
        """Return how many entries of an island's log stand here."""
        path = log_path(self.data, origin, 1)
        if not path.exists():
            return 0
        with LogReader(path) as reader:
            return reader.size

    def exchange(self) -> Exchange:
        """Return how its exchange stands."""
        found = read_exchange(self.data)
        assert found is not None, f"{self.origin}: expected the puller to say how the exchange stands"
        return found

    def trouble(self, with_origin: str) -> str:
        """Return what is wrong between it and another one, in a word."""
        found = read_exchange(self.data)
        state = found.peers.get(with_origin) if found is not None else None
        return state.trouble if state is not None else ""

    def counted(self) -> dict[str, Any]:
        """Return hash, rows and positions of its views, of one moment."""
        generation = generation_in_force(self.data)
        assert generation is not None
        connection = open_views(generation, f"hash-{self.origin}")
        connection.ensure_connection()
        try:
            with connection.cursor() as cursor:
                cursor.execute("BEGIN")
                found = {**hash_of_views(connection), "positions": positions_of(connection)}
                cursor.execute("COMMIT")
        finally:
            connection.close()
        return found


class ThreeIslands:
    """The three, their network, and what each acknowledged."""

    disk_bytes = DISK_BYTES

    def __init__(self, folder: Path, network: Network) -> None:
        self.network = network
        self._house = House(folder, *ORIGINS)
        self.islands = {origin: Island(self._house.data(origin), network) for origin in ORIGINS}
        self._mounted: list[Path] = []
        self.clocks_moved: dict[str, list[str]] = {}  # what makes an island run with its clock moved

    def introduce(self) -> None:
        """Let every island know the others, as two managers do it."""
        files = []
        for origin in ORIGINS:
            files.append(str(self._house.root / f"{origin}.txt"))
            address = f"{self.network.addresses[origin]}:{PORT}"
            self._house.run(origin, "islands", "introduce", "--address", address, "--out", files[-1])
            settings = self._house.data(origin) / "releve.toml"
            told = settings.read_text().replace("every_minutes = 60", "every_minutes = 0")
            before, section, after = told.partition("[islands]\n")
            settings.write_text(before + section + after.replace('listen = ""', f'listen = "{address}"', 1))
        for origin in ORIGINS:
            self._house.run(origin, "islands", "add", *files, "--yes", signed=True)

    def move_clocks(self, seconds: dict[str, int]) -> None:
        """Let these islands be served with clocks so wrong, where a C program can be made."""
        library, source = self._house.root / "moved_clock.so", Path(__file__).with_name("moved_clock.c")
        compiler = shutil.which("cc")
        if compiler is None:
            return
        words = [compiler, "-shared", "-fPIC", "-o", str(library), str(source), "-ldl"]
        if subprocess.run(words, capture_output=True, check=False).returncode == 0:
            for origin, shift in seconds.items():
                moved = f"RELEVE_CLOCK_SECONDS={shift}"
                self.clocks_moved[origin] = ["env", f"LD_PRELOAD={library}", moved]

    def own_disk(self, origin: str) -> bool:
        """Put the journal of an island on a disk of its own, in memory; return whether that could be done."""
        journal = self.islands[origin].data / "journal"
        aside = journal.with_name("journal.aside")
        journal.rename(aside)
        journal.mkdir(mode=0o700)
        options = ["-t", "tmpfs", "-o", f"size={DISK_BYTES},mode=0700", f"releve-{origin}", str(journal)]
        done = subprocess.run(["mount", *options], capture_output=True, check=False).returncode == 0
        if done:
            self._mounted.append(journal)
            shutil.copytree(aside, journal, dirs_exist_ok=True)
            shutil.rmtree(aside)
        else:
            journal.rmdir()
            aside.rename(journal)
        return done

    def has_own_disk(self, origin: str) -> bool:
        """Whether the journal of an island has a disk of its own."""
        return self.islands[origin].data / "journal" in self._mounted

    def used_bytes(self, origin: str) -> int:
        """Return what is written on the disk of an island's journal."""
        disk = os.statvfs(self.islands[origin].data / "journal")
        return (disk.f_blocks - disk.f_bfree) * disk.f_frsize

    def resize_disk(self, origin: str, size: int) -> None:
        """Make the disk of an island's journal so large."""
        journal = self.islands[origin].data / "journal"
        subprocess.run(["mount", "-o", f"remount,size={size}", str(journal)], check=True, capture_output=True)

    def serve(self) -> None:
        """Start all three at the same time."""
        self.all_at_once(lambda island: island.serve_here(*self.clocks_moved.get(island.origin, ())))

    def all_at_once(self, act: Callable[[Island], object], *origins: str) -> None:
        """Do the same to each of them (of these), and wait until it is done."""
        with ThreadPoolExecutor(len(self.islands)) as workers:
            for done in [workers.submit(act, self[origin]) for origin in origins or ORIGINS]:
                done.result()

    def close(self) -> None:
        """End everything; nothing stays mounted."""
        self.all_at_once(lambda island: island.close())
        for path in self._mounted:
            subprocess.run(["umount", "--lazy", str(path)], check=False)

    def __getitem__(self, origin: str) -> Island:
        """Return one of the three."""
        return self.islands[origin]

    def __iter__(self) -> Iterator[Island]:
        """Return the three."""
        return iter(self.islands.values())

    # Whether they agree

    def wait_until_equal(self, seconds: float = 40.0) -> None:
        """Wait until all three hold the same and show the same, each entry is saved three times; nothing was lost."""
        self.wait_for_copies(seconds)
        self._check_nothing_lost()
        self._wait_for_markers(seconds)
        self._wait_for_views(seconds)

    def wait_for_copies(self, seconds: float = 40.0, among: Sequence[str] = ORIGINS) -> None:
        """Wait until what each island has recorded by now stands on the others, byte for byte."""
        for origin in among:
            for name in (origin, f"{origin}-audit"):
                size = self[origin].held(name)
                for other in among:
                    if not self._came(other, name, size, seconds):
                        raise AssertionError(
                            f"expected within {seconds:.0f} s {size} entries of {name} on {other}, "
                            f"not {self[other].held(name)}; {self[other].exchange()}; it said:\n"
                            f"{self[other].said()[-2000:]}\n{self[origin].origin} said:\n{self[origin].said()[-2000:]}"
                        )
                found = {other: _rows(log_path(self[other].data, name, 1), size) for other in among}
                assert len(set(found.values())) == 1, (
                    f"{name}: expected the same rows everywhere, found {found}"
                )
        self._compare_roots(among)

    def _came(self, other: str, name: str, size: int, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while self[other].held(name) < size:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        return True

    def _compare_roots(self, among: Sequence[str]) -> None:
        roots: dict[tuple[str, int], bytes] = {}
        for origin in among:
            for log in every_log(self[origin].data):
                head = _head(log.path)
                assert roots.setdefault((log.name, head.size), head.root) == head.root, log.name

    def _check_nothing_lost(self) -> None:
        for island in self:
            stored: Counter[bytes] = Counter()
            with LogReader(own_log(island.data).path) as reader:
                for start in range(0, reader.size, 500):
                    stored.update(one.body for one in reader.read(start, 500) if one.kind == MAIN_KIND)
            lost = island.acknowledged - stored
            assert not lost, (
                f"{island.origin}: {sum(lost.values())} acknowledged messages are not in its journal"
            )
            assert max(stored.values(), default=1) == 1, f"{island.origin}: one message was stored twice"

    def _wait_for_markers(self, seconds: float) -> None:
        for island in self:
            last, log = island.size() - 1, own_log(island.data).name
            others = tuple(origin for origin in ORIGINS if origin != island.origin)
            wait_until(
                lambda island=island, log=log, last=last, others=others: (
                    island.exchange().holders(log, last) == others
                ),
                f"{log} entry {last}: saved on three islands", seconds,
            )  # fmt: skip

    def _wait_for_views(self, seconds: float) -> None:
        sizes = {own_log(island.data).name: island.size() for island in self}
        deadline = time.monotonic() + seconds
        while True:
            found = [island.counted() for island in self]
            positions = [one["positions"] for one in found]
            reach = all(at.get(log, 0) >= size for at in positions for log, size in sizes.items())
            if reach and all(at == positions[0] for at in positions):
                break
            assert time.monotonic() < deadline, f"expected equal positions at {sizes}, found {positions}"
            time.sleep(0.05)
        assert len({one["hash"] for one in found}) == 1, f"expected the same views: {found}"


def _rows(path: Path, size: int) -> str:
    """Return one number for the first `size` entries as they are stored."""
    told = hashlib.sha256()
    with LogReader(path) as reader:
        query = "SELECT idx, lane, stored, leaf, blob, redacted FROM entry WHERE idx < ? ORDER BY idx"
        for row in reader.connection.execute(query, (size,)):
            told.update(repr(row).encode())
    return f"{size} {told.hexdigest()}"


def _head(path: Path) -> HeadRow:
    with LogReader(path) as reader:
        return reader.head()
