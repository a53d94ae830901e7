"""A copy that is damaged on this disk is put back from another, and is then what it was."""

import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from three_islands import Island, islands

from releve.islands.exchange.belief import Refused, Terms
from releve.islands.exchange.mend import mend
from releve.islands.exchange.mirror import coming_path, open_mirror
from releve.islands.exchange.quota import Quota
from releve.islands.exchange.source import SourceGone
from releve.journal import folder, verify
from releve.journal.blobs import BlobStore
from releve.journal.note import Verifier
from releve.journal.reader import LogReader


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[Island, Island]]:
    """Return an island, and another that holds its log."""
    a, b = islands(tmp_path, "a", "b")
    a.record(600)
    a.writer.redact(40, "x", "x", a.clock.us)
    b.pull(a)
    yield a, b
    a.close()
    b.close()


def entries_of(island: Island) -> list[bytes | None]:
    """Return the stored bytes of the log of a."""
    with LogReader(folder.log_path(island.data, "a", 1)) as reader:
        return [row[0] for row in reader.connection.execute("SELECT stored FROM entry ORDER BY idx")]


def terms(a: Island) -> Terms:
    """Return by what the log is judged."""
    return Terms(
        "a", 1, Verifier.from_vkey(a.vkey), None, None, False, True, Quota(free_bytes_min=0), 1 << 40, 50
    )


def test_any_flipped_bit_in_a_copy_is_found_and_what_it_struck_comes_back(
    pair: tuple[Island, Island], rounds: int
) -> None:
    """A disk that rots on one island must not take with it what another still has."""
    a, b = pair
    path = folder.log_path(b.data, "a", 1)
    sound, choose = path.read_bytes(), random.Random(11)
    mended = aside = 0
    for _ in range(4 * rounds):
        raw = bytearray(sound)
        at = choose.randrange(len(raw))
        raw[at] ^= 1 << choose.randrange(8)
        path.write_bytes(raw)
        findings = mend(b.data, a.publisher, terms(a), a.clock.us)
        if path.exists():
            mended += bool(findings)
        else:
            aside += 1
            b.puller._logs.clear()  # type: ignore[union-attr]
            b.pull(a)
        assert entries_of(b) == entries_of(a)
        assert [str(one) for one in verify.verify_folder(b.data)] == []
        for left in path.parent.glob("1.damaged-*"):
            left.unlink()
    assert mended > rounds


def test_rows_that_are_wrong_come_back_without_pulling_the_log_anew(pair: tuple[Island, Island]) -> None:
    """A million entries are not fetched again for one."""
    a, b = pair
    path = folder.log_path(b.data, "a", 1)
    before = path.stat().st_ino
    with sqlite3.connect(path) as damaged:
        damaged.execute("UPDATE entry SET stored = x'00' WHERE idx = 7")
        damaged.execute("DELETE FROM entry WHERE idx = 300")
        damaged.execute("UPDATE entry SET leaf = zeroblob(32) WHERE idx = 599")
        damaged.execute("UPDATE tile SET hash = zeroblob(32)")
        damaged.execute("UPDATE head SET root = zeroblob(32), edge = x''")
    damaged.close()
    assert mend(b.data, a.publisher, terms(a), a.clock.us) != []
    assert path.stat().st_ino == before
    assert entries_of(b) == entries_of(a)
    assert entries_of(b)[40] is None, "what was redacted does not come back"
    assert [str(one) for one in verify.verify_folder(b.data)] == []


def test_a_copy_found_damaged_while_pulling_is_mended_by_the_puller(pair: tuple[Island, Island]) -> None:
    """Nobody has to type anything: the next pull finds it at the right edge and puts it back."""
    a, b = pair
    with sqlite3.connect(folder.log_path(b.data, "a", 1)) as damaged:
        damaged.execute("UPDATE entry SET stored = x'00' WHERE idx = 602")
    damaged.close()
    a.record(3)
    b.pull(a)
    b.pull(a)
    assert entries_of(b) == entries_of(a)
    assert b.puller is not None
    assert not b.puller.logs()["a/1"].damaged


def test_a_rotten_document_is_fetched_again(tmp_path: Path) -> None:
    """A scan nobody can open any more is on the other island still."""
    a, b = islands(tmp_path, "a", "b")
    a.record(1, size=50_000)
    b.pull(a)
    (blob,) = (b.data / "blobs").glob("*/*")
    sound = blob.read_bytes()
    blob.write_bytes(b"\xff" + sound[1:])
    mend(b.data, a.publisher, terms(a), a.clock.us)
    assert not blob.exists()
    b.puller._logs.clear()  # type: ignore[union-attr]
    b.pull(a)
    assert blob.read_bytes() == sound
    assert BlobStore(b.data / "blobs").intact(bytes.fromhex(blob.parent.name + blob.name))
    a.close()
    b.close()


def test_entries_lost_with_the_power_are_pulled_again_and_told(pair: tuple[Island, Island]) -> None:
    """A copy may fall back; it is never the last one, and goes on from what is left."""
    a, b = pair
    path = folder.log_path(b.data, "a", 1)
    old = path.read_bytes()
    a.record(5)
    b.pull(a)
    promise = path.with_suffix(".head").read_bytes()
    path.write_bytes(old)
    path.with_suffix(".head").write_bytes(promise)
    with open_mirror(b.data, "a", 1, None) as store:
        assert "acknowledged" in store.warning
        assert store.held.size == 603
    b.puller._logs.clear()  # type: ignore[union-attr]
    b.pull(a)
    assert entries_of(b) == entries_of(a)
    with open_mirror(b.data, "a", 1, None) as store:
        assert store.warning == ""


def test_a_catch_up_that_is_damaged_or_out_of_place_is_begun_anew(pair: tuple[Island, Island]) -> None:
    """What was verified ahead is only work saved; it is never more than that."""
    a, b = pair
    coming = coming_path(b.data, "a", 1)
    for junk in (b"", b"no database", folder.log_path(b.data, "a", 1).read_bytes()):
        coming.write_bytes(junk)
        a.record(1)
        b.pull(a)
        assert not coming.exists()
        assert entries_of(b) == entries_of(a)


def test_a_source_that_lies_or_lacks_the_rest_makes_a_damaged_copy_no_worse(
    pair: tuple[Island, Island],
) -> None:
    """What is still right here must not be given up because somebody hands us rubbish."""
    a, b = pair
    path = folder.log_path(b.data, "a", 1)
    with sqlite3.connect(path) as damaged:
        damaged.execute("UPDATE entry SET stored = x'00' WHERE idx = 7")
    damaged.close()

    class Lying:
        def get(self, name: str, limit: int) -> bytes | None:
            found = a.publisher.get(name, limit)
            return found[:-1] + bytes([found[-1] ^ 1]) if found and "entries" in name else found

        def close(self) -> None:
            pass

    class Lacking(Lying):
        def get(self, name: str, limit: int) -> bytes | None:
            return None if "entries" in name else a.publisher.get(name, limit)

    with pytest.raises(Refused):
        mend(b.data, Lying(), terms(a), a.clock.us)
    with pytest.raises(SourceGone):
        mend(b.data, Lacking(), terms(a), a.clock.us)
    assert len(entries_of(b)) == 603
    assert not list(path.parent.glob("*damaged*"))
    mend(b.data, a.publisher, terms(a), a.clock.us)
    assert entries_of(b) == entries_of(a)
