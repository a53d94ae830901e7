"""How long the audit's page takes to say who opened a patient's record, at a million facts.

`python -m bench audit`. An imaginary hospital of 36 wards with 25 beds, whose patients stay five days on average: of a
hundred facts 55 open one patient, 20 a ward's board with everybody on it, 10 a search, 15 are sessions. Asked: a
patient who left a month ago, one who is here, one and a colleague, nobody, a colleague alone: without the index and
with it. Times are the processor's.
"""

from __future__ import annotations

import random
import tempfile
import time
from pathlib import Path

from bench.figures import WORK, Line, keep, load_now
from releve.app.audit_process import open_audit
from releve.journal.entry import Submission
from releve.journal.folder import create_island
from releve.journal.store import LogWriter
from releve.web.audit.facts import AuditFact, PageOpened, Searched, Signed, draft_of
from releve.web.audit.index import AuditIndex, index_path
from releve.web.audit.reading import Search, search

FACTS = 1_000_000
WARDS, BEDS = 36, 25
BATCH = 2000
BEGUN_US = 1_790_000_000_000_000
FACTS_A_DAY = 50_000
STAY_DAYS = 5
DAY_US = 86_400_000_000
MOST = 200  # as the page
MS_MAX = 300.0


def measure(facts: int = FACTS, data: Path | None = None) -> int:
    """Measure, print and write; return 0."""
    load = load_now()
    WORK.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=WORK) as folder:
        place = data or Path(folder)
        if not (place / "journal").exists():
            _write(place, facts)
        without = _asked(place)
        began = time.process_time()
        with AuditIndex(place) as index:
            while index.go_on():
                pass
        seconds, size = time.process_time() - began, index_path(place).stat().st_size
        indexed = _asked(place)
    raw = {"facts": facts, "without_ms": without, "with_ms": indexed, "made_seconds": seconds, "bytes": size}
    lines = [
        Line(
            f"audit of a patient at {facts:,} facts, {name}",
            f"≤ {MS_MAX:g} ms",
            f"{indexed[name]:.0f} ms (without the index {without[name]:,.0f})",
            indexed[name] <= MS_MAX,
        )
        for name in indexed
    ]
    lines.append(Line("its index", "", f"{seconds:.0f} s of a processor to make, {size / 1e6:.0f} MB"))
    keep("audit", lines, load, raw)
    return 0


def _write(data: Path, facts: int) -> None:
    create_island(data, "a", True, "Valombre", BEGUN_US)
    writer = open_audit(data, BEGUN_US)
    chance = random.Random(1)
    patients = [[_arrival(chance, ward * BEDS + bed) for bed in range(BEDS)] for ward in range(WARDS)]
    began, came = time.process_time(), WARDS * BEDS
    for start in range(0, facts, BATCH):
        batch = []
        for number in range(start, min(facts, start + BATCH)):
            at_us = BEGUN_US + number * DAY_US // FACTS_A_DAY
            if chance.random() < WARDS * BEDS / STAY_DAYS / FACTS_A_DAY:
                came += 1
                patients[chance.randrange(WARDS)][chance.randrange(BEDS)] = _arrival(chance, came)
            batch.append(_submission(_fact(chance, patients, at_us)))
        writer.append(batch, BEGUN_US + start * DAY_US // FACTS_A_DAY)
        _empty(writer)
    writer.close()
    print(f"{facts:,} facts written in {time.process_time() - began:.0f} s of processor")


def _arrival(chance: random.Random, number: int) -> str:
    return f"CHV:8{number:09d}"


def _fact(chance: random.Random, patients: list[list[str]], at_us: int) -> AuditFact:
    ward = chance.randrange(WARDS)
    who, address = f"agent{ward * 83 + chance.randrange(83)}", f"10.1.{ward}.{chance.randrange(250)}"
    kind = chance.random()
    if kind < 0.15:
        return Signed(who=who, role="nurse", act="in", address=address, at_us=at_us)
    if kind < 0.25:
        some = tuple(chance.choice(chance.choice(patients)) for _ in range(3))
        return Searched(who=who, role="nurse", page="find", address=address, at_us=at_us, patients=some)
    here = tuple(patients[ward]) if kind < 0.45 else (chance.choice(patients[ward]),)
    return PageOpened(
        who=who, role="nurse", page="ward" if kind < 0.45 else "patient", address=address, at_us=at_us,
        patients=here, ward=f"2{ward:03d}",
    )  # fmt: skip


def _submission(fact: AuditFact) -> Submission:
    one = draft_of(fact)
    return Submission(one.kind, one.body, one.source, one.author, one.occurred_at_us, one.subjects, -1)


def _empty(writer: LogWriter) -> None:
    if writer.wal_pages > BATCH:
        writer.empty_wal()


def _asked(data: Path) -> dict[str, float]:
    """Return the milliseconds of a processor that each question takes."""
    newest, _more = search(data, Search(), most=50)
    here = next(one.fact.patients[0] for one in newest if isinstance(one.fact, PageOpened))
    asked = {
        "gone a month ago": Search(patient="CHV:8000000007"),
        "who is here": Search(patient=here),
        "and one colleague": Search(patient="CHV:8000000007", who="agent7"),
        "nobody": Search(patient="CHV:1234"),
        "no patient, one colleague": Search(who="agent7"),
    }
    spent = {}
    for name, one in asked.items():
        began = time.process_time()
        search(data, one, most=MOST)
        spent[name] = (time.process_time() - began) * 1000
    return spent
