"""Where the files of a log are pulled from: another island over HTTPS; a plain file read below a folder (a stick).

Whatever comes out is believed by nobody yet: `pull` checks it. What a source promises is bounds: never more bytes than
asked for, never longer than its time.
"""

import contextlib
import io
import ipaddress
import os
import socket
import ssl
import stat
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Protocol, runtime_checkable

from releve.islands.exchange import layout
from releve.islands.exchange.identity import (
    certificate_path,
    certificate_sha256,
    exchange_key_path,
    server_name,
)
from releve.islands.exchange.state import Trouble
from releve.journal.errors import JournalError
from releve.journal.keys import secret_path

__all__ = ["HttpsSource", "Source", "SourceGone", "SourceTooLarge", "copy", "read_below"]

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 10.0
BYTES_PER_SECOND_MIN = 32 * 1024  # what comes slower than this holds a connection for nothing
HEAD_BYTES_MAX = 8192
PIECE_BYTES = 256 * 1024


class SourceGone(JournalError):
    """Nothing can be had from there now, or what answers is not what was expected there. Safe to retry."""

    def __init__(self, message: str, trouble: Trouble = "unreachable") -> None:
        super().__init__(message)
        self.trouble: Trouble = trouble


class SourceTooLarge(SourceGone):
    """What is there is longer than the layout allows. Nothing of it is handed over."""

    def __init__(self, path: str, limit: int) -> None:
        super().__init__(f"{path}: expected {limit} bytes at most", "answer")


class Source(Protocol):
    """Files of logs, by their names in `layout`. Used by one thread at a time."""

    def get(self, path: str, limit: int) -> bytes | None:
        """Return the file of that name, None when it is not there; never more than `limit` bytes.

        Raises:
            LayoutError: the name is not of the layout.
            SourceTooLarge: it is there and longer.
            SourceGone: nothing can be had now.
        """

    def close(self) -> None:
        """Let go of what is held open; a later `get` opens it again."""


@runtime_checkable
class InPieces(Protocol):
    """A source that need not hold a long file whole."""

    def copy(self, path: str, limit: int, to: Callable[[bytes], object]) -> bool:
        """Hand the file of that name to `to`, piece by piece; False when it is not there. Raises as `get` does."""


def copy(source: Source, path: str, limit: int, to: Callable[[bytes], object]) -> bool:
    """Hand the file of that name to `to`, in pieces where the source can; False when it is not there."""
    if isinstance(source, InPieces):
        return source.copy(path, limit, to)
    body = source.get(path, limit)
    if body is not None:
        to(body)
    return body is not None


