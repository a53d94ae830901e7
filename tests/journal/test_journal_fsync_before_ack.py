"""kill -9 proves nothing about power: the system calls do."""

import os
import re
import shutil
import signal
from pathlib import Path

import pytest
from recorder_here import draft, end, start_recorder

from releve.journal.client import Recorder
from releve.journal.folder import Log

pytestmark = pytest.mark.serial

COMMITS = 20


def test_no_receipt_leaves_before_its_bytes_are_on_the_disk(tmp_path: Path, data: Path, log: Log) -> None:
    """In the trace: write-ahead log written, synced without error, head file written, only then the answer."""
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("strace is not installed: that no receipt leaves before its fsync was not proved here")
    trace = tmp_path / "trace"
    calls = "trace=openat,close,pwrite64,write,fsync,fdatasync,sendto,sendmsg,accept4"
    process = start_recorder(data, prefix=(strace, "-f", "-y", "-e", calls, "-o", str(trace), "-s", "16"))
    with Recorder(data) as client:
        for number in range(COMMITS):
            client.append([draft(number), draft(number + 1000)])
    end_children(process.pid)
    end(process, signal.SIGTERM)

    events = [event for event in map(_event, trace.read_text().splitlines()) if event]
    start = events.index("answer") + 1  # after the greeting
    told = "".join(event[0] for event in events[start:])
    # w: frame into the write-ahead log, s: sync of it, h: head file, a: answer
    commits = re.findall(r"(w+)(s+)(h)(a)", told)
    assert len(commits) >= COMMITS
    assert told.count("a") == COMMITS
    assert not re.search(r"w[^s]*a", told)
    assert not re.search(r"w[^s]*h", told)


def end_children(pid: int) -> None:
    """Send SIGTERM to the recorder, which is the one child of strace."""
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        os.kill(int(child), signal.SIGTERM)


def _event(line: str) -> str | None:
    if re.search(r"pwrite64\(\d+<[^>]*-wal>", line):
        return "write"
    if re.search(r"f(data)?sync\(\d+<[^>]*-wal>\) += 0", line):
        return "sync"
    if re.search(r"pwrite64\(\d+<[^>]*\.head>", line):
        return "head"
    woken = line.endswith(" = 1")  # one byte: the loop waking itself to end
    if re.search(r"send(to|msg)\(\d+<(socket|UNIX)", line) and not woken:
        return "answer"
    return None
