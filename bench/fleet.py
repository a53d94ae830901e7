"""Four technicians with scanners on a fleet of 2,500 machines that went through all seven states before.

`python -m bench fleet`: each scans a label, sees the machine with its next step, presses Enter, and has the empty field
again; a batch of fifty is moved meanwhile in three actions. What is measured is what a technician waits, at a served
island, between the end of the scan and the end of the page that answers, redirects included.
RELEVE_BENCH_MACHINES shortens it (machines scanned by each).
"""

from __future__ import annotations

import os
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from bench import living
from bench.figures import WORK, Line, keep, load_now
from releve.exercise.browser import Browser

MACHINES = 2_500
BATCH = 50
TECHNICIANS = 4
SCANS = 30  # by each technician, in each of three rounds
ROUNDS = 3
SECONDS_MAX = 1.0
DAY_MS = 86_400_000
REPORT = b"0 detections"


def measure() -> int:
    """Measure, print and write; return 0 unless an answer was wrong."""
    load = load_now()
    WORK.mkdir(parents=True, exist_ok=True)
    scans = int(os.environ.get("RELEVE_BENCH_MACHINES", SCANS))
    with tempfile.TemporaryDirectory(dir=WORK) as folder:
        data = Path(folder) / "island"
        entries = _fill(data)
        with living.serve(data) as serving:
            rounds = [_round(serving, scans, number) for number in range(ROUNDS)]
            memory = serving.memory_mib()
    shown = [second for one in rounds for second in one["shown"]]
    recorded = [second for one in rounds for second in one["recorded"]]
    batches = [second for one in rounds for second in one["batch"]]
    wrong = sum(one["wrong"] for one in rounds)
    pages = {name: statistics.median(one["pages"][name] for one in rounds) for name in rounds[0]["pages"]}
    lines = [
        _line(
            f"fleet of {MACHINES:,} machines × 7 states, {TECHNICIANS} people scanning: scan to its next step",
            shown,
        ),
        _line("the same: Enter to the next empty field, the step recorded and shown", recorded),
        _line(f"the same: a batch of {BATCH} confirmed (third action) to its page", batches),
        Line(
            "the same, what went on meanwhile",
            "–",
            f"{len(recorded)} steps, {entries:,} entries before; overview {pages['fleet'] * 1000:.0f} ms, ward "
            f"{pages['ward'] * 1000:.0f} ms, stuck {pages['stuck'] * 1000:.0f} ms; island {memory} MiB; {wrong} wrong",
        ),
    ]
    keep("fleet", lines, load, {"rounds": rounds, "wrong": wrong})
    return 1 if wrong else 0


def _line(what: str, seconds: Sequence[float]) -> Line:
    ordered = sorted(seconds)
    most = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    text = f"p99 {most:.2f} s (p50 {statistics.median(ordered):.2f} s, most {ordered[-1]:.2f} s, {len(ordered)} times)"
    return Line(what, f"≤ {SECONDS_MAX:g} s", text, most <= SECONDS_MAX)


def _tag(number: int) -> str:
    return f"PC-{number:04d}"


