"""Durable acknowledgements a second, beside peers: 1, 8 and 64 connections, rounds interleaved, medians, ratios.

`python -m bench ack` or `python -m bench.ack [--rounds N] [--seconds S]`.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from bench.figures import RESULTS, ROOT, WORK, Line, keep, load_now
from bench.sender import run as warm_up

MEDPLUM = "@medplum/hl7@4.5.2"
CONNECTIONS = (1, 8, 64)
COMMIT_MS_SLOW = 1.0  # from here on the disk, not the software, sets the rate of one connection


class Candidate:
    """A server under measurement."""

    def __init__(self, name: str, words: str, port: int, pids: list[int]) -> None:
        self.name = name
        self.words = words
        self.port = port
        self._pids = pids

    def cpu_seconds(self) -> float:
        """Return what its processes have used so far."""
        ticks = 0
        for pid in self._pids:
            fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")


def measure(rounds: int = 3, seconds: float = 2.0) -> int:
    """Measure, print the table and write it; return 0 unless an answer was wrong."""
    load = load_now()
    WORK.mkdir(parents=True, exist_ok=True)
    said: list[str] = []
    with tempfile.TemporaryDirectory(dir=WORK) as folder, _candidates(Path(folder), said) as candidates:
        commit_ms = _commit_ms(Path(folder))
        for candidate in candidates:
            warm_up(candidate.port, 8, 0.3)
        points = _run_plan(candidates, rounds, seconds)
    lines = _lines(points, commit_ms)
    words = {candidate.name: candidate.words for candidate in candidates}
    table = _table(points, words, lines, commit_ms, said)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "ack.md").write_text(table, encoding="utf-8")
    keep("ack", lines, load, {"commit_ms": commit_ms, "said": said, "points": points})
    return 1 if any(point["bad"] or point["unanswered"] for point in points) else 0


def _run_plan(candidates: list[Candidate], rounds: int, seconds: float) -> list[dict[str, Any]]:
    """Measure every candidate once a turn, so that all meet the same disk; with one connection, in short turns.

    A shared disk changes from second to second, and one connection follows each change.
    """
    turns = [(count, seconds) for _ in range(rounds) for count in CONNECTIONS if count > 1]
    turns += [(1, seconds / 4)] * (4 * rounds)
    points: list[dict[str, Any]] = []
    for turn, (connections, length) in enumerate(turns):
        # Another first one each time: nobody always runs on the disk the one before left busy.
        first = turn % len(candidates)
        for candidate in candidates[first:] + candidates[:first]:
            points.append({"turn": turn, **_point(candidate, connections, length)})
        print(f"\r{turn + 1}/{len(turns)} turns", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return points


def _point(candidate: Candidate, connections: int, seconds: float) -> dict[str, Any]:
    cpu = candidate.cpu_seconds()
    sender = [sys.executable, "-m", "bench.sender", str(candidate.port), str(connections), str(seconds)]
    done = subprocess.run(sender, cwd=ROOT, stdout=subprocess.PIPE, check=True, timeout=seconds + 60)
    point: dict[str, Any] = json.loads(done.stdout)
    point["server_cpu_ms_a_message"] = 1000 * (candidate.cpu_seconds() - cpu) / max(point["messages"], 1)
    return {"server": candidate.name, "connections": connections, **point}


# -- the servers


@contextmanager
def _candidates(folder: Path, said: list[str]) -> Iterator[list[Candidate]]:
    started: list[subprocess.Popen[bytes]] = []
    found: list[Candidate] = []

    def peer(name: str, words: str, *command: str) -> None:
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        started.append(process)
        assert process.stdout is not None
        line = process.stdout.readline().split()
        if len(line) != 2 or line[0] != b"port":
            said.append(f"{name}: did not start")
            return
        found.append(Candidate(name, words, int(line[1]), [process.pid]))

    try:
        found.append(_releve(folder / "island", started))
        bare = (sys.executable, "-m", "bench.peers.bare")
        peer("bare", "asyncio + SQLite, group commit, nothing else", *bare, str(folder / "bare.sqlite3"))
        peer("bare-uvloop", "the same on uvloop", *bare, str(folder / "uvloop.sqlite3"), "--uvloop")
        peer(
            "python-hl7",
            "its own MLLP server; stores nothing",
            sys.executable,
            "-m",
            "bench.peers.python_hl7",
        )
        if (module := _medplum(said)) is not None:
            script = str(ROOT / "bench" / "peers" / "medplum.cjs")
            peer("medplum", "@medplum/hl7; stores nothing", "node", script, str(module))
        yield found
    finally:
        for process in reversed(started):
            process.terminate()
        for process in reversed(started):
            process.wait(20)


def _releve(data: Path, started: list[subprocess.Popen[bytes]]) -> Candidate:
    from releve.gateway.process import read_listening
    from releve.journal.folder import create_island, socket_path

    create_island(data, "mesure", True, "Mesure", time.time_ns() // 1000)
    for module, *more in (
        ("releve.journal.recorder",),
        ("releve.gateway.process", "--mllp", "127.0.0.1:0", "--no-intake"),
    ):
        command = [sys.executable, "-m", module, "--data", str(data), *more]
        started.append(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
    deadline = time.monotonic() + 20
    while (listening := read_listening(data)) is None or not socket_path(data).exists():
        if time.monotonic() > deadline:
            raise SystemExit("ack: the island did not start")
        time.sleep(0.05)
    words = "gateway and recorder, two processes: hash tree, signature, compression, durable"
    return Candidate("releve", words, listening.mllp[0].port, [process.pid for process in started])


def _medplum(said: list[str]) -> Path | None:
    """Return a file beside Medplum's package, installed if it can be."""
    folder = WORK / "npm"
    installed = folder / "node_modules" / "@medplum" / "hl7"
    if shutil.which("node") is None or shutil.which("npm") is None:
        said.append("medplum: not measured, node and npm are not here")
        return None
    if not installed.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_text('{"private": true}', encoding="utf-8")
        command = ["npm", "install", "--no-audit", "--no-fund", "--silent", MEDPLUM]
        done = subprocess.run(
            command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=120
        )
        if done.returncode or not installed.is_dir():
            said.append(f"medplum: not measured, npm could not install {MEDPLUM}")
            return None
    return folder / "package.json"


