"""The publisher: a process without any key that answers GET and HEAD with files cut from the logs.

It listens on DATA/runtime/publisher.sock only; Caddy stands in front (`caddy`) and says who asks. It reads a request
itself, because there is so little to read: a line, a few headers, never a body. Whatever is longer, slower or
otherwise than that ends the connection.
"""

import asyncio
import contextlib
import logging
import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import uvloop

from releve.islands.exchange.caddy import HEADER_BYTES_MAX, PEER_HEADER, Caddy
from releve.islands.exchange.layout import LayoutError
from releve.islands.exchange.publish import Found, Publisher
from releve.islands.exchange.source import SourceGone
from releve.journal import unix

__all__ = ["PublisherServer", "run", "socket_path"]

log = logging.getLogger("releve.publisher")
NICE = 5  # whoever is asked waits for the recorder, never the recorder for them
CONNECTIONS_MAX = 64
IDLE_SECONDS = 130.0  # a little longer than Caddy, so that Caddy is never closed upon
HEAD_SECONDS = 10.0
WRITE_SECONDS = 60.0
PIECE_BYTES = 256 * 1024
# For one peer. A pull of 20,000 entries/s asks for 160 files and 10 MB a second.
REQUESTS_PER_SECOND = 600
BYTES_PER_SECOND = 64 * 1024 * 1024
BURST_SECONDS = 1.0
AT_ONCE_MAX = 8
_REASONS = {
    200: "OK", 400: "Bad Request", 404: "Not Found", 405: "Method Not Allowed", 429: "Too Many Requests",
    503: "Service Unavailable",
}  # fmt: skip
_PEER = PEER_HEADER.lower().encode()


def socket_path(data: Path) -> Path:
    """Return the publisher's socket."""
    return data / "runtime" / "publisher.sock"


class Request(NamedTuple):
    """What is read of a request."""

    method: bytes
    path: str
    peer: bytes
    stays: bool


def read_request(head: bytes) -> Request | None:
    """Return a request from its lines, None when it is not one that is answered here."""
    lines = head[:-4].split(b"\r\n")
    first = lines[0].split(b" ")
    if len(first) != 3 or first[2] not in (b"HTTP/1.1", b"HTTP/1.0") or not first[1].startswith(b"/"):
        return None
    stays, peer = first[2] == b"HTTP/1.1", b""
    for line in lines[1:]:
        name, colon, value = line.partition(b":")
        name, value = name.lower(), value.strip().lower()
        # A body would be taken for the next request by one of the two who read it.
        if (
            not colon
            or name != name.strip()
            or name == b"transfer-encoding"
            or (name == b"content-length" and value != b"0")
        ):
            return None
        if name == b"connection" and value == b"close":
            stays = False
        elif name == _PEER:
            peer = value
    # Names of the layout are plain ASCII; what is encoded, doubled or asks a question is none of them.
    return Request(first[0], first[1][1:].decode("latin-1"), peer, stays)


class _Share:
    """How much one peer may have: so much a second, a second's worth at once."""

    def __init__(self) -> None:
        self.at_once = 0
        self._paid_until = 0.0

    def wait_seconds(self, now: float, size: int) -> float:
        """Charge an answer of `size` bytes, and return how long it has to wait."""
        cost = 1 / REQUESTS_PER_SECOND + size / BYTES_PER_SECOND
        self._paid_until = max(self._paid_until, now) + cost
        return max(0.0, self._paid_until - now - BURST_SECONDS)


