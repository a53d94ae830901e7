"""Staying awake for a moment must serve a lone sender and cost nobody else anything."""

import asyncio
import os
import socket
import time
from pathlib import Path

import pytest
from recorder_here import draft, recorder

from releve.journal import awake, wire
from releve.journal.client import AsyncRecorder, Recorder
from releve.journal.folder import Log
from releve.journal.reader import LogReader

pytestmark = pytest.mark.serial


def test_on_a_single_processor_nobody_stays_awake() -> None:
    """Whoever looks without sleeping there keeps from working the one it waits for."""
    assert not awake.Watch(has_room=False).begins()


def test_what_does_not_pay_is_done_ever_more_rarely_and_what_pays_again_and_again() -> None:
    """Beside other work, behind a slow disk or with seconds between messages, processes must sleep as ever."""
    watch = awake.Watch(has_room=True)
    tries = 0
    for _ in range(10_000):
        if watch.begins():
            tries += 1
            watch.in_vain()
    assert tries < 300

    for _ in range(2_000):
        if watch.begins():
            watch.paid()
    assert all(watch.begins() for _ in range(100))


def test_a_recorder_that_was_asked_once_rests(data: Path, log: Log) -> None:
    """An island's machine is small and works for weeks: an idle process must not hold a processor."""
    with recorder(data) as process, Recorder(data) as client:
        client.append([draft(1)])
        before = _processor_seconds(process.pid)
        time.sleep(1.0)
        assert _processor_seconds(process.pid) - before < 0.1


def test_a_sender_that_waits_for_each_answer_gets_each(data: Path, log: Log) -> None:
    """The loop that does not sleep is the one that reads the receipts: none may be missed or come twice."""

    async def send_all() -> list[int]:
        client = AsyncRecorder(data, stays_awake=True)
        client._watch = awake.Watch(has_room=True)
        indexes = [(await client.append(draft(number))).index for number in range(300)]
        indexes += [
            receipt.index for receipt in await asyncio.gather(*map(client.append, map(draft, range(50))))
        ]
        await client.close()
        return indexes

    with recorder(data):
        indexes = asyncio.run(send_all())

    assert indexes == list(range(2, 352))
    with LogReader(log.path) as reader:
        assert reader.size == 352


def test_a_receipt_that_does_not_come_is_slept_for(tmp_path: Path) -> None:
    """A disk that hangs must not be made worse by a gateway that burns the processor."""
    place = tmp_path / "runtime" / "recorder.sock"
    place.parent.mkdir()

    async def wait_in_vain() -> float:
        client = AsyncRecorder(place, stays_awake=True)
        client._watch = awake.Watch(has_room=True)
        task = asyncio.ensure_future(client.append(draft(1)))
        connection, _ = await asyncio.get_running_loop().sock_accept(listener)
        connection.send(wire.frame(wire.Greeting("centre", 1)))
        await asyncio.sleep(0.1)
        second = client.append(draft(2))  # after the greeting: this one is handed over at once
        late = asyncio.ensure_future(second)
        before = time.process_time()
        await asyncio.sleep(0.5)
        used = time.process_time() - before
        assert not task.done()
        connection.close()
        await asyncio.gather(task, late, return_exceptions=True)
        await client.close()
        return used

    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(place))
        listener.listen()
        listener.setblocking(False)
        assert asyncio.run(wait_in_vain()) < 0.1


def _processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
