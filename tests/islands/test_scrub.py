import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from carried import SATURDAY_0310_US, Isle, introduce, isle

from releve.islands.exchange.identity import read_mirror_signer
from releve.islands.exchange.peers import read_peers
from releve.islands.exchange.publish import Publisher
from releve.islands.exchange.puller import Puller
from releve.islands.exchange.source import Source, SourceGone
from releve.islands.scrub import Mended, mend_log
from releve.journal.folder import Log, log_path
from releve.journal.verify import verify_log


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Isle, Isle]:
    """Return an island and another one that holds a copy of its log."""
    a, b = isle(tmp_path, "a"), isle(tmp_path, "b")
    a.record(300)
    introduce(a, b)
    peers = read_peers(b.data)
    assert peers is not None
    Puller(b.data, peers, signer=read_mirror_signer(b.data)).pull_from(Publisher(a.data), "a")
    return a, b


def damage(data: Path) -> Log:
    """Turn one letter of a stored entry over in the copy."""
    log = Log("a", 1, log_path(data, "a", 1))
    connection = sqlite3.connect(log.path)
    with connection:
        (stored,) = connection.execute("SELECT stored FROM entry WHERE idx = 7").fetchone()
        flipped = stored[:-1] + bytes([stored[-1] ^ 1])
        connection.execute("UPDATE entry SET stored = ? WHERE idx = 7", (flipped,))
    connection.close()
    return log


class Gone:
    """An island that does not answer."""

    def get(self, path: str, limit: int) -> bytes | None:
        """Raise as a cut line does."""
        raise SourceGone("no connection")

    def close(self) -> None:
        """Nothing is held open."""


def test_a_damaged_copy_is_put_back_from_the_first_island_that_answers(pair: tuple[Isle, Isle]) -> None:
    """A disk forgets silently; the month's scrub must mend what it finds while somebody still has it whole."""
    a, b = pair
    log = damage(b.data)
    assert list(verify_log(b.data, log))

    def sources(data: Path, log: Log) -> Iterator[tuple[str, Source]]:
        yield "c", Gone()
        yield "a", Publisher(a.data)

    assert mend_log(b.data, log, SATURDAY_0310_US, sources) == Mended("a/1", "mended", "a")
    assert list(verify_log(b.data, log)) == []


def test_without_an_island_to_ask_nothing_is_changed(pair: tuple[Isle, Isle]) -> None:
    """The damaged copy is still worth more than none."""
    _, b = pair
    log = damage(b.data)
    before = log.path.read_bytes()

    assert mend_log(b.data, log, SATURDAY_0310_US).what == "alone"
    assert log.path.read_bytes() == before


def test_an_islands_own_log_is_not_written_by_a_scrub(pair: tuple[Isle, Isle]) -> None:
    """It has one writer; what is lost of it is for people to decide."""
    a, _ = pair

    assert mend_log(a.data, Log("a", 1, log_path(a.data, "a", 1)), SATURDAY_0310_US).what == "own"
