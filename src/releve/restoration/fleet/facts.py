"""What people say of the machines of the hospital. Pure; bodies are MessagePack of these structs, `tag` is the kind.

One entry may speak of many machines: fifty of a batch that went through the same door together are one act.
`act` is the form's own key: the same form sent twice is one act, on every island. `seen` are the acts about these
machines that stood on the screen: what it does not name, it had not seen. Moments are UTC ms.
"""

from typing import Literal, get_args

import msgspec

from releve.journal.entry import Draft
from releve.views.reading import Moment

__all__ = [
    "KINDS", "STATES", "BatchMade", "BatchesOrdered", "FleetAct", "FleetFact", "Machine", "MachineKind",
    "MachinesListed", "MachinesMoved", "ReportAttached", "State", "StepsWithdrawn", "draft_of",
]  # fmt: skip

_encode = msgspec.msgpack.Encoder().encode
# An entry names at most so many subjects (`releve.journal.entry`); they are hints, never the truth.
_SUBJECTS = 32

State = Literal["suspect", "isolated", "collected", "wiped", "reimaged", "checked", "returned"]
STATES: tuple[State, ...] = get_args(State)
MachineKind = Literal["workstation", "server", "printer", "other"]
KINDS: tuple[MachineKind, ...] = get_args(MachineKind)


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """One machine as an inventory describes it. `tag` is what stands on its label; codes are those of the map."""

    tag: str
    name: str = ""
    kind: MachineKind = "workstation"
    ward: str = ""
    building: str = ""
    room: str = ""
    network: str = ""  # zone or address on the network, as the inventory writes it
    serial: str = ""


class FleetAct(msgspec.Struct, frozen=True, kw_only=True):
    """What every act of the fleet says besides itself: who did it, when it happened."""

    act: str
    happened_at: Moment
    by: str
    by_name: str = ""


class MachinesListed(FleetAct, frozen=True, kw_only=True, tag="fleet.machine.1"):
    """These machines are described so; machines that are not named stay as they were."""

    machines: tuple[Machine, ...]
    seen: tuple[str, ...] = ()
    file_sha256: str = ""


class MachinesMoved(FleetAct, frozen=True, kw_only=True, tag="fleet.step.1"):
    """These machines reached a state, at a place.

    `done` are steps between that were done without a scan, `skipped` those that were not done at all: then `reason`
    says why. `image_sha256` is the SHA-256 of the disk image; `report` the act of a `fleet.report.1`.
    """

    tags: tuple[str, ...]
    to: State
    place: str = ""
    done: tuple[State, ...] = ()
    skipped: tuple[State, ...] = ()
    reason: str = ""
    image_sha256: str = ""
    report: str = ""
    report_sha256: str = ""
    batch: str = ""
    settles: bool = False  # two reports stood side by side, and a person decided
    seen: tuple[str, ...] = ()


class StepsWithdrawn(FleetAct, frozen=True, kw_only=True, tag="fleet.correction.1"):
    """A step was recorded of machines that it is not true of; it stays readable, marked."""

    step: str  # the act of the step
    tags: tuple[str, ...]
    reason: str


class BatchMade(FleetAct, frozen=True, kw_only=True, tag="fleet.batch.1"):
    """A batch, whole, from here on: the machines that are worked on together. A machine is in its newest open batch."""

    batch: str
    name: str
    tags: tuple[str, ...]
    closed: bool = False


class BatchesOrdered(FleetAct, frozen=True, kw_only=True, tag="fleet.order.1"):
    """In which order the batches are worked on, all of them that were open."""

    batches: tuple[str, ...]


class ReportAttached(FleetAct, frozen=True, kw_only=True, tag="fleet.report.1"):
    """A scanner's report, byte for byte; over 32 KiB the journal keeps it as a blob."""

    name: str
    media_type: str
    sha256: str
    content: bytes
    tags: tuple[str, ...] = ()


FleetFact = MachinesListed | MachinesMoved | StepsWithdrawn | BatchMade | BatchesOrdered | ReportAttached


def draft_of(fact: FleetAct) -> Draft:
    """Return the entry that holds a fact; author and source are filled where it is recorded."""
    tags: tuple[str, ...] = getattr(fact, "tags", ())
    return Draft(
        kind=str(type(fact).__struct_config__.tag),
        body=_encode(fact),
        source="",
        occurred_at_us=fact.happened_at * 1000,
        subjects=tuple(f"machine:{tag}" for tag in tags[:_SUBJECTS]),
    )
