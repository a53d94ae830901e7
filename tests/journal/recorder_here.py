"""An island's journal for one test, and its real recorder as a process of its own."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from releve.journal import folder
from releve.journal.entry import Draft
from releve.journal.folder import Log

SATURDAY_0310_US = 1_795_226_999_000_000  # 2026-11-21T02:09:59Z
ADT = b"MSH|^~\\&|GAM|CH-VALMONT|RELEVE|CH-VALMONT|202611210310||ADT^A01^ADT_A01|%06d|P|2.5\rPID|1||%09d^^^GAM\r"


def message(number: int, *, padding: int = 0) -> bytes:
    """Return an invented message, different for each number."""
    return ADT % (number, number * 7919) + b"NTE|1||" + b"\xc3\xa9" * padding + b"\r"


def draft(number: int, *, kind: str = "message.hl7v2", padding: int = 0) -> Draft:
    """Return the draft of an invented message."""
    return Draft(kind=kind, body=message(number, padding=padding), source="mllp:10.0.0.5")


def new_island(data: Path, *, exercise: bool = True) -> Log:
    """Begin the journal of an island named centre."""
    return folder.create_island(data, "centre", exercise, "Centre hospitalier de Valmont", SATURDAY_0310_US)


def start_recorder(
    data: Path, *, prefix: tuple[str, ...] = (), errors: int | None = None
) -> subprocess.Popen[str]:
    """Start the recorder and wait until it is ready."""
    process = subprocess.Popen(
        [*prefix, sys.executable, "-m", "releve.journal.recorder", "--data", str(data)],
        stdout=subprocess.PIPE,
        stderr=errors,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line.startswith("ready recorder="):
        process.kill()
        process.wait()
        process.stdout.close()
        raise AssertionError(f"the recorder did not start: status {process.returncode}")
    return process


def end(process: subprocess.Popen[str], number: int = signal.SIGTERM) -> int:
    """Send the signal and return the exit status."""
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(number)
    status = process.wait(timeout=20)
    if process.stdout is not None:
        process.stdout.close()
    if process.stderr is not None:
        process.stderr.close()
    return status


@contextlib.contextmanager
def recorder(data: Path) -> Iterator[subprocess.Popen[str]]:
    """Give a running recorder, ended with the block."""
    process = start_recorder(data)
    try:
        yield process
    finally:
        if process.poll() is None:
            end(process)


def flip(path: Path, at: int, bit: int) -> None:
    """Turn one bit over in the file."""
    with path.open("r+b") as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ 1 << bit]))


@contextlib.contextmanager
def small_disk(path: Path, *, megabytes: int) -> Iterator[Path]:
    """Give a disk of its own, small; skips where none can be mounted."""
    path.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "releve-test", str(path)],
        capture_output=True,
        check=False,
    )
    if made.returncode:
        pytest.skip("no small disk can be mounted here (needs root): the behaviour on it was not tested")
    try:
        yield path
    finally:
        subprocess.run(["umount", str(path)], check=True)


def read_only(disk: Path) -> None:
    """Let nothing be written to the small disk any more."""
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True, capture_output=True)
