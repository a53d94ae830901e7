"""The MLLP listener: many senders, one budget of memory, answers only for what is durable.

Source: HL7 Transport Specification MLLP Release 1; HL7 v2.5.1, 2.9.
"""

from __future__ import annotations

import asyncio
import logging
import resource
import ssl
import time
from collections import OrderedDict
from typing import Protocol

from releve.gateway.connection import MllpConnection
from releve.gateway.notices import Notices
from releve.gateway.settings import AllowList, GatewaySettings, Listen, TlsFiles
from releve.journal.entry import BODY_BYTES_MAX, Draft, Receipt
from releve.journal.errors import DraftRefused

logger = logging.getLogger("releve.gateway")

# Descriptors kept for the recorder's socket, log, certificates and handshakes.
_DESCRIPTORS_RESERVED = 128
_SWEEP_SECONDS = 2.0
_BACKLOG = 4096


class Appender(Protocol):
    """What the listener needs of `releve.journal.client.AsyncRecorder`: done means durable."""

    def submit(self, draft: Draft) -> asyncio.Future[Receipt]:
        """Record a draft whose body is at most `BODY_BYTES_MAX`."""

    async def append(self, draft: Draft) -> Receipt:
        """Record a draft of any size."""


class MllpListener:
    """Listen on every port of the settings and hand what arrives to the recorder's client.

    The limits hold over all ports together.
    """

    def __init__(self, settings: GatewaySettings, recorder: Appender) -> None:
        self.settings = settings
        self.notices = Notices()
        self.over_budget = False
        self.loop: asyncio.AbstractEventLoop
        self._recorder = recorder
        self._allow = AllowList(settings.allow)
        self._servers: list[asyncio.Server] = []
        self._connections_max = min(
            settings.connections_max, raise_descriptor_limit() - _DESCRIPTORS_RESERVED
        )
        # Least recently heard first. Those that never sent a whole message give their place before the others.
        self._strangers: OrderedDict[MllpConnection, None] = OrderedDict()
        self._senders: OrderedDict[MllpConnection, None] = OrderedDict()
        self._half: dict[MllpConnection, int] = {}
        self._half_bytes = 0
        self._held_bytes = 0
        self._paused: set[MllpConnection] = set()
        self._sweeper: asyncio.Task[None] | None = None
        self._relieving = False
        self._started_at = int(time.time())  # MSH-10 has 20 characters in HL7 v2.5: 11 here, 8 for the count
        self._answers_made = 0
        self._stopping = False

    # -- life

    async def start(self) -> list[Listen]:
        """Open every port; return them as bound (the kernel's choice in place of port 0).

        Raises:
            OSError: a port is taken, or a certificate cannot be read.
            ssl.SSLError: a certificate or key is not what it should be.
        """
        loop = self.loop = asyncio.get_running_loop()
        bound = []
        for listen in self.settings.listen:
            context = None
            if listen.tls:
                if self.settings.tls is None:
                    raise OSError(f"{listen.host}:{listen.port}: expected a certificate for TLS")
                context = tls_context(self.settings.tls)
            server = await loop.create_server(
                lambda: MllpConnection(self),
                listen.host,
                listen.port,
                ssl=context,
                backlog=_BACKLOG,
                ssl_handshake_timeout=10.0 if context is not None else None,
            )
            self._servers.append(server)
            port = server.sockets[0].getsockname()[1]
            bound.append(Listen(host=listen.host, port=port, tls=listen.tls))
        if not self.settings.allow:
            logger.info("no allow-list: every address may send")
        self._sweeper = asyncio.create_task(self._sweep())
        return bound

    async def stop(self) -> None:
        """Accept nothing more, answer what is durable within `stop_seconds_max`, close."""
        self._stopping = True
        for server in self._servers:
            server.close()
        if self._sweeper is not None:
            self._sweeper.cancel()
        for connection in self._all():
            connection.close_after_answers()
        deadline = time.monotonic() + self.settings.stop_seconds_max
        while (self._strangers or self._senders) and time.monotonic() < deadline:
            await asyncio.sleep(0.01)
        for connection in self._all():
            connection.abort()
        await asyncio.sleep(0)

    @property
    def connections(self) -> int:
        """Number of open connections."""
        return len(self._strangers) + len(self._senders)

    @property
    def buffered_bytes(self) -> int:
        """Bytes of half frames and of frames whose entry is not durable yet, all connections together."""
        return self._half_bytes + self._held_bytes

    # -- what a connection calls

    def submit(self, draft: Draft) -> asyncio.Future[Receipt]:
        """Hand `draft` to the recorder; the future is done when it is durable, or never will be."""
        if len(draft.body) > BODY_BYTES_MAX:
            return asyncio.ensure_future(self._recorder.append(draft))
        try:
            return self._recorder.submit(draft)
        except DraftRefused as refusal:
            future: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()
            future.set_exception(refusal)
            return future

    def next_control_id(self) -> str:
        """Return MSH-10 of an answer, never used before: when this gateway started, and a count."""
        self._answers_made += 1
        return f"R{self._started_at}-{self._answers_made}"

    def admit(self, connection: MllpConnection) -> bool:
        """Return whether this address may speak; make room for it if every place is taken."""
        if self._stopping:
            return False
        if not self._allow.admits(connection.peer):
            self.notices.tell("connection refused: address not on the allow-list", connection.peer)
            return False
        if self.connections >= self._connections_max and not self._make_room():
            self.notices.tell(
                f"connection refused: all {self._connections_max} connections are busy", connection.peer
            )
            return False
        self._strangers[connection] = None
        return True

    def touched(self, connection: MllpConnection) -> None:
        """`connection` was heard just now."""
        if connection in self._senders:
            self._senders.move_to_end(connection)
        elif connection.busy or connection.kept:
            self._strangers.pop(connection, None)
            self._senders[connection] = None
        elif connection in self._strangers:
            self._strangers.move_to_end(connection)

    def forget(self, connection: MllpConnection, pending: int) -> None:
        """`connection` is gone, with `pending` bytes of a half frame."""
        self._strangers.pop(connection, None)
        self._senders.pop(connection, None)
        self._half.pop(connection, None)
        self._paused.discard(connection)
        self._half_bytes -= pending
        self._relieve()

    def frames_held(self, size: int) -> None:
        """`size` more bytes wait for the disk."""
        self._held_bytes += size
        self._relieve()

    def frames_released(self, size: int) -> None:
        """`size` bytes wait no more."""
        self._held_bytes -= size
        if self.over_budget:
            self._relieve()

    def pending_changed(self, connection: MllpConnection, change: int) -> None:
        """The half frame of `connection` grew or shrank."""
        self._half_bytes += change
        size = self._half.get(connection, 0) + change
        if size:
            self._half[connection] = size
        else:
            self._half.pop(connection, None)
        if change > 0 or self.over_budget:
            self._relieve()

    def paused(self, connection: MllpConnection) -> None:
        """`connection` reads no more until told."""
        self._paused.add(connection)

    def resumed(self, connection: MllpConnection) -> None:
        """`connection` reads again."""
        self._paused.discard(connection)

    def close_later(self, connection: MllpConnection) -> None:
        """Close after a pause, so that a sender that reconnects at once cannot storm."""
        asyncio.get_running_loop().call_later(self.settings.refusal_pause_seconds, connection.abort)

    # -- inside

    def _all(self) -> list[MllpConnection]:
        return [*self._strangers, *self._senders]

    def _make_room(self) -> bool:
        """Close the connection silent for longest that is owed nothing; those that never spoke go first."""
        for waiting in (self._strangers, self._senders):
            for connection in waiting:
                if not connection.busy:
                    self.notices.tell(
                        f"connection closed: all {self._connections_max} are in use, this one was silent longest",
                        connection.peer,
                    )
                    del waiting[connection]
                    connection.abort()
                    return True
        return False

    def _relieve(self) -> None:
        """Stop reading over budget, read again under three quarters of it, and never let half frames block all."""
        budget = self.settings.buffer_bytes_max
        if self._relieving or (not self.over_budget and self.buffered_bytes <= budget):
            return
        if not self.over_budget:
            self.over_budget = True
            self.notices.tell(f"over {budget} bytes wait for the disk: reading pauses", "all senders")
        self._relieving = True
        # Frames under way drain by themselves; half frames do not, since their senders are no longer read.
        while self._half and self._half_bytes > budget // 2:
            largest = max(self._half, key=self._half.__getitem__)
            self.notices.tell("connection closed: unfinished frame given up, memory is short", largest.peer)
            largest.close_after_answers()
        self._relieving = False
        if self.buffered_bytes <= budget * 3 // 4:
            self.over_budget = False
            for connection in list(self._paused):
                connection.resume()

    async def _sweep(self) -> None:
        """Give up frames that were begun and never end, and those who speak without ever beginning one."""
        while True:
            await asyncio.sleep(_SWEEP_SECONDS)
            stray = time.monotonic() - self.settings.stray_seconds_max
            for connection in list(self._strangers):
                if 0.0 < connection.stray_since < stray and not connection.pending_bytes:
                    self.notices.tell(
                        "connection closed: expected a start of block (VT, 0x0B)"
                        f" within {self.settings.stray_seconds_max:g} s",
                        connection.peer,
                    )
                    connection.close_after_answers()
            oldest = time.monotonic() - self.settings.frame_seconds_max
            for connection in list(self._half):
                if 0.0 < connection.frame_began_at < oldest:
                    self.notices.tell(
                        f"connection closed: a frame was not ended within {self.settings.frame_seconds_max:g} s",
                        connection.peer,
                    )
                    connection.close_after_answers()


def tls_context(files: TlsFiles) -> ssl.SSLContext:
    """Return the server's TLS context; with client authorities, a sender without certificate is not heard.

    Raises:
        OSError: a file cannot be read.
        ssl.SSLError: a file does not hold a certificate or its key.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    # Interface engines of some hospitals stop at TLS 1.2 (ANSSI accepts it with these suites).
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(files.certificate, files.key)
    if files.client_authorities is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(files.client_authorities)
    return context


def raise_descriptor_limit() -> int:
    """Raise the number of descriptors this process may open to the hard limit; return it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard == resource.RLIM_INFINITY:
        hard = 1_048_576
    if soft < hard:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        except (ValueError, OSError):
            return soft
    return hard
