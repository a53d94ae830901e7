"""The recorder as the process it is, over its real socket."""

import asyncio
import contextlib
import os
import signal
import socket
import stat
import struct
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from recorder_here import draft, end, message, recorder, start_recorder

from releve.journal import folder, wire
from releve.journal.client import AsyncRecorder, Recorder
from releve.journal.entry import BODY_BYTES_MAX, Draft
from releve.journal.errors import (
    DraftRefused,
    RecorderGone,
    RecorderUnreachable,
    StorageFailed,
    StorageFull,
)
from releve.journal.folder import Log
from releve.journal.reader import LogReader
from releve.journal.verify import verify_folder

pytestmark = pytest.mark.serial


def test_a_receipt_means_the_entry_is_there(data: Path, log: Log) -> None:
    """The ACK to the hospital rests on this."""
    with recorder(data), Recorder(folder.socket_path(data)) as client, LogReader(log.path) as reader:
        receipts = client.append([draft(1), draft(2)])

        assert [(r.origin, r.epoch, r.index) for r in receipts] == [("centre", 1, 2), ("centre", 1, 3)]
        assert [entry.body for entry in reader.read(2, 9)] == [message(1), message(2)]
        assert reader.get(2).recorded_at_us == receipts[0].recorded_at_us
        assert client.append([]) == []
    assert list(verify_folder(data)) == []


def test_a_large_body_becomes_a_blob_and_comes_back_whole(data: Path, log: Log) -> None:
    """A scanned page or a document of 16 MiB goes the same way as an HL7 message."""
    bodies = [os.urandom(BODY_BYTES_MAX), os.urandom(BODY_BYTES_MAX + 1), os.urandom(3_000_000)]

    async def send_all() -> None:
        client = AsyncRecorder(data)
        for body in bodies:
            await client.append(Draft(kind="message.fhir", body=body, source="http"))
        await client.close()

    with recorder(data), Recorder(data) as client, LogReader(log.path) as reader:
        client.append([Draft(kind="paper.scan.1", body=body, source="scan") for body in bodies])
        asyncio.run(send_all())

        assert [entry.body for entry in reader.read(2, 9)] == bodies * 2
    assert len([path for path in (data / "blobs").rglob("*") if path.is_file()]) == 2
    assert list(verify_folder(data)) == []


def test_thousands_in_flight_are_answered_each_with_its_own_place(data: Path, log: Log) -> None:
    """Group commit must not mix up who gets which receipt."""

    async def send_all() -> list[int]:
        client = AsyncRecorder(folder.socket_path(data))
        receipts = await asyncio.gather(
            *[client.append(draft(number, padding=400)) for number in range(3000)]
        )
        state = await client.state()
        assert state.batch_max > 1
        assert state.commits < 3000
        await client.close()
        return [receipt.index for receipt in receipts]

    with recorder(data):
        indexes = asyncio.run(send_all())

    with LogReader(log.path) as reader:
        assert len(set(indexes)) == 3000
        for number, index in enumerate(indexes):
            assert reader.get(index).body == message(number, padding=400)


def test_one_refused_draft_does_not_take_others_with_it(data: Path, log: Log) -> None:
    """Drafts of one turn of the loop travel together; a bad one is its sender's problem alone."""
    text = "\ud800"  # no Unicode text: cannot be written

    async def send_all() -> list[object]:
        client = AsyncRecorder(data)
        bad = Draft(kind="message.hl7v2", body=b"x", source=text)
        sent = [client.append(draft(1)), client.append(bad), client.append(draft(2))]
        sent.append(client.append(Draft(kind="journal.opened.1", body=b"", source="x")))
        outcomes = await asyncio.gather(*sent, return_exceptions=True)
        with pytest.raises(DraftRefused):
            client.submit(Draft(kind="k", body=bytes(BODY_BYTES_MAX + 1), source="x"))
        await client.close()
        return list(outcomes)

    with recorder(data), Recorder(data) as client:
        outcomes = asyncio.run(send_all())
        with pytest.raises(DraftRefused):
            client.append([Draft(kind="Bad Kind", body=b"", source="x")])

    assert [type(outcome).__name__ for outcome in outcomes] == [
        "Receipt",
        "DraftRefused",
        "Receipt",
        "DraftRefused",
    ]


def test_a_blob_that_was_never_written_is_refused(data: Path, log: Log) -> None:
    """An entry that names a body nobody has would be a lie from the start."""
    with recorder(data), Recorder(data) as client:
        submission = wire.Submission("paper.scan.1", bytes(32), "scan", blob_bytes=40_000)
        with pytest.raises(DraftRefused, match="before its entry"):
            client._ask(wire.Append(1, [submission]))
        client.append([draft(1)])


