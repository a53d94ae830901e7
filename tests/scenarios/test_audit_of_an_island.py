"""The audit of a living island: soon on the disk, through kills and stops, and out of the house as FHIR."""

import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

from living_island import LivingIsland, Visitor, lived, releve, send, wait_until

from releve.web.audit.facts import PageOpened, Signed, TakenOut
from releve.web.audit.reading import facts_since


def opened(island: LivingIsland) -> list[str]:
    """Return the wards whose boards were opened, as the log says."""
    facts = (one.fact for one in facts_since(island.data))
    return [fact.ward for fact in facts if isinstance(fact, PageOpened)]


def audit_process(island: LivingIsland) -> int:
    """Return the process that records the audit."""
    for pid in island.family():
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        if b"releve.app.worker" in words and b"audit" in words:
            return pid
    raise AssertionError("expected the audit's process to run")


def seconds_until(condition: Callable[[], object]) -> float:
    """Return how long it took, at most five seconds."""
    began = time.monotonic()
    wait_until(condition, "the fact in the log", 5)
    return time.monotonic() - began


def test_what_is_opened_is_on_the_disk_within_a_second_and_survives_kills_and_stops(
    island: LivingIsland,
) -> None:
    """A crash, a stop, a dead recorder: who read what is known afterwards."""
    island.serve()
    send(island, lived(2, patients=40))
    island.wait_until_folded()
    wards = [
        ward
        for (ward,) in island.ask("SELECT DISTINCT ward FROM record_encounter WHERE status = 'present'")
        if ward
    ]
    first, second, third = wards[:3]
    physician = Visitor(island)
    physician.sign_in()

    assert physician.get(f"/ward/{first}/")[0] == 200
    took = seconds_until(lambda: first in opened(island))
    os.kill(audit_process(island), signal.SIGKILL)
    began = time.monotonic()
    assert physician.get(f"/ward/{second}/")[0] == 200
    page = time.monotonic() - began
    seconds_until(lambda: second in opened(island))
    assert physician.get(f"/ward/{third}/")[0] == 200
    island.stop()

    print(f"on the disk after {took:.2f} s; a page while the audit was dead: {page:.2f} s")
    assert took < 1.0
    assert page < 2.0
    assert sorted(opened(island)) == sorted([first, second, third])
    verified = island.result("journal", "verify")
    assert verified["ok"]
    assert verified["logs"] == 2

    done = releve("audit", "export", "--data", str(island.data), "--format", "fhir", "--json")
    assert done.returncode == 0, done.stderr
    *events, last = [json.loads(line) for line in done.stdout.splitlines()]
    assert last == {"events": len(events)}
    assert {event["resourceType"] for event in events} == {"AuditEvent"}
    late = releve("audit", "export", "--data", str(island.data), "--since", "2999-01-01", "--json")
    assert json.loads(late.stdout) == {"events": 0}
    wrong = releve("audit", "export", "--data", str(island.data), "--since", "hier")
    assert (wrong.returncode, "expected a day" in wrong.stderr) == (1, True)

    island.serve()  # what the commands said waited for it
    wait_until(
        lambda: sum(isinstance(one.fact, TakenOut) for one in facts_since(island.data)) >= 2 or _look(island),
        "that it was taken out, in the log",
        20,
    )
    assert any(isinstance(one.fact, Signed) and one.fact.who == "medecin" for one in facts_since(island.data))
    island.stop()


def _look(island: LivingIsland) -> bool:
    """Open a page, as somebody always does; False."""
    visitor = Visitor(island)
    visitor.sign_in()
    visitor.get("/ward/")
    time.sleep(0.5)
    return False