def _commit_ms(folder: Path) -> float:
    """Return the median time of one bare commit of 4 KB on this disk, alone."""
    database = sqlite3.connect(folder / "commit.sqlite3", isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    database.execute("CREATE TABLE message (body BLOB)")
    times = []
    for _ in range(200):
        start = time.perf_counter()
        database.execute("INSERT INTO message VALUES (?)", (os.urandom(4000),))
        times.append(time.perf_counter() - start)
    database.close()
    return 1000 * median(times)


# -- the table


def _lines(points: list[dict[str, Any]], commit_ms: float) -> list[Line]:
    slow = commit_ms >= COMMIT_MS_SLOW
    targets = [
        ("bare", 64, 0.7),
        ("bare", 1, 0.9 if slow else 0.8),
        ("bare-uvloop", 64, None),
        ("bare-uvloop", 1, None),
        ("python-hl7", 64, 10.0),
        ("medplum", 64, 1.0),
    ]
    servers = {point["server"] for point in points}
    lines = []
    for server, count, least in targets:
        if server not in servers:
            continue
        ratio = median(
            rates["releve"] / rates[server] for rates in _by_turn(points, count)
        )  # of the same turn: the same disk for both
        lines.append(
            Line(
                f"durable ACK rate against {server}, {count} connection{'s' if count > 1 else ''}",
                f"≥ {least:g} ×" if least else "–",
                f"{ratio:.2f} ×",
                None if least is None else ratio >= least,
            )
        )
    return lines


def _table(
    points: list[dict[str, Any]], words: dict[str, str], asked: list[Line], commit_ms: float, said: list[str]
) -> str:
    def middle(server: str, connections: int, what: str) -> float:
        return median(
            point[what]
            for point in points
            if (point["server"], point["connections"]) == (server, connections)
        )

    servers = list(words)
    lines = [
        "# Durable acknowledgements a second",
        "",
        f"Body {points[0]['bytes']:,} bytes, each connection waits for its answer before it sends again, every answer",
        f"checked. Medians of interleaved rounds. {os.cpu_count()} cores shared with the generator,"
        f" {platform.machine()}, Python {platform.python_version()},",
        f"SQLite {sqlite3.sqlite_version}; one bare commit of 4 KB alone: {commit_ms:.2f} ms."
        " **Trust the ratios, not the numbers.**",
        "",
        "| server | 1 | 8 | 64 | p50 / p99 at 64 | server CPU a message at 64 | generator CPU at 64 | what it does |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |",
    ]
    for server in servers:
        rates = " | ".join(f"{middle(server, count, 'per_second'):,.0f}" for count in CONNECTIONS)
        lines.append(
            f"| {server} | {rates} | {middle(server, 64, 'p50_ms'):.1f} / {middle(server, 64, 'p99_ms'):.1f} ms"
            f" | {middle(server, 64, 'server_cpu_ms_a_message'):.3f} ms"
            f" | {100 * middle(server, 64, 'generator_cpu'):.0f} % | {words[server]} |"
        )
    lines += ["", "| Relève | ratio | asked | |", "| --- | ---: | ---: | --- |"]
    lines += [f"| {line.what} | {line.measured} | {line.target} | {line.verdict} |" for line in asked]
    bad = sum(point["bad"] + point["unanswered"] for point in points)
    lines += ["", f"Wrong or missing answers: {bad}."]
    lines += [f"Not measured: {line}." for line in said]
    return "\n".join(lines) + "\n"


def _by_turn(points: list[dict[str, Any]], connections: int) -> list[dict[str, float]]:
    """Return the rates of every server, turn by turn."""
    turns: dict[int, dict[str, float]] = {}
    for point in points:
        if point["connections"] == connections:
            turns.setdefault(point["turn"], {})[point["server"]] = point["per_second"]
    return list(turns.values())


def main() -> int:
    """Measure as told on the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.ack", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=2.0)
    arguments = parser.parse_args()
    return measure(arguments.rounds, arguments.seconds)


if __name__ == "__main__":
    sys.exit(main())