def test_the_socket_is_for_this_user_alone(data: Path, log: Log) -> None:
    """Whoever may open it may append."""
    with recorder(data):
        assert stat.S_IMODE(folder.socket_path(data).stat().st_mode) == 0o600
    assert not folder.socket_path(data).exists()


def test_a_long_path_is_no_obstacle(tmp_path: Path) -> None:
    """The kernel takes 108 bytes for a socket's address; a hospital's folder names do not know that."""
    data = tmp_path / ("a-rather-long-name-" * 8)
    log = folder.create_island(data, "centre", True, "CH", time.time_ns() // 1000)

    async def send() -> None:
        client = AsyncRecorder(data)
        await client.append(draft(2))
        await client.close()

    with recorder(data), Recorder(data) as client:
        client.append([draft(1)])
        asyncio.run(send())
    with LogReader(log.path) as reader:
        assert reader.size == 4


def test_without_a_recorder_nothing_is_sent(data: Path, log: Log) -> None:
    """Safe to retry is not the same as may already have arrived."""

    async def send() -> None:
        await AsyncRecorder(data).append(draft(1))

    with pytest.raises(RecorderUnreachable):
        asyncio.run(send())
    with pytest.raises(RecorderUnreachable), Recorder(data) as client:
        client.append([draft(1)])


def test_clients_find_a_recorder_that_came_back(data: Path, log: Log) -> None:
    """Each process can die and come back alone; the others carry on."""

    async def around_a_restart() -> None:
        client = AsyncRecorder(data)
        first = start_recorder(data)
        await client.append(draft(1))
        first.send_signal(signal.SIGSTOP)
        pending = asyncio.ensure_future(client.append(draft(2)))
        await asyncio.sleep(0.05)
        end(first, signal.SIGKILL)
        with pytest.raises(RecorderGone):
            await pending
        with pytest.raises(RecorderUnreachable):
            await client.append(draft(3))
        with pytest.raises(RecorderUnreachable):
            await client.state()
        second = start_recorder(data)
        await client.append(draft(4))
        assert await client.observe(0, 0)
        await client.close()
        end(second)

    asyncio.run(around_a_restart())

    client = Recorder(data)
    for number in (5, 6):
        process = start_recorder(data)
        client.append([draft(number)])
        end(process)
    client.close()
    with LogReader(log.path) as reader:
        bodies = [entry.body for entry in reader.read(2, 99, "feed")]
    assert [body for body in bodies if body != message(2)] == [message(number) for number in (1, 4, 5, 6)]


def test_a_recorder_that_dies_while_asked_may_have_recorded(data: Path, log: Log) -> None:
    """The blocking client says so as well, and does not hang."""
    process = start_recorder(data)
    client = Recorder(data, timeout_seconds=0.3)
    client.append([draft(1)])
    process.send_signal(signal.SIGSTOP)

    with pytest.raises(RecorderGone) as caught:
        client.append([draft(2)])

    assert not isinstance(caught.value, RecorderUnreachable)
    process.send_signal(signal.SIGCONT)
    client.close()
    assert end(process) == 0


def test_sigterm_finishes_the_batch_and_closes_cleanly(data: Path, log: Log) -> None:
    """An upgrade in the night must leave nothing to repair."""
    process = start_recorder(data)
    with Recorder(data) as client:
        client.append([draft(1)])
        status = end(process)

    assert status == 0
    assert sorted(path.name for path in log.path.parent.iterdir()) == ["1.head", "1.sqlite3"]
    assert list(verify_folder(data)) == []


def test_a_newer_dictionary_goes_into_the_log_before_it_is_used(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A body must never depend on a file of one version of the program."""
    with monkeypatch.context() as earlier:
        earlier.setattr(folder, "shipped_dictionary", lambda: ("earlier", b"MSH|^~\\&|GAM|" * 20))
        log = folder.create_island(data, "centre", True, "CH", 1)
    writer = folder.open_writer(data)
    writer.append([wire.Submission("message.hl7v2", message(1), "s")], 1)
    writer.close()

    with recorder(data), Recorder(data) as client, LogReader(log.path) as reader:
        client.append([draft(2)])

        assert [entry.kind for entry in reader.read(1, 9)] == [
            "journal.dictionary.1", "message.hl7v2", "journal.dictionary.1", "message.hl7v2",
        ]  # fmt: skip
        assert [entry.body for entry in reader.read(0, 9, "feed")] == [message(1), message(2)]
        assert reader.dictionary(3) == folder.shipped_dictionary()[1]
    assert list(verify_folder(data)) == []


def test_a_second_recorder_does_not_start(data: Path, log: Log) -> None:
    """Neither by mistake nor by two supervisors."""
    with recorder(data), Recorder(data) as client:
        with pytest.raises(AssertionError, match="status 1"):
            start_recorder(data, errors=subprocess.DEVNULL)
        client.append([draft(1)])


def test_redaction_over_the_socket_is_signed_and_durable(data: Path, log: Log) -> None:
    """Whoever asks for it is named in the act."""
    with recorder(data), Recorder(data) as client, LogReader(log.path) as reader:
        client.append([draft(1)])
        receipt = client.redact(2, reason="order 12/2026", author="w:9")

        assert reader.get(2).redacted
        assert (reader.get(receipt.index).author, reader.get(receipt.index).kind) == (
            "w:9",
            "journal.redaction.1",
        )
        with pytest.raises(DraftRefused):
            client.redact(2, reason="again", author="w:9")
    assert list(verify_folder(data)) == []


def test_a_foreign_clock_in_the_future_is_not_followed(data: Path, log: Log) -> None:
    """One owned island must not poison the time of the others."""
    with recorder(data), Recorder(data) as client, LogReader(log.path) as reader:
        now_ms = time.time_ns() // 1_000_000
        assert not client.observe(now_ms + 3_600_000, 0)
        client.append([draft(1)])
        assert reader.get(2).hlc[0] < now_ms + 60_000

        assert client.observe(now_ms + 30_000, 7)
        client.append([draft(2)])
        assert reader.get(3).hlc == (now_ms + 30_000, 8)


def test_the_state_says_how_full_the_disk_is(data: Path, log: Log) -> None:
    """The alarm starts at 15 % free, while there is still time."""
    with recorder(data), Recorder(data) as client:
        client.append([draft(1)])
        state = client.state()

    assert (state.origin, state.epoch, state.size, state.exercise, state.storage) == (
        "centre",
        1,
        3,
        True,
        "ok",
    )
    assert 0 <= state.free_percent <= 100
    assert state.alarm == (state.free_percent < 15)
    assert state.commit_us_max >= state.commit_us_median > 0
    assert (state.entries, state.commits) == (1, 1)


def _garbage(connection: socket.socket) -> None:
    connection.sendall(b"GET / HTTP/1.1\r\n\r\n")


def _huge_frame(connection: socket.socket) -> None:
    connection.sendall(struct.pack(">I", 1 << 30))


def _wrong_request(connection: socket.socket) -> None:
    connection.sendall(struct.pack(">I", 1) + b"\xc0")


@pytest.mark.parametrize("speak", [_garbage, _huge_frame, _wrong_request])
def test_a_client_that_speaks_nonsense_is_closed_and_others_are_served(
    data: Path, log: Log, speak: Callable[[socket.socket], None]
) -> None:
    """Memory stays bounded whatever a broken process of the island sends."""
    with recorder(data), Recorder(data) as client:
        other = socket.socket(socket.AF_UNIX)
        other.settimeout(5)
        other.connect(os.fspath(folder.socket_path(data)))
        assert other.recv(100)  # the greeting
        speak(other)

        assert other.recv(100) == b""
        other.close()
        client.append([draft(1)])


def test_a_client_that_does_not_read_its_answers_is_not_read_either(data: Path, log: Log) -> None:
    """A stopped gateway must not make the recorder hold its answers without bound."""
    with recorder(data), Recorder(data) as client:
        deaf = socket.socket(socket.AF_UNIX)
        deaf.connect(os.fspath(folder.socket_path(data)))
        deaf.settimeout(1.0)
        question = wire.frame(wire.AskState(1)) * 1000
        sent = 0
        with contextlib.suppress(TimeoutError):
            while sent < 50_000_000:
                sent += deaf.send(question)

        assert sent < 10_000_000
        client.append([draft(1)])
        deaf.close()


def test_errors_travel_as_what_they_are() -> None:
    """The gateway keeps silent on a full disk and refuses a bad draft: it must tell them apart."""
    for error in (DraftRefused("a"), StorageFull("b"), StorageFailed("c")):
        answer = wire.Answer(1, wire.state_of(error), str(error))
        again = wire.error_of(wire.read_answer(wire.frame(answer)[4:]))
        assert (type(again), str(again)) == (type(error), str(error))
    with pytest.raises(RecorderGone):
        wire.read_answer(b"\xc0")
    with pytest.raises(RecorderGone):
        wire.read_greeting(b"\xc0")
