"""What this island's people do is seen at once, however long the backlog of messages."""

import os
import signal
import time
from itertools import cycle, islice

import msgspec
from living_island import LivingIsland, control_id, lived, wait_until

from releve.crisis.facts import CutDeclared
from releve.hospital.status import EVERYWHERE
from releve.journal.client import Recorder
from releve.journal.entry import Draft

BACKLOG = 20_000


def test_a_declaration_is_seen_within_two_seconds_behind_a_backlog_of_messages(island: LivingIsland) -> None:
    """The cut is declared while the first fill still runs: wards must know at once where to write."""
    island.serve()
    fold = island.processes()["fold"]
    declaration = CutDeclared(
        applications=("DPI",), places=(EVERYWHERE,), status="down", since_us=time.time_ns() // 1000,
        reason="exercise", by="crise", second="medecin",
    )  # fmt: skip
    os.kill(fold, signal.SIGSTOP)  # the backlog grows
    with Recorder(island.data) as recorder:
        seen = list(lived(24, patients=120))
        copies = (renumbered(message, number) for number, message in enumerate(cycle(seen)))
        while batch := list(islice(copies, min(500, BACKLOG - recorder.state().size))):
            recorder.append(
                [Draft(kind="message.hl7v2", body=body, source="mllp:127.0.0.1") for body in batch]
            )
        os.kill(fold, signal.SIGCONT)
        wait_until(lambda: island.folded() > 500, "the fold at work")
        delays = []
        for turn in range(3):
            note = f"turn {turn}"
            act = msgspec.structs.replace(declaration, note=note)
            began = time.monotonic()
            recorder.append([Draft(kind="crisis.declared.1", body=msgspec.msgpack.encode(act), source="web")])
            wait_until(
                lambda note=note: island.ask("SELECT 1 FROM hospital_declaration WHERE note = ?", note),
                "the declaration in the views",
            )
            delays.append(time.monotonic() - began)
            behind = recorder.state().size - island.folded()

    print(
        f"seen after {', '.join(f'{delay:.2f} s' for delay in delays)}; {behind} entries behind at the last"
    )
    assert behind > 1000  # otherwise nothing was proved
    assert max(delays) < 2.0


def renumbered(message: bytes, number: int) -> bytes:
    """Return the message under another control id."""
    return message.replace(b"|" + control_id(message) + b"|", b"|B%07d|" % number, 1)
