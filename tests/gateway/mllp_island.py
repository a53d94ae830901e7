"""A listener with a recorder we own: durable when the test says so. And a sender that speaks plain sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from releve.gateway.mllp import MllpListener
from releve.gateway.settings import GatewaySettings, Listen
from releve.journal.entry import Draft, Receipt

MESSAGE = (
    b"MSH|^~\\&|DPI|CHU|RELEVE|CHU|20261121031000||ADT^A01^ADT_A01|%s|P|2.5|||||FRA|8859/1\r"
    b"EVN||20261121031000\rPID|1||800123^^^CHU^PI||L\xc9VY^ANA\xcfS||19540228|F\r"
)


def message(control_id: str, *, accept: str = "", application: str = "") -> bytes:
    """Return an admission; `accept` and `application` are MSH-15 and MSH-16."""
    raw = MESSAGE % control_id.encode()
    return raw.replace(b"|2.5|||||FRA", f"|2.5|||{accept}|{application}|FRA".encode())


class OwnedRecorder:
    """Keeps drafts in memory; durable at once, or when `release()` is called, or never with `failure`."""

    def __init__(self, *, hold: bool = False) -> None:
        self.drafts: list[Draft] = []
        self.failure: Exception | None = None
        self.hold = hold
        self.waiting: list[tuple[Draft, asyncio.Future[Receipt]]] = []

    async def append(self, draft: Draft) -> Receipt:
        """Keep a large draft; its bytes take a moment, as on a disk."""
        await asyncio.sleep(0.02)
        return await self.submit(draft)

    def submit(self, draft: Draft) -> asyncio.Future[Receipt]:
        """Return a future that is done when the draft is durable."""
        future: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()
        if self.failure is not None:
            future.set_exception(self.failure)
        elif self.hold:
            self.waiting.append((draft, future))
        else:
            self._keep(draft, future)
        return future

    def release(self, *, newest_first: bool = False) -> None:
        """Make everything that waits durable."""
        waiting, self.waiting = self.waiting, []
        for draft, future in reversed(waiting) if newest_first else waiting:
            self._keep(draft, future)

    def _keep(self, draft: Draft, future: asyncio.Future[Receipt]) -> None:
        self.drafts.append(draft)
        future.set_result(Receipt("test", 1, len(self.drafts) - 1, 0))


class Sender:
    """A sender's connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def send(self, *payloads: bytes) -> None:
        """Send every payload as a frame, all in one write."""
        await self.send_raw(b"".join(b"\x0b" + payload + b"\x1c\r" for payload in payloads))

    async def send_raw(self, data: bytes) -> None:
        """Send bytes as they are."""
        self._writer.write(data)
        await self._writer.drain()

    async def block(self, seconds: float = 5.0) -> bytes:
        """Return the payload of the next answer."""
        async with asyncio.timeout(seconds):
            block = await self._reader.readuntil(b"\x1c\r")
        assert block.startswith(b"\x0b")
        return block[1:-2]

    async def answer(self, seconds: float = 5.0) -> list[bytes]:
        """Return the fields of MSA of the next answer."""
        block = await self.block(seconds)
        assert block.startswith(b"MSH")
        segments = block.split(b"\r")
        (found,) = [segment for segment in segments if segment.startswith(b"MSA")]
        return found.split(found[3:4])

    async def closed(self, seconds: float = 5.0) -> bytes:
        """Wait until the other side closes; return what still came."""
        async with asyncio.timeout(seconds):
            try:
                return await self._reader.read()
            except ConnectionError:
                return b""

    def end(self) -> None:
        """Say that nothing more will be sent."""
        self._writer.write_eof()

    def close(self) -> None:
        """Close the connection."""
        self._writer.close()


class Island:
    """The listener under test with its recorder and the way to reach it."""

    def __init__(self, listener: MllpListener, recorder: OwnedRecorder, port: int) -> None:
        self.listener = listener
        self.recorder = recorder
        self.port = port

    async def sender(self, **options: object) -> Sender:
        """Open a connection."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, **options)  # type: ignore[arg-type]
        return Sender(reader, writer)

    async def until(self, condition: object, seconds: float = 5.0) -> None:
        """Wait until `condition()` holds."""
        assert callable(condition)
        async with asyncio.timeout(seconds):
            while not condition():
                await asyncio.sleep(0.005)


@asynccontextmanager
async def island(recorder: OwnedRecorder | None = None, **settings: object) -> AsyncIterator[Island]:
    """Start a listener on a port of the kernel's choice; stop it at the end."""
    recorder = recorder or OwnedRecorder()
    made = GatewaySettings(**{"data": Path("unused"), "listen": (Listen(port=0),), **settings})  # type: ignore[arg-type]
    listener = MllpListener(made, recorder)
    (bound, *_) = await listener.start()
    try:
        yield Island(listener, recorder, bound.port)
    finally:
        await listener.stop()
