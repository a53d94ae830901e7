"""kill -9 proves nothing about power: the system calls of the real gateway and recorder do."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from living_island import LivingIsland, Load, control_id, lived, send

ONE_BY_ONE = 15
CALLS = "read,readv,recvfrom,recvmsg,write,writev,sendto,sendmsg,pwrite64,pwritev,fsync,fdatasync"
READ = {"read", "readv", "recvfrom", "recvmsg"}
WRITE = {"write", "writev", "sendto", "sendmsg"}


class Call(NamedTuple):
    """One system call: where it begins and ends in the trace, on what, with which bytes (as strace shows them)."""

    begin: int
    end: int
    name: str
    what: str
    text: str
    result: int


def test_no_acknowledgement_leaves_before_the_log_is_synced(island: LivingIsland, tmp_path: Path) -> None:
    """For each answer on the hospital's socket: message read, log written and synced without error, only then it."""
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("strace is not installed: that no answer leaves before its fsync was not proved here")
    trace = tmp_path / "trace"
    options = ["-f", "--seccomp-bpf", "-yy", "-s", "400", "-e", f"trace={CALLS}", "-e", "signal=none"]
    island.serve(prefix=[strace, *options, "-o", str(trace)], seconds=100)
    messages = lived(12)
    alone = [next(messages) for _ in range(ONE_BY_ONE)]
    assert all(b"MSA|AA|" in answer for answer in send(island, alone))
    with Load(island, messages, lines=6, pause_seconds=0.02) as load:
        for _ in range(20):
            load.wait_for_more("messages at the same time")
    acknowledged = [*alone, *load.acknowledged]
    island.end_traced()

    calls = list(read_trace(trace))
    syncs = [
        call
        for call in calls
        if call.name in ("fsync", "fdatasync") and re.search(r"/journal/.*-wal>", call.what)
    ]
    writes = [
        call for call in calls if call.name.startswith("pwrite") and re.search(r"/journal/.*-wal>", call.what)
    ]
    assert all(call.result == 0 for call in syncs)
    read_at = {}
    answered_at = {}
    for call in calls:
        if "TCP" in call.what and call.name in READ:
            for number in re.findall(r"MSH\|[^|]*(?:\|[^|]*){7}\|([^|]+)\|", call.text):
                read_at.setdefault(number, call.end)
        elif "TCP" in call.what and call.name in WRITE:
            for number in re.findall(r"MSA\|AA\|([^|\\]+)", call.text):
                answered_at.setdefault(number, call.begin)
    proved = 0
    for message in acknowledged:
        number = control_id(message).decode()
        # Several answers may leave in one write longer than what strace shows: those are not looked at.
        if number not in answered_at or number not in read_at:
            continue
        between = (read_at[number], answered_at[number])
        written = [call for call in writes if between[0] < call.begin and call.end < between[1]]
        assert written, f"message {number}: answered before the log was written"
        assert any(written[0].end <= call.begin and call.end < between[1] for call in syncs), (
            f"message {number}: answered before the log was synced"
        )
        proved += 1
    print(f"{proved} answers of {len(acknowledged)} held to {len(syncs)} syncs")
    assert proved >= ONE_BY_ONE + 10
    assert {control_id(message).decode() for message in alone} <= answered_at.keys() & read_at.keys()


def read_trace(path: Path) -> Iterator[Call]:
    """Yield the calls in the order in which they ended; one that was interrupted by another process is put together."""
    begun: dict[tuple[str, str], tuple[int, str]] = {}
    for at, line in enumerate(path.read_text(errors="replace").splitlines()):
        whole = re.match(r"(\d+) +(\w+)\((.*)\) += (-?\d+)", line)
        if whole:
            yield call(at, at, whole[2], whole[3], whole[4])
        elif (first := re.match(r"(\d+) +(\w+)\((.*)<unfinished \.\.\.>$", line)) is not None:
            begun[first[1], first[2]] = (at, first[3])
        elif (rest := re.match(r"(\d+) +<\.\.\. (\w+) resumed>(.*)\) += (-?\d+)", line)) is not None:
            begin, text = begun.pop((rest[1], rest[2]), (at, ""))
            yield call(begin, at, rest[2], text + rest[3], rest[4])


def call(begin: int, end: int, name: str, arguments: str, result: str) -> Call:
    """Return a call; `what` is its first argument, with what strace says the descriptor is."""
    what = re.match(r"\d+<(?:[^<>]|->)*>", arguments)
    return Call(begin, end, name, what[0] if what else "", arguments, int(result))
