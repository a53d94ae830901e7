"""The least that is durable: asyncio, one SQLite file, one writer thread with group commit. No tree, no signature.

`python -m bench.peers.bare FILE [--uvloop]`. This is the yardstick: what a careful engineer writes in an afternoon.
"""

from __future__ import annotations

import asyncio
import queue
import sqlite3
import sys
import threading

Waiting = tuple[bytes, "Connection", bytes]


class Connection(asyncio.Protocol):
    """Cut frames at FS CR, answer with MSH and MSA after the commit."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._pending = b""
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        *frames, self._pending = (self._pending + data).split(b"\x1c\r")
        for frame in frames:
            body = frame[1:]
            fields = body[: body.index(b"\r")].split(b"|")
            ack = b"\x0bMSH|^~\\&|%s|%s|%s|%s|20261121||ACK|%s|P|2.5\rMSA|AA|%s\r\x1c\r" % (
                fields[4], fields[5], fields[2], fields[3], fields[9], fields[9],
            )  # fmt: skip
            self._writer.queue.put((body, self, ack))


class Writer(threading.Thread):
    """Commit everything that waits, then say so to the loop."""

    def __init__(self, path: str, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(daemon=True)
        self.queue: queue.SimpleQueue[Waiting] = queue.SimpleQueue()
        self._path = path
        self._loop = loop

    def run(self) -> None:
        database = sqlite3.connect(self._path, isolation_level=None)
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=FULL")
        database.execute("CREATE TABLE message (id INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT")
        while True:
            batch = [self.queue.get()]
            while len(batch) < 1000:
                try:
                    batch.append(self.queue.get_nowait())
                except queue.Empty:
                    break
            database.execute("BEGIN")
            database.executemany("INSERT INTO message (body) VALUES (?)", [(body,) for body, _, _ in batch])
            database.execute("COMMIT")
            self._loop.call_soon_threadsafe(_answer, batch)


def _answer(batch: list[Waiting]) -> None:
    for _, connection, ack in batch:
        connection.transport.write(ack)


async def serve(path: str) -> None:
    loop = asyncio.get_running_loop()
    writer = Writer(path, loop)
    writer.start()
    server = await loop.create_server(lambda: Connection(writer), "127.0.0.1", 0, backlog=1024)
    print(f"port {server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    if "--uvloop" in sys.argv:
        import uvloop

        uvloop.run(serve(sys.argv[1]))
    else:
        asyncio.run(serve(sys.argv[1]))