class HttpsSource:
    """Another island. Addressed by number: names need a server that may be down; the certificate says who it is.

    `certificate` (PEM) is the one the other island was introduced with; nobody else is believed, whoever vouches.
    """

    def __init__(self, address: str, *, origin: str, certificate: str, data: Path) -> None:
        self._address = address
        self._name = server_name(origin)
        self._certificate = certificate
        self._data = data
        self._context: ssl.SSLContext | None = None
        self._socket: ssl.SSLSocket | None = None
        self._rest = b""
        self._known = False  # the certificate of the connection is the one expected
        self._begun = False  # something of the file was handed over

    def get(self, path: str, limit: int) -> bytes | None:
        """Return the file of that name, None when it is not there; never more than `limit` bytes.

        Raises:
            LayoutError: the name is not of the layout.
            SourceTooLarge: it is there and longer.
            SourceGone: no answer, a late one, or somebody else's.
        """
        body = io.BytesIO()
        return body.getvalue() if self.copy(path, limit, body.write) else None

    def copy(self, path: str, limit: int, to: Callable[[bytes], object]) -> bool:
        """Hand the file of that name to `to`, piece by piece; False when it is not there. Raises as `get` does."""
        _check_name(path)
        kept = self._socket is not None
        self._begun = False
        while True:
            try:
                return self._ask(path, limit, to)
            except JournalError:  # of this source, or of the disk that takes the pieces
                self.close()
                raise
            except (OSError, EOFError) as error:
                self.close()
                # A connection that was kept may have been closed at its other end meanwhile: asked once more.
                if not kept or self._begun or isinstance(error, TimeoutError):
                    raise _trouble(self._address, error, known=self._known) from error
                kept = False

    def close(self) -> None:
        """Close the connection; the next `get` opens another one."""
        opened, self._socket, self._rest = self._socket, None, b""
        if opened is not None:
            with contextlib.suppress(OSError):
                opened.close()

    def _ask(self, path: str, limit: int, to: Callable[[bytes], object]) -> bool:
        connection = self._socket or self._connect()
        deadline = time.monotonic() + ANSWER_SECONDS
        connection.settimeout(ANSWER_SECONDS)
        connection.sendall(f"GET /{path} HTTP/1.1\r\nHost: {self._name}\r\n\r\n".encode())
        status, length, stays = self._read_head(connection, deadline)
        if status == 200 and length > limit:
            raise SourceTooLarge(path, limit)
        if status != 200 and length > HEAD_BYTES_MAX:
            raise SourceGone(f"{self._address}: expected a short refusal", "answer")
        self._begun = status == 200
        refusal = bytearray()  # nobody reads it, but it stands before the next answer
        taker = to if self._begun else refusal.extend
        self._read_body(connection, length, deadline + length / BYTES_PER_SECOND_MIN, taker)
        if not stays:
            self.close()
        if status in (200, 404):
            return self._begun
        raise SourceGone(f"{self._address}: expected an answer, got status {status}", "answer")

    def _connect(self) -> ssl.SSLSocket:
        if self._context is None:
            self._context = self._make_context()
        host, _, port = self._address.rpartition(":")
        try:
            host = str(ipaddress.ip_address(host.strip("[]")))
            number = int(port)
        except ValueError:
            raise SourceGone(f"{self._address}: expected an IP address and a port") from None
        self._known = False
        plain = socket.create_connection((host, number), timeout=CONNECT_SECONDS)
        try:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            opened = self._context.wrap_socket(plain, server_hostname=self._name)
        except BaseException:
            plain.close()
            raise
        self._socket = opened
        # The library has verified it against this one certificate; this holds whatever a library does one day.
        found = sha256(opened.getpeercert(binary_form=True) or b"").hexdigest()
        if found != certificate_sha256(self._certificate):
            raise SourceGone(f"{self._address}: expected the certificate of {self._name}", "certificate")
        self._known = True
        return opened

    def _make_context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # verifies, and the name too
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        try:
            context.load_verify_locations(cadata=self._certificate)
            key = secret_path(self._data, exchange_key_path(self._data).name)
            context.load_cert_chain(certificate_path(self._data), key)
        except (JournalError, OSError, ValueError) as error:
            raise SourceGone(
                "keys: expected exchange.crt, exchange.pem and the other's certificate", "file"
            ) from error
        return context

    def _read_head(self, connection: ssl.SSLSocket, deadline: float) -> tuple[int, int, bool]:
        """Return status, length of the body and whether the connection stays."""
        pending = bytearray(self._rest)
        while (end := pending.find(b"\r\n\r\n")) < 0:
            if len(pending) > HEAD_BYTES_MAX:
                raise SourceGone(f"{self._address}: expected short headers", "answer")
            pending += _receive(connection, HEAD_BYTES_MAX, deadline)
        self._rest = bytes(pending[end + 4 :])
        first, *lines = bytes(pending[:end]).lower().split(b"\r\n")
        fields = {name.strip(): value.strip() for name, _, value in (line.partition(b":") for line in lines)}
        words = first.split(b" ", 2)
        length = fields.get(b"content-length", b"")
        whole = words[0] == b"http/1.1" and len(words) > 1 and words[1].isdigit() and len(words[1]) == 3
        if not whole or not length.isdigit() or len(length) > 15 or b"transfer-encoding" in fields:
            raise SourceGone(f"{self._address}: expected an HTTP/1.1 answer with its length", "answer")
        return int(words[1]), int(length), fields.get(b"connection") != b"close"

    def _read_body(
        self, connection: ssl.SSLSocket, length: int, deadline: float, to: Callable[[bytes], object]
    ) -> None:
        if len(self._rest) > length:
            raise SourceGone(f"{self._address}: expected one answer to one question", "answer")
        piece, self._rest = self._rest, b""
        to(piece)
        left = length - len(piece)
        while left:
            piece = _receive(connection, min(PIECE_BYTES, left), deadline)
            to(piece)
            left -= len(piece)


def _receive(connection: ssl.SSLSocket, size: int, deadline: float) -> bytes:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    connection.settimeout(left)
    received = connection.recv(size)
    if not received:
        raise EOFError
    return received


def _trouble(address: str, error: Exception, *, known: bool) -> SourceGone:
    if isinstance(error, TimeoutError):
        return SourceGone(f"{address}: expected an answer in time", "slow")
    if isinstance(error, ssl.SSLCertVerificationError):
        return SourceGone(f"{address}: expected the certificate it was introduced with", "certificate")
    # In TLS 1.3 a client learns only with the first answer whether it is let in, often by a closed door alone.
    if known:
        return SourceGone(f"{address}: it does not let this island in", "refused")
    return SourceGone(f"{address}: expected a connection", "unreachable")


def _check_name(path: str) -> None:
    if path != layout.LOGS:
        layout.parse_path(path)


def read_below(folder: Path, names: list[str], limit: int) -> bytes | None:
    """Return up to `limit` + 1 bytes of a plain file, None when there is none; no link is followed on the way."""
    here = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for name in names[:-1]:
            try:
                below = os.open(
                    name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=here
                )
            except (FileNotFoundError, NotADirectoryError):
                return None
            os.close(here)
            here = below
        try:
            # Not blocking: whoever prepared a stick could have left a pipe under the name.
            file = os.open(names[-1], os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=here)
        except FileNotFoundError:
            return None
    finally:
        os.close(here)
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        return None
    with os.fdopen(file, "rb") as opened:
        return opened.read(limit + 1)