class PublisherServer:
    """Answers on one Unix socket."""

    def __init__(self, data: Path) -> None:
        self._path = socket_path(data)
        self._publisher = Publisher(data)
        self._shares: dict[bytes, _Share] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._said: set[str] = set()

    async def serve(self, stop: asyncio.Event) -> None:
        """Answer until `stop` is set."""
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._path.unlink(missing_ok=True)
        with unix.address(self._path) as address:
            listening.bind(address)
        self._path.chmod(0o600)
        server = await asyncio.start_unix_server(self._connected, sock=listening, limit=HEADER_BYTES_MAX)
        try:
            await stop.wait()
        finally:
            server.close()
            for task in list(self._tasks):
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            self._path.unlink(missing_ok=True)
            self._publisher.close()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            if len(self._tasks) <= CONNECTIONS_MAX:
                while await self._answer_next(reader, writer):
                    pass
        except (OSError, EOFError, asyncio.LimitOverrunError):  # gone, too slow, too long
            pass
        except asyncio.CancelledError:  # the server ends; nobody waits for this task
            pass
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _answer_next(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Read one request and answer it; return whether another may follow."""
        async with asyncio.timeout(IDLE_SECONDS):
            first = await reader.readexactly(1)
        async with asyncio.timeout(HEAD_SECONDS):
            request = read_request(first + await reader.readuntil(b"\r\n\r\n"))
        if request is None:
            await self._say(writer, 400, stays=False)
            return False
        if request.method not in (b"GET", b"HEAD"):
            await self._say(writer, 405, "Allow: GET, HEAD\r\n", stays=False)
            return False
        share = self._shares.setdefault(request.peer, _Share())
        if share.at_once >= AT_ONCE_MAX:
            await self._say(writer, 429, "Retry-After: 1\r\n", stays=request.stays)
            return request.stays
        share.at_once += 1
        try:
            await self._find(writer, request, share)
        finally:
            share.at_once -= 1
        return request.stays

    async def _find(self, writer: asyncio.StreamWriter, request: Request, share: _Share) -> None:
        try:
            found = self._publisher.find(request.path)
        except LayoutError:
            found = None
        except SourceGone:
            place = "/".join(request.path.split("/")[:2])
            if place not in self._said:  # once: it is asked for twice a second
                log.exception("publisher: %s cannot be read", place)
            self._said.add(place)
            await self._say(writer, 503, stays=request.stays)
            return
        now = asyncio.get_running_loop().time()
        if found is None:
            await asyncio.sleep(share.wait_seconds(now, 0))
            await self._say(writer, 404, stays=request.stays)
        elif isinstance(found.body, Path):
            await self._blob(writer, request, share, found.body)
        else:
            await asyncio.sleep(share.wait_seconds(now, len(found.body)))
            writer.write(_head(200, len(found.body), _caching(found), stays=request.stays))
            if request.method == b"GET":
                writer.write(found.body)
            await _drained(writer)

    async def _blob(self, writer: asyncio.StreamWriter, request: Request, share: _Share, path: Path) -> None:
        try:
            file = path.open("rb")
        except OSError:
            await self._say(writer, 404, stays=request.stays)
            return
        clock = asyncio.get_running_loop().time
        with file:
            left = os.fstat(file.fileno()).st_size
            writer.write(_head(200, left, "", stays=request.stays))
            while left and request.method == b"GET":
                piece = file.read(min(PIECE_BYTES, left))
                if not piece:
                    raise EOFError
                left -= len(piece)
                await asyncio.sleep(share.wait_seconds(clock(), len(piece)))
                writer.write(piece)
                await _drained(writer)
        await _drained(writer)

    async def _say(
        self, writer: asyncio.StreamWriter, status: int, headers: str = "", *, stays: bool
    ) -> None:
        writer.write(_head(status, 0, headers, stays=stays))
        await _drained(writer)


def _caching(found: Found) -> str:
    return "Cache-Control: max-age=31536000, immutable\r\n" if found.immutable else ""


def _head(status: int, length: int, headers: str, *, stays: bool) -> bytes:
    kind = "Content-Type: application/octet-stream\r\n"
    end = "" if stays else "Connection: close\r\n"
    return (
        f"HTTP/1.1 {status} {_REASONS[status]}\r\nContent-Length: {length}\r\n{kind}{headers}{end}\r\n"
    ).encode()


async def _drained(writer: asyncio.StreamWriter) -> None:
    async with asyncio.timeout(WRITE_SECONDS):
        await writer.drain()


async def _serve(data: Path, listen: str, before_exec: Callable[[], None] | None) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    server = asyncio.create_task(PublisherServer(data).serve(stop))
    caddy = asyncio.create_task(Caddy(data, listen, socket_path(data).name, before_exec).watch())
    # Whichever fails takes the process with it: it is started again, whole.
    await asyncio.wait((server, caddy), return_when=asyncio.FIRST_COMPLETED)
    caddy.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await caddy
    stop.set()
    await server


def run(data: Path, listen: str, before_exec: Callable[[], None] | None = None) -> None:
    """Publish the logs of `data` to its peers at `listen` (HOST:PORT) until SIGTERM."""
    with contextlib.suppress(OSError):
        os.nice(NICE)
    uvloop.run(_serve(data, listen, before_exec))
