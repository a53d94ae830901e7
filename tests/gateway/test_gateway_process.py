"""Gateway and recorder as processes, over real sockets: what is acknowledged is in the log, byte for byte, once."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from gateway_processes import Processes, exchange, processes, read_answer, wait_until
from mllp_island import message

from releve.codecs.hl7v2.batch import split_batch

pytestmark = pytest.mark.serial


@pytest.fixture
def island(tmp_path: Path) -> Iterator[Processes]:
    """An island that runs."""
    with processes(tmp_path) as running:
        yield running


def connect(island: Processes) -> socket.socket:
    """Open a connection to the gateway."""
    return socket.create_connection(("127.0.0.1", island.port), timeout=20)


def entries_of(body: bytes) -> tuple[bytes, ...]:
    """Return what a frame becomes: the messages of a batch that adds up, else the whole."""
    found = split_batch(body)
    return found.messages if body[:3] in (b"FHS", b"BHS") and not found.warnings else (body,)


def test_every_message_of_the_corpus_is_stored_byte_for_byte_and_answered(
    island: Processes, corpus: Callable[[str], Path]
) -> None:
    """Vendors' quirks, accents in three charsets, no MSH at all: a recorder keeps and answers all of it."""
    bodies = [path.read_bytes() for path in sorted(corpus("hl7v2").rglob("*.hl7"))]
    bodies = [body for body in bodies if b"\x1c" not in body and b"\x0b" not in body]
    assert len(bodies) > 100

    with connect(island) as connection:
        answers = [exchange(connection, body) for body in bodies]

    kept = [entry.body for entry in island.entries("message.hl7v2")]
    assert kept == [part for body in bodies for part in entries_of(body)]
    assert (
        len(kept) == len(bodies) + 5
    )  # three of the batches among them add up: of two, three and three messages
    for body, answer in zip(bodies, answers, strict=True):
        assert re.search(rb"\rMSA.(AA|CA)", answer), body[:20]


def test_messages_from_many_connections_are_each_kept_once(island: Processes) -> None:
    """Forty applications send at once; none may push out another's."""

    def send(number: int) -> None:
        with connect(island) as connection:
            for count in range(50):
                name = f"C{number}-{count}"
                assert f"MSA|AA|{name}\r".encode() in exchange(connection, message(name))

    threads = [threading.Thread(target=send, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    kept = [entry.body for entry in island.entries("message.hl7v2")]
    assert sorted(kept) == sorted(
        message(f"C{number}-{count}") for number in range(20) for count in range(50)
    )


def test_a_killed_recorder_costs_no_acknowledged_message(island: Processes) -> None:
    """The sender deletes what was acknowledged; what was not, it sends again when the recorder is back."""
    acknowledged: list[bytes] = []
    stop = threading.Event()

    def send(number: int) -> None:
        count = 0
        while not stop.is_set():
            try:
                with connect(island) as connection:
                    while not stop.is_set():
                        body = message(f"K{number}-{count}")
                        if b"MSA|AA|" not in exchange(connection, body):
                            break
                        acknowledged.append(body)
                        count += 1
            except OSError:
                time.sleep(0.02)

    threads = [threading.Thread(target=send, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for _ in range(3):
        before = len(acknowledged)
        wait_until(lambda before=before: len(acknowledged) > before + 50)  # type: ignore[misc]
        island.kill("recorder")
        time.sleep(0.2)
        island.start_recorder()
    before = len(acknowledged)
    wait_until(lambda: len(acknowledged) > before + 50)
    stop.set()
    for thread in threads:
        thread.join(30)

    kept = [entry.body for entry in island.entries("message.hl7v2")]
    assert set(acknowledged) <= set(kept)
    # What was in flight at a kill may be there twice, because its sender repeated it; nothing else may.
    assert len(kept) - len(set(kept)) <= 3 * 8


def test_without_recorder_nothing_is_acknowledged_and_the_gateway_lives_on(tmp_path: Path) -> None:
    """The gateway may start first, and outlive the recorder by hours."""
    with processes(tmp_path) as island:
        island.kill("recorder")
        with connect(island) as connection:
            assert exchange(connection, message("M1")) == b""
        island.start_recorder()
        with connect(island) as connection:
            assert b"MSA|AA|M1" in exchange(connection, message("M1"))
            connection.sendall(b"".join(b"\x0b" + message(name) + b"\x1c\r" for name in ("M2", "M3")))
            received = read_answer(connection)
            while b"M3" not in received:
                received += read_answer(connection)
        assert received.index(b"MSA|AA|M2") < received.index(b"MSA|AA|M3")


def test_a_stop_signal_ends_the_gateway_cleanly(island: Processes) -> None:
    """An update by day: the port is free again and no file says otherwise."""
    with connect(island) as connection:
        assert b"MSA|AA|M1" in exchange(connection, message("M1"))

        assert island.stop("gateway") == 0

        assert connection.recv(1) == b""
    assert not (island.data / "runtime" / "gateway.json").exists()
    island.start_gateway()
    with connect(island) as connection:
        assert b"MSA|AA|M2" in exchange(connection, message("M2"))


def test_thousands_of_idle_connections_and_a_flood_leave_memory_bounded(island: Processes) -> None:
    """The machine also prints and shows boards; the gateway may not take its memory."""

    def resident_mib() -> int:
        text = Path(f"/proc/{island.pid('gateway')}/status").read_text(encoding="ascii")
        found = re.search(r"VmRSS:\s+(\d+) kB", text)
        assert found is not None
        return int(found.group(1)) // 1024

    start = resident_mib()
    idle = [connect(island) for _ in range(2000)]
    floods = [connect(island) for _ in range(4)]
    for flood in floods:
        flood.settimeout(5)
        sent = 0
        try:
            flood.sendall(b"\x0bMSH|")
            for _ in range(64):
                flood.sendall(b"x" * 1_048_576)
                sent += 1
        except OSError:
            pass
        assert sent < 40
    with connect(island) as connection:
        assert b"MSA|AA|M1" in exchange(connection, message("M1"))

    assert resident_mib() - start < 200
    for connection in idle + floods:
        connection.close()
