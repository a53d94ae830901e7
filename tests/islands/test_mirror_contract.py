"""One contract for the copy on disk and the copy in memory: what the simulation shows of one holds for the other."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import pytest
from memory_mirror import MemoryDisk, MemoryLog, MemoryMirror
from three_islands import Clock, Island

from releve.islands.exchange.belief import Terms
from releve.islands.exchange.mirror import open_mirror
from releve.islands.exchange.pull import Outcome, drive, pull
from releve.islands.exchange.quota import Quota
from releve.islands.exchange.source import SourceGone
from releve.islands.exchange.standing import MirrorStore
from releve.journal import folder
from releve.journal.note import Verifier
from releve.journal.tree import edge_at

Opener = Callable[[], AbstractContextManager[MirrorStore]]


@pytest.fixture
def origin(tmp_path: Path) -> Iterator[Island]:
    """Return the island whose log is copied."""
    island = Island(tmp_path, "a", Clock())
    yield island
    island.close()


@pytest.fixture(params=["disk", "memory"])
def opened(request: pytest.FixtureRequest, tmp_path: Path, origin: Island) -> Opener:
    """Return how the copy is opened: each time what was kept is there."""
    if request.param == "memory":
        log = MemoryLog(MemoryDisk())
        return lambda: MemoryMirror(log, {})
    data = tmp_path / "b"
    folder.create_island(data, "b", True, "Valmont", origin.clock.us)
    key = Verifier.from_vkey(origin.vkey)
    return lambda: open_mirror(data, "a", 1, key)


def terms(origin: Island) -> Terms:
    """Return by what the log is judged."""
    return Terms("a", 1, Verifier.from_vkey(origin.vkey), None, None, True, True, Quota(), 1 << 40, 50)


class Breaking:
    """A source that is gone after some files."""

    def __init__(self, source: Island, files: int) -> None:
        self._source = source.publisher
        self._left = files

    def get(self, path: str, limit: int) -> bytes | None:
        """Return the file, or be gone."""
        self._left -= 1
        if self._left < 0:
            raise SourceGone("expected more")
        return self._source.get(path, limit)

    def close(self) -> None:
        """Nothing is open."""


def pulled(opened: Opener, origin: Island, files: int = 1_000_000) -> Outcome:
    """Pull once."""
    with opened() as store:
        return drive(Breaking(origin, files), pull(store, terms(origin), origin.clock.us))


def test_what_was_added_is_there_when_it_is_opened_again(opened: Opener, origin: Island) -> None:
    """A copy that is only in memory is none."""
    for count in (0, 1, 253, 1, 256, 700):
        origin.record(count)
        outcome = pulled(opened, origin)
        assert outcome.what == "grown"
        with opened() as store:
            assert store.held.size == origin.writer.size
            assert store.held.root == origin.writer.root
            assert outcome.stated is not None
            assert store.held.checkpoint == outcome.stated.note
            assert edge_at(store.held.size, store.hashes).root() == store.held.root
            assert store.coming is None


def test_entries_are_found_with_their_bytes_and_hash(opened: Opener, origin: Island) -> None:
    """A redaction and a dictionary are looked up by index; a wrong row would be trusted."""
    origin.record(300)
    pulled(opened, origin)
    with folder.LogReader(origin.log.path) as reader, opened() as store:
        for index in (0, 255, 256, 301):
            row = store.find(index)
            assert row is not None
            assert row[0] == index
            assert row[2] == reader.stored(index)
        assert store.find(302) is None


def test_a_catch_up_that_is_cut_goes_on_where_it_was(opened: Opener, origin: Island) -> None:
    """On a slow link the beginning of a long log must not be asked for again and again for ever."""
    origin.record(2000)
    with pytest.raises(SourceGone):
        pulled(opened, origin, files=6)
    with opened() as store:
        assert store.held.size == 0, "nothing counts before the whole checkpoint is there"
        assert store.coming is not None
        assert store.coming.size == 3 * 256
        row = store.find(500)
        assert row is not None
        assert row[0] == 500
    with pytest.raises(SourceGone):
        pulled(opened, origin, files=5)
    origin.record(10)
    assert pulled(opened, origin).what == "grown"
    with opened() as store:
        assert store.held.root == origin.writer.root


def test_a_redaction_takes_the_bytes_of_what_was_held_and_of_what_comes(
    opened: Opener, origin: Island
) -> None:
    """Both ways a body may be on this disk: pulled before it was redacted, or on its way."""
    origin.record(300)
    pulled(opened, origin)
    act = origin.writer.redact(5, "wrong person", "x", origin.clock.us)
    origin.record(2000)
    origin.writer.redact(1000, "wrong person", "x", origin.clock.us)
    with pytest.raises(SourceGone):
        pulled(opened, origin, files=7)
    assert pulled(opened, origin).removed == 1
    with opened() as store:
        for index, by in ((5, act), (1000, origin.writer.size - 1)):
            row = store.find(index)
            assert row is not None
            assert row[2] is None
            assert store.removed_by(index) == by
        assert store.removed_by(6) is None
        assert store.held.root == origin.writer.root


def test_a_damaged_copy_is_mended_from_what_the_tree_proves(opened: Opener, origin: Island) -> None:
    """What is wrong on one disk is right on another, and the signed root says which."""
    origin.record(600)
    pulled(opened, origin)
    with ExitStack() as stack:
        store = stack.enter_context(opened())
        row = store.find(300)
        assert row is not None
        stored = [(store.find(index) or row)[2] for index in range(256, 512)]
        leaves = [(store.find(index) or row)[3] for index in range(256, 512)]
        store.mend(256, stored, leaves)
        store.mend_tree(b"".join(store.hashes(1, 0, 2)), store.hashes(0, 512, 602))
        assert edge_at(602, store.hashes).root() == origin.writer.root
        assert store.find(300) == row
