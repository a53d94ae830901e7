"""The file of a copy when something is wrong with it, or with the disk: told, and never taken for what it is not."""

import sqlite3
import sys
from pathlib import Path
from typing import Any

import pytest
from three_islands import Clock, Island, islands

from releve.islands.exchange import mirror
from releve.islands.exchange.belief import Terms
from releve.islands.exchange.mirror import coming_path, open_mirror
from releve.islands.exchange.pull import Outcome, drive, pull
from releve.islands.exchange.quota import Quota
from releve.islands.exchange.source import SourceGone
from releve.journal import folder
from releve.journal.errors import CorruptLog, StorageFailed
from releve.journal.note import Signer

sys.path.append(str(Path(__file__).parent / "attacks"))
from owned import Owned, Served, opened_entry

KEY = Signer("releve/c/1", bytes(32))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Return an island that holds copies."""
    island = Island(tmp_path, "a", Clock())
    island.close()
    return island.data


def log(count: int, **change: Any) -> list[bytes | None]:
    """Return a log of C: its first entry, then so many messages."""
    return [opened_entry(KEY, epoch=1), *(Owned.envelope(at, **change) for at in range(1, count + 1))]


def pulled(data: Path, source: Any) -> Outcome:
    """Pull once."""
    terms = Terms("c", 1, KEY.verifier, None, None, True, True, Quota(), 1 << 40, 50)
    with open_mirror(data, "c", 1, KEY.verifier) as store:
        return drive(source, pull(store, terms, 1_795_226_999_000_000))


class Gone:
    """A source that is gone after some files."""

    def __init__(self, served: Served, files: int) -> None:
        self._served, self._left = served, files

    def get(self, path: str, limit: int) -> bytes | None:
        """Return the file, or be gone."""
        self._left -= 1
        if self._left < 0:
            raise SourceGone("expected more")
        return self._served.get(path, limit)

    def close(self) -> None:
        """Nothing is open."""


def test_what_is_not_here_has_no_hashes(data: Path) -> None:
    """A proof is never cut from nothing."""
    with open_mirror(data, "c", 1, KEY.verifier) as store, pytest.raises(CorruptLog):
        store.hashes(0, 0, 1)


def test_bytes_that_are_gone_without_a_redaction_are_not_put_back_as_gone(data: Path) -> None:
    """A source could otherwise make us forget by saying that there was nothing."""
    pulled(data, Served(log(3), KEY))
    with open_mirror(data, "c", 1, KEY.verifier) as store, pytest.raises(CorruptLog, match="entry 2"):
        store.mend(2, [None], [bytes(32)])


def test_a_copy_whose_first_entry_is_unreadable_is_damaged(data: Path) -> None:
    """Without a key by which to hold its checkpoint nothing of it counts."""
    pulled(data, Served(log(3), KEY))
    path = folder.log_path(data, "c", 1)
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE entry SET stored = x'c1' WHERE idx = 0")
    connection.close()
    with pytest.raises(CorruptLog, match="readable entries"):
        open_mirror(data, "c", 1, None)


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE base SET size = 9",
        "UPDATE head SET root = zeroblob(32)",
        "UPDATE head SET edge = zeroblob(31)",
        "DELETE FROM entry WHERE idx = (SELECT max(idx) FROM entry)",
        "UPDATE entry SET stored = x'c1' WHERE idx = (SELECT max(idx) FROM entry)",
        "DELETE FROM base",
        "DROP TABLE base",
    ],
)
def test_a_catch_up_that_is_damaged_is_begun_again(data: Path, damage: str) -> None:
    """It is only work done ahead: whatever is wrong with it, what is held is not."""
    served = Served(log(1500), KEY)
    with pytest.raises(SourceGone):
        pulled(data, Gone(served, 6))
    with sqlite3.connect(coming_path(data, "c", 1)) as connection:
        connection.execute(damage)
    connection.close()
    with open_mirror(data, "c", 1, KEY.verifier) as store:
        assert store.coming is None
    assert pulled(data, served).what == "grown"


def test_entries_of_a_later_version_are_kept_and_their_clock_is_not_asked_for(data: Path) -> None:
    """An old island goes on carrying what a new one records."""
    served = Served(log(1500, version=2), KEY)
    with pytest.raises(SourceGone):
        pulled(data, Gone(served, 6))
    with open_mirror(data, "c", 1, KEY.verifier) as store:
        assert store.coming is not None
    assert pulled(data, served).what == "grown"
    with open_mirror(data, "c", 1, KEY.verifier) as store:
        assert store.held.size == 1501
        assert store.held.stamp == (-1, -1), "none of the last thousand says when"


def test_what_is_removed_in_a_catch_up_under_way_is_known_to_be(tmp_path: Path) -> None:
    """Removed twice, an entry would be restated twice: the second could say something else of it."""
    a, b = islands(tmp_path, "a", "b")
    a.record(10)
    act = a.writer.redact(4, "asked for", "dpo", a.clock.us)
    a.record(1500)
    terms = Terms(
        "a", 1, folder.read_key(a.data, a.log).signer.verifier, None, None, True, True, Quota(), 1 << 40, 50
    )
    with open_mirror(b.data, "a", 1, terms.key) as store, pytest.raises(SourceGone):
        drive(Gone(a.publisher, 6), pull(store, terms, a.clock.us))  # type: ignore[arg-type]

    with open_mirror(b.data, "a", 1, terms.key) as store:
        assert store.coming is not None
        assert store.removed_by(4) == act
        assert store.removed_by(5) is None
    a.close()
    b.close()


def test_a_catch_up_of_a_later_version_goes_on_where_it_was(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """None of its entries says when: the clock of what is held before it serves."""
    monkeypatch.setattr(mirror, "LOOK_BACK", 2)
    with pytest.raises(SourceGone):
        pulled(data, Gone(Served(log(1500, version=2), KEY), 6))
    with open_mirror(data, "c", 1, KEY.verifier) as store:
        assert store.coming is not None
        assert store.coming.stamp == store.held.stamp


@pytest.mark.parametrize("which", ["1.sqlite3", "coming"])
def test_a_disk_that_fails_is_not_a_damaged_copy(
    data: Path, monkeypatch: pytest.MonkeyPatch, which: str
) -> None:
    """Taken for damage, a copy that is whole would be set aside and pulled anew."""
    pulled(data, Served(log(3), KEY))
    with pytest.raises(SourceGone):
        pulled(data, Gone(Served(log(1500), KEY), 6))
    before = coming_path(data, "c", 1).read_bytes()
    connect = mirror.connect

    def refuse(path: Path) -> sqlite3.Connection:
        if which in path.name:
            error = sqlite3.OperationalError("disk I/O error")
            error.sqlite_errorcode = sqlite3.SQLITE_IOERR
            raise error
        return connect(path)

    monkeypatch.setattr(mirror, "connect", refuse)
    with pytest.raises((sqlite3.OperationalError, StorageFailed)):
        open_mirror(data, "c", 1, KEY.verifier)
    assert coming_path(data, "c", 1).read_bytes() == before
