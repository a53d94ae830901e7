"""The puller where a source, a disk or a key fails: one log waits, the others come, and it is told."""

import os
import sqlite3
import sys
import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from carried import Isle
from three_islands import Island, islands

from releve.islands.exchange import puller_process, unseal
from releve.islands.exchange.belief import Refused, Terms
from releve.islands.exchange.bounded import Bounded
from releve.islands.exchange.mend import mend
from releve.islands.exchange.peers import Peers, write_peers
from releve.islands.exchange.puller import SESSION_SECONDS, Puller
from releve.islands.exchange.puller_process import PullerProcess
from releve.islands.exchange.quota import Bucket, Quota
from releve.islands.exchange.source import SourceGone
from releve.islands.exchange.state import Copy
from releve.islands.exchange.unseal import StickNote, stick_identity, unsealed, write_note
from releve.journal import folder
from releve.journal.errors import FolderError

sys.path.append(str(Path(__file__).parent / "attacks"))
from owned import Owned, Served


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[Island, Island]]:
    """Return an island, and another that holds its log."""
    a, b = islands(tmp_path, "a", "b")
    a.record(40)
    b.pull(a)
    yield a, b
    a.close()
    b.close()


def puller(island: Island) -> Puller:
    """Return the puller of an island."""
    assert island.puller is not None
    return island.puller


def damage(island: Island, statement: str) -> None:
    """Let the copy of a's log on an island be damaged, noticed at the next look."""
    with sqlite3.connect(folder.log_path(island.data, "a", 1)) as damaged:
        damaged.execute(statement)
    damaged.close()
    puller(island)._logs.clear()


def told(island: Island) -> list[str]:
    """Return what was refused, in order."""
    return [one.what for one in puller(island).refused]


class Slow:
    """A source that takes its time over every file."""

    def __init__(self, island: Island) -> None:
        self._island = island
        self.open = True

    def get(self, path: str, limit: int) -> bytes | None:
        """Return the file, late."""
        self._island.clock.sleep(SESSION_SECONDS * 0.6)
        return self._island.publisher.get(path, limit)

    def close(self) -> None:
        """Be closed."""
        self.open = False


def test_a_source_that_takes_all_the_time_leaves_the_others_their_turn(pair: tuple[Island, Island]) -> None:
    """A slow line must not keep the logs behind it from ever being asked for."""
    a, b = pair
    a.record(600)
    slow = Slow(a)

    assert puller(b).pull_from(slow, "a") == 0
    assert told(b) == []
    bounded = Bounded(slow, b"", (Bucket(1), Bucket(1)), a.clock.monotonic, 1.0)
    bounded.close()
    assert not slow.open
    b.pull(a)
    assert b.size("a") == a.writer.size


def test_a_puller_that_is_stopped_asks_for_no_other_log(pair: tuple[Island, Island]) -> None:
    """The machine is switched off: what came is kept, and the rest comes at the next start."""
    a, b = pair
    a.record(5)
    b.clock.us += 31_000_000

    assert puller(b).pull_from(a.publisher, "a", lambda: True) == 0

    assert b.size("a") == 42
    assert puller(b).pull_from(a.publisher, "a") == 5


def test_who_tells_another_story_of_our_own_log_is_refused(pair: tuple[Island, Island]) -> None:
    """Signed with our key: either it was stolen, or we are a copy that does not know it."""
    a, _ = pair
    key = folder.read_key(a.data, a.log).signer
    other = Served([Owned.envelope(at, origin="a") for at in range(5)], key, origin="a")

    puller(a).pull_from(other, "b")

    assert told(a) == ["equivocation"]


def test_an_own_log_that_is_damaged_is_the_recorder_s_to_tell(pair: tuple[Island, Island]) -> None:
    """The puller mends copies; it must never write to the island's own log."""
    a, b = pair
    a.pull(b)
    damage(a, "UPDATE entry SET stored = x'c1' WHERE idx = 0")
    before = folder.log_path(a.data, "a", 1).read_bytes()
    b.record(3)

    assert a.pull(b) == 3, "the logs behind it come"
    assert told(a) == []
    assert folder.log_path(a.data, "a", 1).read_bytes() == before


def test_a_copy_that_nobody_can_vouch_for_any_more_is_set_aside(pair: tuple[Island, Island]) -> None:
    """Its key stood in its first entry only, and that is damaged: there is nothing to hold it to."""
    a, b = pair
    b.meet([a.card(epochs={})])
    damage(b, "UPDATE entry SET stored = x'c1' WHERE idx = 0")

    b.pull(a)
    assert b.size("a") == 0
    assert list(folder.log_path(b.data, "a", 1).parent.glob("1.damaged-*"))
    b.meet([a.card()])
    puller(b)._logs.clear()
    b.pull(a)
    assert b.size("a") == a.writer.size


