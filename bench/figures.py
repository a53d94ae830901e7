"""What a measurement leaves behind: one JSON file each, and `results/README.md` over all of them.

Read by people and by `python -m bench`; a line says what was asked, what was measured, and whether that is reached.
"""

from __future__ import annotations

import json
import os
import platform
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "bench" / "results"
WORK = ROOT / ".run" / "bench"  # on the disk that will hold the journal; a memory disk would measure nothing
# A machine that does nothing else stays below this; above, a figure says more of the neighbours than of us.
QUIET_LOAD = 0.7


class Line(NamedTuple):
    """One thing that must be reached: in words, as measured, and the answer; None when nothing was asked."""

    what: str
    target: str
    measured: str
    reached: bool | None = None

    @property
    def verdict(self) -> str:
        """The answer in a word."""
        return {True: "reached", False: "**missed**", None: ""}[self.reached]


def load_now() -> float:
    """Return how many programs wanted a processor, on average over the last minute."""
    return os.getloadavg()[0]


def memory_peak_mib(pid: int) -> int:
    """Return the most memory a process has held so far (resident, MiB).

    `getrusage` would also count what the process held before its `exec`, which was its parent's.
    """
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    return int(status.partition("VmHWM:")[2].split()[0]) >> 10


def machine() -> str:
    """Return the machine in a line."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} cores shared with the generators, {memory:.0f} GiB, {platform.machine()}, "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    )


def keep(name: str, lines: list[Line], load: float, raw: dict[str, Any]) -> None:
    """Print the lines and write `results/NAME.json`; `load` was read before the measurement began."""
    for line in lines:
        print(f"{line.what}: {line.measured} (asked: {line.target}) {line.verdict.strip('*')}", flush=True)
    RESULTS.mkdir(exist_ok=True)
    content = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "load_before": round(load, 2),
        "lines": [line._asdict() for line in lines],
        **raw,
    }
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def write_summary(names: list[str]) -> str:
    """Write `results/README.md` from what was kept under `names`, in that order, and return it."""
    rows = [
        "# What was asked, and what was measured",
        "",
        "Written by `make bench`; each file beside this one holds the whole of a measurement. *Load* is how many",
        f"programs wanted a processor in the minute before: above {QUIET_LOAD:g} the machine was not quiet, and a",
        "figure may be worse than the software.",
        "",
        "| what | asked | measured | | load | when |",
        "| --- | --- | --- | --- | ---: | --- |",
    ]
    machines: dict[str, None] = {}
    missing = []
    for name in names:
        path = RESULTS / f"{name}.json"
        kept = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        if not kept.get("lines"):
            missing.append(name)
            continue
        machines[kept["machine"]] = None
        for fields in kept["lines"]:
            line = Line(**fields)
            when = kept["measured_at"][:16].replace("T", " ")
            cells = (line.what, line.target, line.measured, line.verdict, f"{kept['load_before']:.1f}", when)
            rows.append(f"| {' | '.join(cells)} |")
    rows += ["", *(f"Machine: {each}." for each in machines)]
    if missing:
        rows += ["", f"Not measured yet: {', '.join(missing)}."]
    text = "\n".join(rows) + "\n"
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "README.md").write_text(text, encoding="utf-8")
    return text
