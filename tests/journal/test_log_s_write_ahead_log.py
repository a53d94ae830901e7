"""When the write-ahead log of a journal is moved into its file, and how much of it stays on the disk."""

import random
from pathlib import Path

import pytest
from recorder_here import SATURDAY_0310_US

from releve.journal import folder, store
from releve.journal.entry import Submission
from releve.journal.folder import Log

SQLITES_OWN_PAGES = 1000


def bodies(count: int) -> list[Submission]:
    """Return messages of 100,000 bytes that cannot be made smaller."""
    signs = random.Random(310)
    return [Submission("message.hl7v2", signs.randbytes(100_000), "mllp:1") for _ in range(count)]


def test_no_message_waits_for_the_log_to_be_moved_into_its_file(data: Path, log: Log) -> None:
    """The recorder moves it when nobody waits; SQLite would inside a commit, before the sender is answered."""
    writer = folder.open_writer(data)
    before = log.path.stat().st_size

    while writer.wal_pages <= SQLITES_OWN_PAGES + 100:
        writer.append(bodies(4), SATURDAY_0310_US)

    assert log.path.stat().st_size == before
    writer.close()


def test_a_log_that_grew_in_a_rush_is_cut_again_once_it_was_moved(
    data: Path, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A backup or a slow reader lets it grow to gigabytes; without a limit the disk never gets them back."""
    limit = 200_000
    monkeypatch.setattr(store, "WAL_BYTES_KEPT", limit)
    writer = folder.open_writer(data)
    wal = log.path.with_name(log.path.name + "-wal")
    writer.append(bodies(8), SATURDAY_0310_US)
    assert wal.stat().st_size > limit

    assert writer.empty_wal()
    writer.append(bodies(1), SATURDAY_0310_US)

    assert wal.stat().st_size <= limit
    writer.close()
