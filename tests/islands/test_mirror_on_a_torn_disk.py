"""The power goes while a copy grows: what was signed for as held is there, and the rest is pulled again."""

import contextlib
import random
import sys
from pathlib import Path

import apsw
import pytest
from three_islands import Island, islands

from releve.islands.exchange.belief import Terms
from releve.islands.exchange.mirror import open_mirror
from releve.islands.exchange.pull import drive, pull
from releve.islands.exchange.quota import Quota
from releve.islands.exchange.source import SourceGone
from releve.journal import folder
from releve.journal.errors import StorageFailed, StorageFull
from releve.journal.note import Verifier
from releve.journal.reader import LogReader
from releve.journal.verify import verify_log

sys.path.append(str(Path(__file__).parent.parent / "journal"))
from torn_disk import Disk, torn_disk


class Breaking:
    """An island that is gone after some files."""

    def __init__(self, island: Island, files: int) -> None:
        self._publisher, self._left = island.publisher, files

    def get(self, path: str, limit: int) -> bytes | None:
        """Return the file, or be gone."""
        self._left -= 1
        if self._left < 0:
            raise SourceGone("expected more")
        return self._publisher.get(path, limit)

    def close(self) -> None:
        """Nothing is held open."""


def entries_of(data: Path) -> list[tuple[bytes | None, bytes]]:
    """Return bytes and leaves of the log of a."""
    with LogReader(folder.log_path(data, "a", 1)) as reader:
        return reader.connection.execute("SELECT stored, leaf FROM entry ORDER BY idx").fetchall()


def pulled(data: Path, source: Breaking, terms: Terms, now_us: int) -> int:
    """Pull once; return how many entries are held, all durable."""
    with open_mirror(data, "a", 1, terms.key) as store:
        drive(source, pull(store, terms, now_us))
        return store.held.size


def grow(a: Island, b: Island, disk: Disk, terms: Terms, chance: random.Random, fails: str) -> int:
    """Let a record and b pull, again and again, until the power goes; return what b said that it holds."""
    held, end = 0, 0

    def failing(disk: Disk, what: str) -> int:
        if disk.writes + disk.syncs >= end:
            disk.off = True
            return apsw.SQLITE_IOERR
        if fails == "sync" and what == "sync" and chance.random() < 0.06:
            return apsw.SQLITE_IOERR_FSYNC
        if fails == "write" and what == "write" and chance.random() < 0.005:
            return chance.choice([apsw.SQLITE_FULL, apsw.SQLITE_IOERR_WRITE])
        return 0

    left = chance.randrange(5, 250)  # writes and syncs of b
    for _ in range(12):
        disk.fails = lambda disk, what: 0
        a.record(chance.choice([1, 5, 300]))
        if chance.random() < 0.3:
            a.writer.redact(a.writer.size - 1, "wrong person", "x", a.clock.us)
        before = disk.writes + disk.syncs
        end = before + left
        disk.fails = failing
        with contextlib.suppress(StorageFailed, StorageFull, SourceGone):
            held = pulled(b.data, Breaking(a, chance.choice([4, 1000])), terms, a.clock.us)
        left -= disk.writes + disk.syncs - before
        if disk.off:
            break
    return held


# What SQLite passes over in silence (it rolls back a file it may not write to), apsw would tell.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("fails", ["nothing", "sync", "write"])
def test_a_copy_holds_after_the_power_went_what_it_said_it_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rounds: int, fails: str
) -> None:
    """Saved on two islands is what the ward reads: it must stay true when one of them goes dark."""
    most = 0
    for seed in range(8 * rounds // 10):
        chance = random.Random(seed)
        with torn_disk(monkeypatch) as disk:
            a, b = islands(tmp_path / str(seed), "a", "b")
            terms = Terms(
                "a",
                1,
                Verifier.from_vkey(a.vkey),
                None,
                None,
                True,
                True,
                Quota(free_bytes_min=0),
                1 << 40,
                500,
            )
            held = grow(a, b, disk, terms, chance, fails)
            most = max(most, held)
            for take in range(3):
                disk.cut(b.data, tmp_path / f"left{seed}.{take}", chance)
            disk.off, disk.fails = False, lambda disk, what: 0
            a.close()
            b.close()
        for take in range(3):
            left = tmp_path / f"left{seed}.{take}"
            log = folder.Log("a", 1, folder.log_path(left, "a", 1))
            if log.path.exists():
                with open_mirror(left, "a", 1, terms.key) as store:
                    assert store.held.size >= held, f"seed {seed}"
                assert [one for one in verify_log(left, log) if "slot" not in str(one)] == [], f"seed {seed}"
            else:
                assert held == 0, f"seed {seed}"
            pulled(left, Breaking(a, 1000), terms, a.clock.us)
            assert entries_of(left) == entries_of(a.data)
        a.publisher.close()
    assert most > 100
