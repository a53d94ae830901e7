"""The continuity packs of a whole hospital: all wards set anew, then again when three wards changed.

`python -m bench packs`. Runs `releve packs print` as a person would; memory is what all its processes hold at the same
moment (proportional share of shared pages), looked at ten times a second.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from bench import living
from bench.figures import ROOT, WORK, Line, keep, load_now
from releve.hospital.map import HospitalMap

PATIENTS, PAGES = 700, 2_500
SECONDS_MAX, MEMORY_MIB_MAX, AGAIN_SECONDS_MAX = 90.0, 1024, 10.0
EVERY = 4  # bed that gets another beside it
CHANGED = ("1130", "2110", "3110")
LOOK_SECONDS = 0.1
TIMEOUT_SECONDS = 600


def measure() -> int:
    """Measure, print and write; return 0 when every pack came out."""
    load = load_now()
    WORK.mkdir(parents=True, exist_ok=True)
    start = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=2)
    with tempfile.TemporaryDirectory(dir=WORK) as folder:
        data = Path(folder) / "island"
        hospital = _larger()
        living.make(data, living.past(start, hospital), hospital)
        first = _print(data)
        _change(data)
        again = _print(data)
        plain = _print(data, "--no-forms")
    lines = [
        Line(
            f"packs of {first['patients']} patients, {first['pages']:,} pages",
            f"{PATIENTS} patients, {PAGES:,} pages, ≤ {SECONDS_MAX:g} s on two cores",
            f"{first['wall_seconds']:.1f} s ({first['cpu_seconds']:.0f} s of processor)",
            first["wall_seconds"] <= SECONDS_MAX
            and first["patients"] >= PATIENTS
            and first["pages"] >= PAGES,
        ),
        Line(
            "the same, memory over all processes",
            f"≤ {MEMORY_MIB_MAX} MiB",
            f"{first['memory_mib']} MiB",
            first["memory_mib"] <= MEMORY_MIB_MAX,
        ),
        Line(
            f"printed again, {len(CHANGED)} wards changed",
            f"≤ {AGAIN_SECONDS_MAX:g} s",
            f"{again['wall_seconds']:.1f} s ({len(again['set_again'])} wards set again)",
            again["wall_seconds"] <= AGAIN_SECONDS_MAX,
        ),
        Line(
            "printed again, no new numbered forms, nothing changed",
            "–",
            f"{plain['wall_seconds']:.1f} s ({len(plain['set_again'])} wards set again)",
        ),
    ]
    keep("packs", lines, load, {"first": first, "again": again, "without_forms": plain})
    return first["status"] | again["status"] | plain["status"]


def _larger() -> HospitalMap:
    """Return the demonstration's hospital with a fifth more beds, so that 700 patients lie in them.

    Its 700 beds hold some 590 in a night: day places are empty, and a tenth is always free.
    """
    from releve.exercise.demo import demo_hospital

    hospital = demo_hospital()
    more = [
        msgspec.structs.replace(bed, code=f"{bed.code}-B", name=f"{bed.name}B")
        for bed in [bed for bed in hospital.beds if bed.kind == "bed"][::EVERY]
    ]
    return msgspec.structs.replace(hospital, beds=(*hospital.beds, *more))


def _print(data: Path, *options: str) -> dict[str, Any]:
    """Run the command; return what it said, how long it took from start to end, and its memory."""
    command = [*living.RELEVE, "packs", "print", "--data", str(data), "--json", *options]
    started = time.monotonic()
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    peak = 0
    over = threading.Event()

    def look() -> None:
        nonlocal peak
        while not over.wait(LOOK_SECONDS):
            peak = max(peak, _memory_kib(living.family(process.pid)))

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        said, _ = process.communicate(timeout=TIMEOUT_SECONDS)
    finally:
        process.kill()
        over.set()
        watcher.join()
    elapsed = time.monotonic() - started
    result: dict[str, Any] = json.loads(said.splitlines()[-1])
    for name in ("files", "folder"):
        result.pop(name, None)
    return {**result, "wall_seconds": elapsed, "memory_mib": peak >> 10, "status": process.returncode}


def _memory_kib(pids: list[int]) -> int:
    """Return the memory of these processes together, a page they share counted once."""
    total = 0
    for pid in pids:
        try:
            text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
        except OSError:
            continue  # it has just ended
        total += int(text.partition("\nPss:")[2].split()[0])
    return total


def _change(data: Path) -> None:
    """Let somebody be admitted to three wards."""
    from releve.app.recorder_process import recorder_for
    from releve.journal.entry import Draft

    stamp = datetime.now(UTC).strftime("%Y%m%d%H%M%S+0000")
    drafts = []
    for number, ward in enumerate(CHANGED):
        authority = "VALOMBRE&2.999.7001.1&ISO"
        lines = [
            f"MSH|^~\\&|GAM|VALOMBRE|RELEVE|ILOT|{stamp}||ADT^A01^ADT_A01|PACK{number}|T"
            "|2.5^FRA^2.11|||||FRA|UNICODE UTF-8|FR",
            f"EVN||{stamp}",
            f"PID|1||99900010{number}^^^{authority}^PI||NOUVEAU^CAMILLE^CAMILLE^^^^L||19600101|F",
            f"PV1|1|I|{ward}^^^Centre&990000010&M|R|||||||||||||||99900020{number}^^^{authority}^VN",
            f"ZBE|99900030{number}^VALOMBRE^2.999.7001.1^ISO|{stamp}||INSERT|N|",
        ]
        body = ("\r".join(lines) + "\r").encode()
        drafts.append(Draft(kind="message.hl7v2", body=body, source="mllp:127.0.0.1"))
    with recorder_for(data) as recorder:
        recorder.append(drafts)
