"""A full disk: nothing half-written, nothing acknowledged, and it goes on when there is room again."""

import asyncio
import os
from pathlib import Path

import pytest
from recorder_here import end, message, new_island, recorder, small_disk, start_recorder

from releve.journal import folder
from releve.journal.client import AsyncRecorder, Recorder
from releve.journal.entry import Draft
from releve.journal.errors import JournalError, StorageFailed, StorageFull
from releve.journal.reader import LogReader
from releve.journal.verify import verify_folder

pytestmark = pytest.mark.serial


def noise(number: int, size: int = 8000) -> Draft:
    """Return a draft that does not compress."""
    return Draft(kind="message.hl7v2", body=message(number) + os.urandom(size), source="mllp:10.0.0.5")


def append_until_refused(client: Recorder, acknowledged: list[bytes], size: int) -> JournalError | None:
    """Append one after the other until an error; return it."""
    for number in range(4000):
        draft = noise(number, size)
        try:
            client.append([draft])
        except JournalError as error:
            return error
        acknowledged.append(draft.body)
    return None


def test_a_full_disk_is_said_and_recording_goes_on_when_there_is_room(tmp_path: Path) -> None:
    """The gateway then keeps silent, so that the sender keeps its message and sends it again."""
    with small_disk(tmp_path / "disk", megabytes=4) as disk:
        data = disk / "data"
        log = new_island(data)
        ballast = disk / "ballast"
        ballast.write_bytes(bytes(2_000_000))
        acknowledged: list[bytes] = []
        with recorder(data), Recorder(data) as client:
            refused = append_until_refused(client, acknowledged, 8000)
            assert isinstance(refused, StorageFull)
            assert acknowledged
            state = client.state()
            assert state.alarm
            assert "no room" in state.storage
            with pytest.raises(StorageFull):
                client.append([noise(1), noise(2)])
            with pytest.raises(StorageFull):
                client.append([noise(1, 2_000_000)])  # a blob: refused where it is written

            ballast.unlink()
            after = noise(9999)
            client.append([after])
            assert client.state().storage == "ok"
            acknowledged.append(after.body)

        with LogReader(log.path) as reader:
            assert [entry.body for entry in reader.read(2, 10_000)] == acknowledged
        assert list(verify_folder(data)) == []
        assert [path.name for path in disk.rglob("*.part")] == []


def test_a_whole_batch_of_senders_is_told(tmp_path: Path) -> None:
    """Each waiting sender gets the same true answer, none hangs."""
    with small_disk(tmp_path / "disk", megabytes=3) as disk:
        data = disk / "data"
        new_island(data)

        async def send_all() -> list[object]:
            client = AsyncRecorder(data)
            sent = [client.append(noise(number)) for number in range(600)]
            outcomes = await asyncio.gather(*sent, return_exceptions=True)
            await client.close()
            return list(outcomes)

        with recorder(data):
            outcomes = asyncio.run(send_all())

        kinds = {type(outcome).__name__ for outcome in outcomes}
        assert "StorageFull" in kinds
        assert kinds <= {"StorageFull", "Receipt"}
        stored = sum(type(outcome).__name__ == "Receipt" for outcome in outcomes)
        with LogReader(folder.own_log(data).path) as reader:
            assert reader.size == 2 + stored
        assert list(verify_folder(data)) == []


def test_a_disk_that_fails_is_not_a_full_disk(data: Path) -> None:
    """After a failed write nobody knows what arrived; the log is checked again before the next entry."""
    log = new_island(data)
    limit = 4 * 1024 * 1024  # under what the log is laid out with: writes beyond it fail (EFBIG)
    process = start_recorder(data, prefix=("prlimit", f"--fsize={limit}"))
    acknowledged: list[bytes] = []
    with Recorder(data) as client:
        refused = append_until_refused(client, acknowledged, 20_000)
        assert isinstance(refused, StorageFailed)
        assert client.state().alarm
    end(process)

    with recorder(data), Recorder(data) as client:
        client.append([noise(7)])
        with LogReader(log.path) as reader:
            found = [entry.body for entry in reader.read(2, 10_000)]
    assert found[: len(acknowledged)] == acknowledged
    assert list(verify_folder(data)) == []
