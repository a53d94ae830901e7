"""The views' write-ahead log is moved beside the fold: nothing is lost by it, and nobody waits."""

import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from releve.views.checkpoints import ENTRIES, Checkpoints, move_log


@pytest.fixture
def views(tmp_path: Path) -> Iterator[tuple[Path, sqlite3.Connection]]:
    """Return a file with one row that stands in its write-ahead log alone, and who writes it."""
    path = tmp_path / "views 1.sqlite3"
    with closing(sqlite3.connect(path, isolation_level=None, timeout=0)) as writer:
        writer.execute("PRAGMA journal_mode=WAL")
        writer.execute("CREATE TABLE bed (code TEXT)")
        writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        writer.execute("PRAGMA wal_autocheckpoint=0")
        writer.execute("INSERT INTO bed VALUES ('207')")
        yield path, writer


def in_the_file(path: Path) -> int:
    """Return how many beds stand in the file itself."""
    alone = path.with_name("alone.sqlite3")
    shutil.copyfile(path, alone)
    with closing(sqlite3.connect(alone)) as connection:
        return int(connection.execute("SELECT count(*) FROM bed").fetchone()[0])


def test_the_log_is_moved_while_the_fold_is_in_the_middle_of_a_step(
    views: tuple[Path, sqlite3.Connection],
) -> None:
    """Inside a commit it took up to a second on a busy disk, and every form stood behind it."""
    path, writer = views
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("INSERT INTO bed VALUES ('208')")

    assert in_the_file(path) == 0
    assert move_log(path)
    assert in_the_file(path) == 1

    writer.execute("COMMIT")
    assert writer.execute("SELECT count(*) FROM bed").fetchone()[0] == 2


def test_a_page_that_is_being_read_is_not_waited_for(views: tuple[Path, sqlite3.Connection]) -> None:
    """It keeps what it reads; the rest is moved the next time."""
    path, writer = views
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM bed").fetchall()
        writer.execute("INSERT INTO bed VALUES ('208')")

        assert not move_log(path)
        assert reader.execute("SELECT count(*) FROM bed").fetchone()[0] == 1
    assert move_log(path)
    assert in_the_file(path) == 2


def test_it_is_moved_each_time_enough_was_folded_whatever_became_of_the_file(
    views: tuple[Path, sqlite3.Connection],
) -> None:
    """A rebuild puts another file in force; the thread must outlive the one that has gone."""
    path, _ = views
    asked = threading.Semaphore(0)
    in_force = [path.with_name("gone.sqlite3"), None, path]

    def generation() -> Path | None:
        asked.release()
        return in_force.pop(0)

    with Checkpoints(generation) as checkpoints:
        checkpoints.took(ENTRIES - 1)
        assert not asked.acquire(timeout=0.02)
        for _ in range(3):
            checkpoints.took(ENTRIES)
            assert asked.acquire(timeout=5)

    assert in_the_file(path) == 1
    assert not path.with_name("gone.sqlite3").exists()
    assert not checkpoints._thread.is_alive()
