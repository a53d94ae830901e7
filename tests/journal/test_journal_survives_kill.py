"""kill -9 of the real recorder under load, and what the write-ahead log looks like afterwards."""

import asyncio
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from recorder_here import draft, end, flip, message, recorder, start_recorder

from releve.journal import folder
from releve.journal.client import AsyncRecorder, Recorder
from releve.journal.entry import Receipt
from releve.journal.errors import CorruptLog, RecorderGone
from releve.journal.folder import Log
from releve.journal.reader import LogReader
from releve.journal.verify import verify_folder

pytestmark = pytest.mark.serial


async def append_until_killed(data: Path, start: int, kill_after: float) -> dict[int, Receipt]:
    """Return the receipts by message number; the recorder dies in the middle."""
    process = start_recorder(data)
    client = AsyncRecorder(data)
    receipts: dict[int, Receipt] = {}
    numbers = iter(range(start, start + 1_000_000))

    async def sender() -> None:
        while True:
            number = next(numbers)
            try:
                receipts[number] = await client.append(draft(number, padding=number % 500))
            except RecorderGone:
                return

    senders = [asyncio.create_task(sender()) for _ in range(16)]
    await asyncio.sleep(kill_after)
    end(process, signal.SIGKILL)
    await asyncio.gather(*senders)
    await client.close()
    return receipts


def test_every_acknowledged_entry_is_there_once_and_unaltered_after_kill(data: Path, log: Log) -> None:
    """Rule 1 of the house. Three rounds on one log, so that recovery is recovered from as well."""
    chance = random.Random(41207)
    acknowledged: dict[int, Receipt] = {}

    for turn in range(3):
        receipts = asyncio.run(append_until_killed(data, turn * 1_000_000, chance.uniform(0.1, 0.5)))
        assert receipts
        acknowledged |= receipts
        with recorder(data):
            pass

    with LogReader(log.path) as reader:
        found = [entry.body for entry in reader.read(0, 10**6, "feed")]
        assert len(set(found)) == len(found)
        for number, receipt in acknowledged.items():
            assert reader.get(receipt.index).body == message(number, padding=number % 500)
    assert list(verify_folder(data)) == []


def test_a_bit_flipped_in_the_write_ahead_log_after_a_kill_is_found(data: Path, log: Log) -> None:
    """SQLite then drops that frame and all after it, and opens as if nothing had happened (measured)."""
    process = start_recorder(data)
    wal = log.path.with_name("1.sqlite3-wal")
    with Recorder(data) as client:
        for number in range(30):
            client.append([draft(number)])
        end(process, signal.SIGKILL)
    saved = {path: path.read_bytes() for path in log.path.parent.iterdir()}
    used = _frames_end(saved[wal])
    chance = random.Random(7)
    places = [0, 9, 17, 25, 32, 36, 40, 60, 5000, *(chance.randrange(32, used) for _ in range(12))]

    for at in places:
        for path, content in saved.items():
            path.write_bytes(content)
        log.path.with_name("1.sqlite3-shm").unlink(missing_ok=True)
        flip(wal, at, at % 8)

        # Some bytes of a frame's header are not covered by any checksum and carry nothing: then all must be there.
        with LogReader(log.path) as reader:
            try:
                whole = [entry.body for entry in reader.read(2, 99)] == [
                    message(number) for number in range(30)
                ]
            except CorruptLog:
                whole = False
        if not whole:
            with pytest.raises(CorruptLog, match="releve journal verify"):
                folder.open_writer(data)
            assert list(verify_folder(data))
        else:
            assert at < 32 or (at - 32) % 4120 < 24

    for path, content in saved.items():
        path.write_bytes(content)
    folder.open_writer(data).close()
    assert list(verify_folder(data)) == []


def test_a_recorder_refuses_to_start_on_a_shortened_log(data: Path, log: Log) -> None:
    """It stops, names the place and offers the way out; it never goes on from where the damage is."""
    process = start_recorder(data)
    with Recorder(data) as client:
        client.append([draft(number) for number in range(5)])
        end(process, signal.SIGKILL)
    wal = log.path.with_name("1.sqlite3-wal")
    wal.write_bytes(b"")
    log.path.with_name("1.sqlite3-shm").unlink()

    refused = subprocess.run(
        [*_command(), "--data", str(data)], capture_output=True, text=True, check=False, timeout=30
    )

    assert refused.returncode == 3
    assert "centre/1 entry 2: expected 7 acknowledged entries, only 2 are there" in refused.stderr
    assert "releve journal new-epoch" in refused.stderr
    assert refused.stdout == ""


def _command() -> list[str]:
    return [sys.executable, "-m", "releve.journal.recorder"]


def _frames_end(wal: bytes) -> int:
    """Return where the frames of the present generation end: they carry the salts of the header."""
    at = 32
    while wal[at + 8 : at + 16] == wal[16:24]:
        at += 24 + 4096
    return at