def _fill(data: Path) -> int:
    """Make an island whose machines were all cleaned once and are suspect again; return its entries."""
    import subprocess

    from releve.app.island import demo_accounts, make_island
    from releve.exercise.demo import demo_hospital
    from releve.journal.entry import Draft
    from releve.restoration.fleet.facts import (
        STATES,
        BatchMade,
        FleetAct,
        Machine,
        MachinesListed,
        MachinesMoved,
        ReportAttached,
        draft_of,
    )

    hospital = demo_hospital()
    wards = [ward.code for ward in hospital.wards]
    began = time.time_ns() // 1_000_000 - 12 * DAY_MS

    def facts() -> Iterator[FleetAct]:
        common: dict[str, Any] = {"by": "informatique", "by_name": "Informatique"}
        for number, start in enumerate(range(0, MACHINES, BATCH)):
            tags = tuple(_tag(one) for one in range(start, min(start + BATCH, MACHINES)))
            ward, at = wards[number % len(wards)], began + number * 3_600_000
            machines = tuple(Machine(tag=tag, ward=ward, room="201", serial=f"5CG{tag}") for tag in tags)
            yield MachinesListed(act=f"list-{number}", happened_at=began, machines=machines, **common)
            yield BatchMade(
                act=f"batch-{number}", happened_at=began, batch=f"batch-{number}", name=f"Lot {number}", tags=tags,
                **common,
            )  # fmt: skip
            report = ReportAttached(
                act=f"report-{number}", happened_at=at, name="scan.txt", media_type="text/plain",
                sha256=sha256(REPORT).hexdigest(), content=REPORT, tags=tags, **common,
            )  # fmt: skip
            yield report
            before: tuple[str, ...] = ()
            # Once through all seven, then found suspect again: seven more steps can be scanned.
            for place, state in enumerate((*STATES, "suspect")):
                act = f"step-{number}-{place}"
                yield MachinesMoved(
                    act=act, happened_at=at + place * 60_000, tags=tags, to=state, place="Atelier 1", seen=before,
                    image_sha256="ab" * 32 if state == "reimaged" else "",
                    report=report.act if state == "checked" else "",
                    report_sha256=report.sha256 if state == "checked" else "",
                    reason="found again" if place == len(STATES) else "", **common,
                )  # fmt: skip
                before = (act,)

    accounts = demo_accounts(hospital)
    person = next(account for account in accounts if account["code"] == "informatique")
    accounts += [person | {"code": f"tech{number}"} for number in range(TECHNICIANS)]
    drafts: list[Draft] = [draft_of(fact) for fact in facts()]
    make_island(
        data, hospital=hospital, exercise=True, origin="a", name="A", accounts=accounts,
        more=[_signed_off(draft) for draft in drafts],
    )  # fmt: skip
    quiet = subprocess.DEVNULL
    subprocess.run(
        [*living.RELEVE, "views", "rebuild", "--data", str(data)],
        check=True, stdout=quiet, stderr=quiet, timeout=living.REBUILD_SECONDS_MAX,
    )  # fmt: skip
    return len(drafts)


def _signed_off(draft: Any) -> Any:
    import msgspec

    return msgspec.structs.replace(draft, source="bench", author="informatique")


def _round(serving: living.Serving, scans: int, number: int) -> dict[str, Any]:
    """Let four people scan their own machines at once while a fifth moves a batch; return what each waited."""
    found: dict[str, Any] = {"shown": [], "recorded": [], "batch": [], "wrong": 0, "pages": {}}
    lock = threading.Lock()

    def work(person: int) -> None:
        browser = _signed_in(serving, f"tech{person}")
        first = (number * TECHNICIANS + person) * scans
        for one in range(first, first + scans):
            shown, recorded, right = _scan(browser, _tag(one % (MACHINES - ROUNDS * BATCH)))
            with lock:
                found["shown"].append(shown)
                found["recorded"].append(recorded)
                found["wrong"] += not right

    people = [threading.Thread(target=work, args=(person,)) for person in range(TECHNICIANS)]
    for person in people:
        person.start()
    _move_batch(serving, MACHINES // BATCH - 1 - number, found)
    for person in people:
        person.join()
    return found


def _signed_in(serving: living.Serving, account: str) -> Browser:
    from releve.app.island import DEMO_PASSWORD

    browser = Browser(*serving.http)
    if not browser.sign_in(account, DEMO_PASSWORD):
        raise RuntimeError("sign-in: expected to be let in")
    return browser


def _scan(browser: Browser, tag: str) -> tuple[float, float, bool]:
    """Scan a label, press Enter: return what each answer took, and whether both were right."""
    page = browser.get("/fleet/scan/")
    started = time.perf_counter()
    page = browser.submit(page.form("code", action="/fleet/scan/"), {"code": f"RLV1|M|{tag}"})
    shown = time.perf_counter() - started
    right = tag in page.text and 'name="to"' in page.text
    started = time.perf_counter()
    page = browser.submit(page.form("code", action="/fleet/scan/"), {"code": ""})
    recorded = time.perf_counter() - started
    return shown, recorded, right and 'class="saved"' in page.text and tag in page.text


def _move_batch(serving: living.Serving, number: int, found: dict[str, Any]) -> None:
    browser = _signed_in(serving, "informatique")
    address = f"/fleet/batch/batch-{number}/"
    for state in ("isolated", "collected", "wiped"):
        browser.get(address)
        page = browser.get(f"{address}?to={state}")
        started = time.perf_counter()
        page = browser.submit(page.form("to", action=address), {})
        found["batch"].append(time.perf_counter() - started)
        found["wrong"] += 'class="saved"' not in page.text
    for name, path in (("fleet", "/fleet/"), ("ward", "/fleet/ward/1101/"), ("stuck", "/fleet/stuck/")):
        started = time.perf_counter()
        found["wrong"] += browser.get(path).status != 200
        found["pages"][name] = time.perf_counter() - started
