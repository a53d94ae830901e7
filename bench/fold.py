"""Generated messages, out of a real journal, folded into views: time, cost a message as the views grow, memory.

`python -m bench fold`; RELEVE_BENCH_MESSAGES=100000 shortens it from a million. The fold runs in a process of its own,
as `releve views rebuild` does, so that the memory measured is the fold's.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.figures import ROOT, WORK, Line, keep, load_now, memory_peak_mib

MESSAGES = 1_000_000
MARKS = (10_000, 100_000, 1_000_000)
MINUTES_MAX = 10.0  # for a million: shorter runs are held to the same rate
MEMORY_MIB_MAX = 1024
# "Flat": a message near the end costs at most this much more than one near the beginning.
GROWTH_MAX = 1.5
SEED = 1
AT_ONCE = 500
TIMEOUT_SECONDS = 3_600


def measure() -> int:
    """Measure, print and write; return 0 when every message was folded."""
    count = int(os.environ.get("RELEVE_BENCH_MESSAGES", MESSAGES))
    load = load_now()
    WORK.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=WORK) as folder:
        data = Path(folder) / "island"
        journal = fill(data, count)
        command = [sys.executable, "-m", "bench.fold", str(data)]
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True, timeout=TIMEOUT_SECONDS)
        result: dict[str, Any] = json.loads(done.stdout)
    marks = result["marks"]
    minutes = result["seconds"] / 60
    allowed = MINUTES_MAX * count / MESSAGES
    first, last = marks[0]["cost_us"], marks[-1]["cost_us"]
    costs = ", ".join(f"{mark['cost_us']:.0f} µs at {mark['messages']:,}" for mark in marks)
    lines = [
        Line(
            f"fold of {count:,} messages into views",
            f"{allowed:.3g} min",
            f"{minutes:.2f} min, {count / result['seconds']:,.0f} messages/s",
            minutes <= allowed,
        ),
        Line(
            "the same, memory",
            f"{MEMORY_MIB_MAX} MiB",
            f"{result['memory_mib']} MiB",
            result["memory_mib"] <= MEMORY_MIB_MAX,
        ),
        Line(
            "the same, cost of a message (processor, of the tenth before each mark)",
            f"flat: last ≤ {GROWTH_MAX:g} × first",
            costs,
            last <= GROWTH_MAX * first if len(marks) > 1 else None,
        ),
    ]
    keep("fold", lines, load, {"messages": count, "journal": journal, **result})
    return 0 if result["folded"] >= count else 1


def fill(data: Path, count: int) -> dict[str, Any]:
    """Make an exercise island whose journal holds `count` generated messages; return what that took."""
    from releve.app.island import make_island
    from releve.app.recorder_process import recorder_for
    from releve.exercise.demo import demo_hospital
    from releve.exercise.hospital_life import stream
    from releve.journal.entry import Draft

    hospital = demo_hospital()
    make_island(data, hospital=hospital, exercise=True, origin="a", name="A", accounts=[])
    started, received = time.monotonic(), 0
    with recorder_for(data) as recorder:
        drafts: list[Draft] = []
        for number, (_, message) in enumerate(stream(hospital, SEED, count), 1):
            received += len(message)
            drafts.append(Draft(kind="message.hl7v2", body=message, source="mllp:127.0.0.1"))
            if len(drafts) == AT_ONCE or number == count:
                recorder.append(drafts)
                drafts = []
                _progress("written", number, count)
    stored = sum(path.stat().st_size for path in (data / "journal").rglob("*.sqlite3"))
    return {
        "seconds": round(time.monotonic() - started, 1),
        "received_bytes_a_message": received // count,
        "stored_bytes_a_message": stored // count,
    }


def _fold(data: Path) -> dict[str, Any]:
    """Fold everything in this process; return times, the cost at each mark and the peak of memory."""
    from releve.app.django_setup import prepare_django

    prepare_django(data)
    from releve.app.rebuilding import rebuild

    # (messages folded, processor seconds so far), after every transaction
    points: list[tuple[int, float]] = []

    def progress(phase: str, done: int, total: int) -> None:
        points.append((done, time.process_time()))
        _progress("folded", done, total)

    started, before = time.monotonic(), time.process_time()
    rebuilt = rebuild(data, progress)
    seconds = time.monotonic() - started
    points = [(0, before), *points, (rebuilt["entries"], time.process_time())]
    reached = [mark for mark in MARKS if mark <= rebuilt["entries"]]
    if not reached or rebuilt["entries"] > 1.1 * reached[-1]:
        reached.append(rebuilt["entries"])
    return {
        "folded": rebuilt["entries"],
        "seconds": round(seconds, 1),
        "cpu_seconds": round(time.process_time() - before, 1),
        "memory_mib": memory_peak_mib(os.getpid()),
        "views_bytes": (data / "views.sqlite3").stat().st_size,
        "marks": [{"messages": mark, "cost_us": round(_cost_us(points, mark), 1)} for mark in reached],
    }


def _cost_us(points: list[tuple[int, float]], mark: int) -> float:
    """Return the processor time of a message, over the tenth of them before `mark` (at least 4,000)."""
    begin = max(0, mark - max(mark // 10, 4_000))
    early = min(points, key=lambda point: abs(point[0] - begin))
    late = min(points, key=lambda point: abs(point[0] - mark))
    return 1e6 * (late[1] - early[1]) / max(late[0] - early[0], 1)


def _progress(what: str, done: int, total: int) -> None:
    if done % 10_000 < 2_000 or done >= total:
        print(f"\r{what} {done:,}/{total:,}", end="" if done < total else "\n", file=sys.stderr, flush=True)


if __name__ == "__main__":
    print(json.dumps(_fold(Path(sys.argv[1]))))
