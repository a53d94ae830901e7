"""A cold start: from the command to the first page, of an island that holds a full hospital.

`python -m bench start`. "Cold" is an island that was stopped, its processes and its interpreter starting anew; the
disk's own cache is emptied as far as a program may without being root: the island's files are given back.
"""

from __future__ import annotations

import http.client
import os
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from bench import living
from bench.figures import ROOT, WORK, Line, keep, load_now

ROUNDS = 5
SECONDS_MAX = 5.0
PAGE = "/sign-in/"  # what somebody sees who opens the island's address


def measure(rounds: int = ROUNDS) -> int:
    """Measure, print and write; return 0."""
    load = load_now()
    WORK.mkdir(parents=True, exist_ok=True)
    start = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    seconds, readies, stops = [], [], []
    with tempfile.TemporaryDirectory(dir=WORK) as folder:
        data = Path(folder) / "island"
        count = living.make(data, living.past(start))
        for _ in range(rounds):
            for place in (data, ROOT / "src", ROOT / ".venv"):
                _give_back(place)
            started = time.monotonic()
            with living.serve(data) as serving:
                _page(serving)
                seconds.append(time.monotonic() - started)
                readies.append(serving.ready_seconds)
                stopping = time.monotonic()
            stops.append(time.monotonic() - stopping)
    lines = [
        Line(
            f"cold start to first page ({count:,} messages in the journal, median of {rounds})",
            f"≤ {SECONDS_MAX:g} s",
            f"{median(seconds):.1f} s (worst {max(seconds):.1f} s; ready for messages after {median(readies):.1f} s)",
            median(seconds) <= SECONDS_MAX,
        )
    ]
    keep("start", lines, load, {"seconds": seconds, "ready_seconds": readies, "stop_seconds": stops})
    return 0


def _page(serving: living.Serving) -> None:
    connection = http.client.HTTPConnection(*serving.http, timeout=20)
    connection.request("GET", PAGE)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    if answer.status != 200 or b"<form" not in body:
        raise RuntimeError(f"start: expected a page, got status {answer.status}")


def _give_back(folder: Path) -> None:
    """Ask the kernel to forget what it keeps in memory of these files."""
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            try:
                handle = os.open(path, os.O_RDONLY)
            except OSError:
                continue
            os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(handle)
