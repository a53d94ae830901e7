"""A disk that tears, drops and refuses, and the power goes: what was acknowledged is there, or its place is named."""

import random
from pathlib import Path

import apsw
import pytest
from recorder_here import message, new_island
from torn_disk import Disk, torn_disk

from releve.journal import folder, head
from releve.journal.entry import Submission
from releve.journal.errors import CorruptLog, StorageFailed, StorageFull
from releve.journal.folder import Log, LogReader
from releve.journal.store import LogWriter
from releve.journal.verify import verify_log


class Night:
    """A writer at work, and what it acknowledged."""

    def __init__(self, data: Path, chance: random.Random) -> None:
        self.data, self.chance = data, chance
        self.acknowledged: dict[int, bytes] = {}
        self.refused = 0

    def work(self, writer: LogWriter, steps: int) -> None:
        """Append, redact and empty the write-ahead log; go on after a failure."""
        for step in range(steps):
            bodies = [message(step * 10 + number, padding=self.chance.randrange(400)) for number in range(3)]
            drafts = [Submission("message.hl7v2", body, "mllp:10.0.0.5") for body in bodies]
            try:
                first = writer.append(drafts, 1 + step)
                self.acknowledged |= {first + number: body for number, body in enumerate(bodies)}
                if step % 11 == 10:
                    index = self.chance.choice(sorted(self.acknowledged))
                    del self.acknowledged[index]
                    writer.redact(index, "wrong person", "w:1", 1 + step)
                if step % 7 == 6:
                    writer.empty_wal(truncate=step % 2 == 0)
            except (StorageFailed, StorageFull):
                self.refused += 1

    def lost(self, log: Log) -> list[int]:
        """Return which acknowledged entries are not there byte for byte."""
        with LogReader(log.path) as reader:
            there = {entry.index: entry.body for entry in reader.read(0, 1 << 20)}
        return [index for index, body in self.acknowledged.items() if there.get(index) != body]


def after_the_cut(data: Path) -> Log | str:
    """Return the log when a writer opens what is left, else where it says that something is missing."""
    log = Log("centre", 1, folder.log_path(data, "centre", 1))
    try:
        folder.open_writer(data).close()
    except CorruptLog as error:
        return error.place
    return log


def night(
    tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch, fails: str
) -> tuple[Night, Disk, random.Random]:
    """Play a night on a disk that fails as it is told, until the power goes."""
    data, chance = tmp_path / f"data{seed}", random.Random(seed)
    new_island(data)
    played = Night(data, chance)
    end = chance.randrange(20, 400)

    def failing(disk: Disk, what: str) -> int:
        if disk.writes + disk.syncs >= end:
            disk.off = True
            return apsw.SQLITE_IOERR
        if fails == "sync" and what == "sync" and chance.random() < 0.15:
            return apsw.SQLITE_IOERR_FSYNC
        if fails == "write" and what == "write" and chance.random() < 0.03:
            return chance.choice([apsw.SQLITE_FULL, apsw.SQLITE_IOERR_WRITE])
        return 0

    with torn_disk(monkeypatch) as disk:
        writer = folder.open_writer(data)
        disk.fails = failing
        played.work(writer, 40)
        disk.off = True
        writer._drop_connection()
        writer._promise.close()
        writer._lock.close()
    return played, disk, chance


@pytest.mark.parametrize("fails", ["nothing", "sync", "write"])
def test_what_was_acknowledged_is_there_after_the_power_went(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rounds: int, fails: str
) -> None:
    """An acknowledged dose is on the disk, whatever of the last moment the disk kept."""
    refused = cut_short = 0
    for seed in range(rounds):
        played, disk, chance = night(tmp_path, seed, monkeypatch, fails)
        refused += played.refused
        for take in range(3):
            left = tmp_path / f"left{seed}.{take}"
            disk.cut(played.data, left, chance)
            opened = after_the_cut(left)
            assert isinstance(opened, Log), f"seed {seed}: {opened}"
            assert played.lost(opened) == [], f"seed {seed}"
            assert [str(one) for one in verify_log(left, opened)] == [], f"seed {seed}"
            cut_short += 1
    assert refused
    assert cut_short


def test_a_disk_that_forgets_what_it_said_was_written_is_found_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rounds: int
) -> None:
    """Some disks lie about a sync; then the log names what is missing, and never begins again as if nothing were."""
    named = 0
    for seed in range(rounds):
        played, disk, chance = night(tmp_path, seed, monkeypatch, "nothing")
        for take in range(3):
            left = tmp_path / f"left{seed}.{take}"
            disk.cut(played.data, left, chance, drop=0.8)
            log = Log("centre", 1, folder.log_path(left, "centre", 1))
            said = [str(one) for one in verify_log(left, log)]
            opened = after_the_cut(left)
            if isinstance(opened, str):
                assert opened.startswith("centre/1")
                named += 1
            elif said:
                named += 1
            else:
                # The limit docs/reference/journal.md tells: what came after the promise that is left.
                promised, _ = head.read(log.path.with_suffix(".head"))
                assert promised is not None
                assert all(index >= promised.size for index in played.lost(opened)), f"seed {seed}"
    assert named
