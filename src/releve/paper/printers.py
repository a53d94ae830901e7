"""Sends a PDF to a printer: raw port 9100 or a CUPS queue, then to the second printer when the first fails.

What came out is returned, in words; the caller records it (`facts.PaperPrinted`). A raw printer gives no receipt:
"sent" means that it took every byte, so the page that counts pages on the cover is signed by a person.
"""

import contextlib
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

CONNECT_SECONDS = 5.0
SEND_SECONDS = 120.0  # a printer that warms up, or whose tray is empty, holds the connection
LP_SECONDS = 60.0
_JOB = re.compile(r"request id is (\S+)")


class PrinterError(OSError):
    """A printer took nothing, or not all; the text is for a person."""


class PrinterAddress(msgspec.Struct, frozen=True, kw_only=True):
    """Where to print: `code` names the printer on the map, `address` is `10.0.0.5:9100` or `cups:NAME`."""

    code: str
    address: str


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One try: what the printer said, or why it failed; `sent_bytes` may be part of a document."""

    printer: str
    at_ms: int
    job: str = ""
    sent_bytes: int = 0
    error: str = ""


class Printed(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome of a document: `printer` empty when none took it, every attempt with its time (UTC ms)."""

    document: str
    pages: int
    printer: str
    attempts: tuple[Attempt, ...]

    @property
    def done(self) -> bool:
        """Return whether a printer took the whole document."""
        return bool(self.printer)

    @property
    def error(self) -> str:
        """Return why the last printer failed, empty when one took it."""
        return "" if self.printer or not self.attempts else self.attempts[-1].error


def print_document(
    path: Path,
    pages: int,
    printers: Sequence[PrinterAddress],
    *,
    once: bool = False,
    clock_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
) -> Printed:
    """Return what came out of the first printer that takes the whole document, trying each in turn.

    `once`: of a document whose pages are numbered nothing may come out twice, so that no other printer is tried
    after one that broke off.
    """
    attempts = []
    for printer in printers:
        at_ms = clock_ms()
        try:
            job, sent = _send(path, printer.address)
        except PrinterError as error:
            sent = error.errno or 0
            attempts.append(
                Attempt(printer=printer.code, at_ms=at_ms, sent_bytes=sent, error=str(error.strerror))
            )
            if once and sent:
                break
            continue
        attempts.append(Attempt(printer=printer.code, at_ms=at_ms, job=job, sent_bytes=sent))
        return Printed(document=path.name, pages=pages, printer=printer.code, attempts=tuple(attempts))
    return Printed(document=path.name, pages=pages, printer="", attempts=tuple(attempts))


def _send(path: Path, address: str) -> tuple[str, int]:
    """Return the job's number (empty for a raw printer) and the bytes sent."""
    if address.startswith("cups:"):
        return _cups(path, address.removeprefix("cups:"))
    return _raw(path, address)


def _raw(path: Path, address: str) -> tuple[str, int]:
    """Send to a raw port (JetDirect, 9100)."""
    host, _colon, port = address.rpartition(":")
    if not host or not port.isdigit():
        raise PrinterError(0, "printer address: expected HOST:PORT or cups:NAME")
    sent = 0
    try:
        with socket.create_connection((host.strip("[]"), int(port)), timeout=CONNECT_SECONDS) as connection:
            connection.settimeout(SEND_SECONDS)
            with path.open("rb") as file:
                while block := file.read(64 * 1024):
                    connection.sendall(block)
                    sent += len(block)
            # Only when the printer closes, or stays quiet, is the last byte known to be there.
            connection.shutdown(socket.SHUT_WR)
            connection.settimeout(CONNECT_SECONDS)
            with contextlib.suppress(TimeoutError):
                while connection.recv(4096):
                    pass
    except OSError as error:
        reason = error.strerror or type(error).__name__
        if sent:
            raise PrinterError(
                sent, f"stopped after {sent} bytes: {reason}; pages may have come out"
            ) from error
        raise PrinterError(0, f"does not answer: {reason}") from error
    return "", sent


def _cups(path: Path, queue: str) -> tuple[str, int]:
    """Hand over to CUPS, which keeps the job until the printer takes it."""
    lp = shutil.which("lp")
    if lp is None:
        raise PrinterError(0, "CUPS is not installed here (no lp command)")
    if not re.fullmatch(r"[A-Za-z0-9_.-]+", queue):
        raise PrinterError(0, "CUPS queue: expected letters, digits, dots and dashes")
    try:
        done = subprocess.run(
            [lp, "-d", queue, "-o", "sides=two-sided-long-edge", "-o", "media=A4", "--", str(path)],
            capture_output=True,
            text=True,
            timeout=LP_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise PrinterError(0, f"lp failed: {type(error).__name__}") from error
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        raise PrinterError(0, f"CUPS refused: {lines[-1] if lines else done.returncode}")
    job = _JOB.search(done.stdout)
    return (job[1] if job else ""), path.stat().st_size
