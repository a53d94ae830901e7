"""The journal's own price: entries, tree, checkpoint and head file, beside bare rows in the same SQLite.

`python -m bench append`. Sixty-four appenders each wait until their body is durable and send the next; one thread
commits whatever waits. The two sides differ in what that thread writes, and in nothing else. Rounds are interleaved.
"""

from __future__ import annotations

import asyncio
import queue
import sqlite3
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from bench.figures import WORK, Line, keep, load_now

APPENDERS = 64
BODIES = (300, 4_096)  # bytes
SECONDS = 4.0
ROUNDS = 5
RATIO_MIN = 0.7

Commit = Callable[[list[bytes]], None]


def measure(seconds: float = SECONDS, rounds: int = ROUNDS) -> int:
    """Measure, print and write; return 0."""
    load = load_now()
    WORK.mkdir(parents=True, exist_ok=True)
    lines, raw = [], {}
    for size in BODIES:
        bodies = list(islice(_bodies(size), 4_000))
        rates: dict[str, list[float]] = {"bare": [], "journal": []}
        for _ in range(rounds):
            for side in rates:
                with tempfile.TemporaryDirectory(dir=WORK) as folder:
                    rates[side].append(_rate(side, Path(folder), bodies, seconds))
        bare, ours = statistics.median(rates["bare"]), statistics.median(rates["journal"])
        ratio = statistics.median(
            ours / bare for ours, bare in zip(rates["journal"], rates["bare"], strict=True)
        )
        lines.append(
            Line(
                f"journal append against bare SQLite group commit, {size:,} B bodies, {APPENDERS} appenders",
                f"≥ {RATIO_MIN:g} ×",
                f"{ratio:.2f} × ({ours:,.0f}/s against {bare:,.0f}/s, median of {rounds} pairs)",
                ratio >= RATIO_MIN,
            )
        )
        raw[str(size)] = rates
    keep("append", lines, load, raw)
    return 0


def _bodies(size: int) -> Iterator[bytes]:
    """Yield messages of the exercise's hospital, cut and joined to this many bytes."""
    from releve.exercise.demo import demo_hospital
    from releve.exercise.hospital_life import stream

    text = b""
    for _, message in stream(demo_hospital(), 1, 200_000):
        text += message
        while len(text) >= size:
            yield text[:size]
            text = text[size:]


def _rate(side: str, folder: Path, bodies: list[bytes], seconds: float) -> float:
    commit, close = (_bare if side == "bare" else _journal)(folder)
    try:
        return asyncio.run(_append_all(commit, bodies, seconds))
    finally:
        close()


def _bare(folder: Path) -> tuple[Commit, Callable[[], None]]:
    database = sqlite3.connect(folder / "bare.sqlite3", isolation_level=None, check_same_thread=False)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    database.execute("CREATE TABLE entry (id INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT")

    def commit(bodies: list[bytes]) -> None:
        database.execute("BEGIN")
        database.executemany("INSERT INTO entry (body) VALUES (?)", [(body,) for body in bodies])
        database.execute("COMMIT")

    return commit, database.close


def _journal(folder: Path) -> tuple[Commit, Callable[[], None]]:
    from releve.journal.entry import Submission
    from releve.journal.folder import blobs_path, create_island, read_key
    from releve.journal.store import WAL_PAGES_MAX, LogWriter

    data = folder / "island"
    log = create_island(data, "a", exercise=True, hospital_name="", now_us=time.time_ns() // 1000)
    made: list[LogWriter] = []

    def commit(bodies: list[bytes]) -> None:
        if not made:  # SQLite wants the thread that opened
            made.append(
                LogWriter(
                    log.path, signer=read_key(data, log).signer, blobs=blobs_path(data), recorder="bench"
                )
            )
        writer = made[0]
        writer.append(
            [Submission("message.hl7v2", body, "mllp:127.0.0.1") for body in bodies], time.time_ns() // 1000
        )
        if writer.wal_pages > WAL_PAGES_MAX:
            writer.empty_wal()

    return commit, lambda: None


async def _append_all(commit: Commit, bodies: list[bytes], seconds: float) -> float:
    """Return how many bodies became durable in a second."""
    loop = asyncio.get_running_loop()
    waiting: queue.SimpleQueue[tuple[bytes, asyncio.Future[None]] | None] = queue.SimpleQueue()
    durable = 0

    def settle(batch: list[tuple[bytes, asyncio.Future[None]]]) -> None:
        for _, future in batch:
            future.set_result(None)

    def write() -> None:
        while (first := waiting.get()) is not None:
            batch = [first]
            while not waiting.empty():
                more = waiting.get()
                if more is None:
                    waiting.put(None)
                    break
                batch.append(more)
            commit([body for body, _ in batch])
            loop.call_soon_threadsafe(settle, batch)

    thread = threading.Thread(target=write)
    thread.start()
    start = time.perf_counter()

    async def appender(number: int) -> None:
        nonlocal durable
        at = number
        while time.perf_counter() - start < seconds:
            future: asyncio.Future[Any] = loop.create_future()
            waiting.put((bodies[at % len(bodies)], future))
            await future
            durable += 1
            at += APPENDERS

    await asyncio.gather(*(appender(number) for number in range(APPENDERS)))
    elapsed = time.perf_counter() - start
    waiting.put(None)
    await loop.run_in_executor(None, thread.join)
    return durable / elapsed