def test_a_source_that_mends_with_lies_or_not_at_all_leaves_the_copy_for_another(
    pair: tuple[Island, Island], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is damaged stays marked so, until somebody brings what the signed tree holds."""
    a, b = pair
    failures: list[Exception] = [
        Refused("tree", "expected the bytes of the tree", {}),
        SourceGone("gone", "answer"),
    ]
    place: Any = puller(b)._place
    true_mend = place.mend

    def fail(*arguments: Any) -> None:
        if failures:
            raise failures.pop(0)
        true_mend(*arguments)

    monkeypatch.setattr(place, "mend", fail)
    damage(b, "UPDATE head SET root = zeroblob(32)")
    for left in (1, 0):
        b.pull(a)
        a.clock.sleep(600)
        assert len(failures) == left
        assert puller(b)._logs["a/1"].damaged
    assert told(b) == ["tree"]
    b.pull(a)
    assert not puller(b)._logs["a/1"].damaged


def test_on_a_full_disk_a_lie_is_told_though_its_evidence_cannot_be_kept(
    pair: tuple[Island, Island], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A flood fills the disk first, so that the next attack leaves no trace."""
    a, _ = pair

    def full(*_: object) -> str:
        raise OSError(28, "full")

    monkeypatch.setattr(puller(a)._place, "keep_evidence", full)
    other = Served([Owned.envelope(0, origin="a")], folder.read_key(a.data, a.log).signer, origin="a")
    for _ in range(2):
        a.clock.sleep(600)
        puller(a).pull_from(other, "b")

    assert told(a) == ["equivocation"], "and once only"


def test_a_key_that_is_none_admits_nothing(pair: tuple[Island, Island]) -> None:
    """Typed, carried or half written: it must not end the puller, nor let everything in."""
    a, b = pair
    damage(b, "UPDATE head SET edge = edge")
    b.meet([a.card(epochs={"1": "no key"})])
    a.record(5)
    b.pull(a)

    assert b.size("a") == a.writer.size - 5


def test_a_copy_is_mended_or_set_aside_even_without_a_key(pair: tuple[Island, Island]) -> None:
    """Without a key nothing of it counts, and what does not count must not be served as a copy."""
    a, b = pair
    damage(b, "UPDATE entry SET stored = x'c1' WHERE idx = 7")
    terms = Terms("a", 1, None, None, None, False, True, Quota(free_bytes_min=0), 1 << 40, 50)

    assert mend(b.data, a.publisher, terms, a.clock.us)
    assert not folder.log_path(b.data, "a", 1).exists()


def test_the_puller_s_process_follows_what_changed_and_only_that(
    pair: tuple[Island, Island], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It looks ten times a second for years: a note read again each time would be a disk that never rests."""
    a, b = pair
    seen: list[object] = []
    process = PullerProcess(b.data, threading.Event(), poll_ms=10)
    process._recorder = SimpleNamespace(observe=lambda *stamp: seen.append(stamp), close=lambda: None)  # type: ignore[assignment]
    monkeypatch.setattr(process.puller, "learn", seen.append)
    monkeypatch.setattr(puller_process, "drop_copies", lambda data, peer: [1])
    write_peers(b.data, Peers(own="b", peers=(msgspec.structs.replace(a.card(), addresses=()),)))
    write_note(b.data, StickNote(held={"a": {"b/1": Copy(3, 5)}}))

    for _ in range(2):
        process._observe(7, 1)
        process._follow_sticks()
    process._follow_peers()

    assert seen == [(7, 1), {"a": {"b/1": Copy(3, 5)}}]
    assert "a/1: removed here too" in caplog.text


def test_an_island_without_the_key_of_sticks_says_which_is_expected(tmp_path: Path) -> None:
    """Restored by hand, one file short: the sentence must name the file."""
    folder.create_island(tmp_path / "z", "z", True, "x", 1)
    with pytest.raises(FolderError, match=r"stick\.key"):
        stick_identity(tmp_path / "z")


def test_a_stick_that_fails_while_it_is_read_is_told_as_that(
    a: Isle, b: Isle, usb: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unreadable is another thing than incomplete: the first wants another stick, the second another journey."""
    (usb / "x").mkdir()

    def refuse(*_: object) -> bytes:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(unseal, "read_below", refuse)
    export = unsealed(usb, "x", b.secret, b.data / "incoming", room=lambda count: True)
    assert {one.code for one in export.bad} == {"unreadable"}
    assert unseal.sums_digest(usb, "x") == ""
    monkeypatch.setattr(os, "scandir", refuse)
    assert unseal.exports_on(usb) == []


def test_a_checkpoint_on_a_stick_that_is_none_names_no_log(tmp_path: Path) -> None:
    """Anyone may seal for an island; what says nothing of a log is not asked for."""
    export = unseal.UnsealedExport("x", tmp_path / "work")
    (tmp_path / "work").mkdir()
    export.take(0, _part("a/1/checkpoint", b"no checkpoint"))
    assert export._logs() == []


def _part(name: str, content: bytes) -> bytes:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    return info.tobuf(tarfile.USTAR_FORMAT) + content + bytes(-len(content) % 512)
