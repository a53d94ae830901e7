"""A journal is damaged one bit at a time, in every file it has: said and put right, or shown to touch nothing."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from three_islands import islands

from releve.islands.exchange.belief import Terms
from releve.islands.exchange.mend import mend
from releve.islands.exchange.quota import Quota
from releve.journal import folder
from releve.journal.entry import Submission
from releve.journal.note import Verifier
from releve.journal.reader import LogReader
from releve.journal.verify import Finding, verify_log
from thinned import whole

PARTS = 64  # of the megabyte: one that fails can be run again alone


class Copied:
    """An island's log with blobs, redactions and tiles, and another island's copy of it, damaged again and again."""

    def __init__(self, root: Path, entries: int, *, body_bytes: int = 0) -> None:
        self.a, self.b = islands(root, "a", "b")
        chance = random.Random(7)
        self.a.record(entries)
        self.a.record(2, size=33_000)
        if body_bytes:
            drafts = [Submission("message.hl7v2", chance.randbytes(30_000), "test")] * (body_bytes // 30_000)
            self.a.writer.append(drafts, self.a.clock.us)
        self.a.writer.append([Submission("crisis.note.1", b"\x81\xa1a\x01", "test")] * 2, self.a.clock.us)
        self.a.writer.redact(4, "wrong person", "x", self.a.clock.us)
        self.a.writer.redact(2 + entries, "wrong person", "x", self.a.clock.us)  # the first blob
        self.b.pull(self.a)
        self.a.writer.close()
        self.a.publisher.close()  # opens again when it is asked
        self.terms = Terms(
            "a",
            1,
            Verifier.from_vkey(self.a.vkey),
            None,
            None,
            False,
            True,
            Quota(free_bytes_min=0),
            1 << 40,
            50,
        )
        self.content = {
            True: self._everything(self.b.data),
            False: self._everything(self.a.data),
        }
        self.sound = {
            path: path.read_bytes() for data in (self.a.data, self.b.data) for path in self._files(data)
        }

    def _files(self, data: Path) -> list[Path]:
        return sorted(
            [*data.glob("journal/a/1.sqlite3"), *data.glob("journal/a/1.head"), *data.glob("blobs/*/*")]
        )

    def log(self, data: Path) -> folder.Log:
        """Return the log of a on this island."""
        return folder.Log("a", 1, folder.log_path(data, "a", 1))

    def _everything(self, data: Path) -> list[object]:
        """Return every entry, every hash proofs are cut from, the checkpoint, and each blob an entry names."""
        with LogReader(self.log(data).path) as reader:
            tables = [
                reader.connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall()
                for table in ("entry", "tile", "head")
            ]
            return [
                *tables,
                reader.read(0, 1 << 20),
                reader.read(0, 1 << 20, "act"),
                [blob.read_bytes() for blob in sorted(data.glob("blobs/*/*"))],
            ]

    def places(self, data: Path) -> list[tuple[Path, int]]:
        """Return every byte of the journal of a on this island."""
        return [(path, at) for path in self._files(data) for at in range(len(self.sound[path]))]

    def any_bits(self, data: Path, count: int, chance: random.Random) -> Iterator[tuple[Path, int, int]]:
        """Return places and bits by chance, most of them in the log: a blob is long and needs fewer."""
        files = self._files(data)
        weights = [8 if path.suffix == ".sqlite3" else 1 for path in files]
        for path in chance.choices(files, weights, k=count):
            yield path, chance.randrange(len(self.sound[path])), chance.randrange(8)

    def flip(self, path: Path, at: int, bit: int) -> None:
        """Turn one bit of a file over."""
        raw = bytearray(self.sound[path])
        raw[at] ^= 1 << bit
        path.write_bytes(raw)

    def restore(self, data: Path) -> None:
        """Put every file back, byte for byte."""
        for path in data.glob("journal/a/*"):
            if path not in self.sound:
                path.unlink()
        for path in self._files(data):
            if path not in self.sound:
                path.unlink()
        for path, raw in self.sound.items():
            if path.is_relative_to(data):
                path.parent.mkdir(exist_ok=True)
                path.write_bytes(raw)

    def copy_survives(self, path: Path, at: int, bit: int) -> bool:
        """Damage the copy; return whether that was found. Afterwards it holds what it held."""
        a, b = self.a, self.b
        where = f"{path.relative_to(b.data)} byte {at} bit {bit}"
        self.flip(path, at, bit)
        findings = mend(b.data, a.publisher, self.terms, a.clock.us)
        if findings:
            assert all(is_located(one, path) for one in findings), f"{where}: {findings}"
            b.puller._logs.clear()  # type: ignore[union-attr]  # what it remembers of a file that was whole
            if any("blob" in one.expected for one in findings) or not self.log(b.data).path.exists():
                b.pull(a)
            assert list(verify_log(b.data, self.log(b.data))) == [], where
        assert self._everything(b.data) == self.content[True], where
        if findings or path.suffix == ".sqlite3":
            self.restore(b.data)
        else:
            path.write_bytes(self.sound[path])
        return bool(findings)

    def own_survives(self, path: Path, at: int, bit: int) -> bool:
        """Damage the log on the island that writes it; return whether that was found."""
        data = self.a.data
        where = f"{path.relative_to(data)} byte {at} bit {bit}"
        self.flip(path, at, bit)
        findings = list(verify_log(data, self.log(data)))
        if findings:
            assert all(is_located(one, path) for one in findings), f"{where}: {findings}"
        else:
            assert self._everything(data) == self.content[False], where
        self.restore(data)
        return bool(findings)

    def close(self) -> None:
        """Let go of everything."""
        self.a.publisher.close()
        self.b.close()


def is_located(finding: Finding, path: Path) -> bool:
    """Return whether a finding names the log and a place in it that the damaged file can be."""
    if path.parent.parent.name == "blobs":
        return finding.entry is not None and "blob" in finding.expected
    if path.suffix == ".head":
        return finding.place.startswith("head file")
    return bool(finding.place) and finding.log == "a/1"


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Copied]:
    """Return a log of some fifty entries, with a dictionary as small."""
    monkeypatch.setattr(folder, "shipped_dictionary", lambda: ("small", b"MSH|^~\\&|GAM|CH-VALMONT|" * 8))
    copied = Copied(tmp_path, 40)
    yield copied
    copied.close()


@pytest.fixture
def tiled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Copied]:
    """Return a log that is long enough to have tiles."""
    monkeypatch.setattr(folder, "shipped_dictionary", lambda: ("small", b"MSH|^~\\&|GAM|CH-VALMONT|" * 8))
    copied = Copied(tmp_path, 520)
    yield copied
    copied.close()


def test_a_bit_that_flips_in_a_copy_is_found_and_fetched_again(small: Copied) -> None:
    """The disk of one island rots in silence: what it took is said by its place, and comes back from another."""
    bits = small.any_bits(small.b.data, 900, random.Random(409))

    assert 200 < sum(small.copy_survives(*bit) for bit in bits) < 900, "a part of a file is free"


def test_a_bit_that_flips_in_a_long_copy_is_found_and_fetched_again(tiled: Copied) -> None:
    """The hashes that proofs are cut from rot as well."""
    bits = tiled.any_bits(tiled.b.data, 100, random.Random(577))

    assert sum(tiled.copy_survives(*bit) for bit in bits) > 30


def test_a_bit_that_flips_in_an_own_log_is_found(small: Copied) -> None:
    """The writer of a log may not mend it by itself: it says where, and others have it byte for byte."""
    bits = small.any_bits(small.a.data, 1000, random.Random(811))

    assert 200 < sum(small.own_survives(*bit) for bit in bits) < 1000
    assert small.content[True][:2] == small.content[False][:2], "the copy has every entry and every hash"


@pytest.mark.timeout(0)
@pytest.mark.parametrize("part", [whole(part) for part in range(PARTS)])
def test_one_bit_of_every_byte_of_a_megabyte_may_flip(tmp_path: Path, part: int) -> None:
    """Nowhere in a journal stands a byte that may change unseen, other than where nothing stands."""
    copied = Copied(tmp_path, 300, body_bytes=880_000)
    places = copied.places(copied.b.data)
    assert len(places) > 1_000_000

    for number in range(part, len(places), PARTS):
        copied.copy_survives(*places[number], number // PARTS % 8)

    copied.close()
