"""An island with machines: what is said of them here, and what other islands said."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import django_ready  # noqa: F401  (before any table)

# isort: split

from ward_island import WardIsland

from releve.restoration.fleet.facts import (
    FleetAct,
    Machine,
    MachinesListed,
    MachinesMoved,
    ReportAttached,
    draft_of,
)
from releve.restoration.fleet.tables import MachineRow

IMAGE = "ab" * 32
CONTENT = b"ESET Endpoint Antivirus: 0 detections, 412 345 objects"
REPORT_SHA = sha256(CONTENT).hexdigest()


class FleetIsland(WardIsland):
    """An island whose acts of the fleet are said by their facts."""

    def tell(self, fact: FleetAct) -> None:
        """Record a fact here."""
        self.append([draft_of(fact)])

    def told(self, fact: FleetAct, origin: str = "b", index: int = 0) -> None:
        """Fold a fact that another island recorded."""
        self.hear(draft_of(fact), origin, index)

    def machines(self, *tags: str, **more: Any) -> None:
        """Put machines of ward 2140 on the list."""
        given = {"ward": "2140", "room": "201"} | more
        made = tuple(Machine(tag=tag, **given) for tag in tags)
        self.tell(MachinesListed(act=f"list-{tags[0]}", happened_at=self.now_ms, by="x", machines=made))

    def step(
        self, act: str, to: Any, tags: Sequence[str], seen: Sequence[str] = (), **more: Any
    ) -> MachinesMoved:
        """Return a step as some island says it."""
        given = {"happened_at": self.now_ms, "by": "tech1", "by_name": "Marc OLLIVIER"} | more
        return MachinesMoved(act=act, to=to, tags=tuple(tags), seen=tuple(seen), **given)

    def report(self, act: str = "R1", *tags: str) -> None:
        """Attach a scanner's report."""
        self.tell(
            ReportAttached(
                act=act, happened_at=self.now_ms, by="x", name="scan.txt", media_type="text/plain", sha256=REPORT_SHA,
                content=CONTENT, tags=tags,
            )
        )  # fmt: skip

    def row(self, tag: str) -> MachineRow:
        """Return a machine as the views hold it."""
        return MachineRow.objects.get(id=tag)
