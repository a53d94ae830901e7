"""What was said of machines becomes rows: one row for each machine and act, whatever the order of arrival. Pure.

What follows from several of them (the state that counts, two reports side by side) is put together in `derived.py`.
"""

import re
from collections.abc import Callable, Iterable
from hashlib import sha256
from typing import Any

import msgspec

from releve.journal.entry import Entry
from releve.restoration.fleet.facts import (
    BatchesOrdered,
    BatchMade,
    FleetFact,
    Machine,
    MachinesListed,
    MachinesMoved,
    ReportAttached,
    StepsWithdrawn,
)
from releve.views.reading import Context, NotRead, Row

__all__ = ["FOLDS", "FLEET_KINDS", "machine_subject", "read_fleet"]

FLEET_KINDS = (
    "fleet.machine.1", "fleet.step.1", "fleet.correction.1", "fleet.batch.1", "fleet.order.1", "fleet.report.1",
)  # fmt: skip
# A label holds forty signs; another island's key signs anything.
TAG_CHARS_MAX = 40
# Our pages move five thousand machines at most by one word.
MACHINES_MAX = 10_000
# Texts are shown on pages and sheets, whoever wrote them.
TEXT_CHARS_MAX = 300
# Keys of forms, as pages and commands make them; they stand in addresses.
_KEY = re.compile(r"[A-Za-z0-9_.\-]{1,80}")
_decoder = msgspec.msgpack.Decoder(FleetFact)


class MachineTold(msgspec.Struct, frozen=True, kw_only=True):
    """One machine of a list."""

    person: str
    machine: Machine
    said: MachinesListed


class StepTold(msgspec.Struct, frozen=True, kw_only=True):
    """One machine of a step."""

    person: str
    tag: str
    said: MachinesMoved


class WithdrawnTold(msgspec.Struct, frozen=True, kw_only=True):
    """One machine of a correction."""

    person: str
    tag: str
    said: StepsWithdrawn


class BatchTold(msgspec.Struct, frozen=True, kw_only=True):
    """A batch, or the order of all."""

    person: str
    said: BatchMade | BatchesOrdered


class ReportTold(msgspec.Struct, frozen=True, kw_only=True):
    """A report without its bytes. `sha256` is what was found, not what was said."""

    person: str
    said: ReportAttached
    sha256: str
    size: int


def machine_subject(tag: str) -> str:
    """Return the subject a machine's entries are folded with."""
    return f"machine:{tag}"


def read_fleet(entry: Entry, context: Context) -> Iterable[Any]:
    """Return what an entry says of each machine it names."""
    try:
        said = _decoder.decode(entry.body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        # Its text may quote what somebody wrote; the place is enough to find the entry.
        yield NotRead(reason=f"{entry.kind}: expected the fields of this version of Relève")
        return
    keys = (said.act, getattr(said, "batch", "") or said.act, getattr(said, "step", said.act))
    if said.__struct_config__.tag != entry.kind or not all(map(_KEY.fullmatch, keys)):
        yield NotRead(reason=f"{entry.kind}: expected a body of this kind, and keys of 80 signs at most")
        return
    named = len(getattr(said, "tags", ())) + len(getattr(said, "machines", ()))
    if named > MACHINES_MAX:
        yield NotRead(reason=f"{entry.kind}: expected {MACHINES_MAX} machines at most")
        return
    match said:
        case MachinesListed():
            described = {one.tag: one for one in said.machines if _is_tag(one.tag)}
            for tag, machine in described.items():
                yield MachineTold(person=machine_subject(tag), machine=machine, said=said)
        case MachinesMoved():
            for tag in dict.fromkeys(filter(_is_tag, said.tags)):
                yield StepTold(person=machine_subject(tag), tag=tag, said=said)
        case StepsWithdrawn():
            for tag in dict.fromkeys(filter(_is_tag, said.tags)):
                yield WithdrawnTold(person=machine_subject(tag), tag=tag, said=said)
        case BatchMade():
            yield BatchTold(person=f"batch:{said.batch}", said=said)
        case BatchesOrdered():
            yield BatchTold(person="fleet:order", said=said)
        case ReportAttached():
            yield ReportTold(
                person=f"report:{said.act}",
                said=msgspec.structs.replace(said, content=b""),
                sha256=sha256(said.content).hexdigest(),
                size=len(said.content),
            )


def _is_tag(tag: str) -> bool:
    return 0 < len(tag) <= TAG_CHARS_MAX and tag.isprintable() and tag == tag.strip()


def _common(said: Any, context: Context) -> dict[str, Any]:
    return {
        "by": said.by[:80], "by_name": said.by_name[:TEXT_CHARS_MAX] or None, "happened_at": said.happened_at,
        "entry": f"{context.log}#{context.index}",
    }  # fmt: skip


def _json(values: Any) -> str | None:
    return msgspec.json.encode(values).decode() if values else None


def fold_machine(told: MachineTold, context: Context) -> Iterable[Row]:
    """One row for each description, and the machine itself."""
    words = {name: value[:TEXT_CHARS_MAX] for name, value in msgspec.to_builtins(told.machine).items()}
    tag = words.pop("tag")
    columns = {
        "tag": tag, "act": told.said.act, "seen": " ".join(told.said.seen),
        "words": msgspec.json.encode(words, order="deterministic").decode(),
    }  # fmt: skip
    yield Row("fleet_described", f"{tag}/{told.said.act}", columns | _common(told.said, context))
    yield Row("fleet_machine", tag, {"tag": tag})


def fold_step(told: StepTold, context: Context) -> Iterable[Row]:
    """One row for each step of each machine, and the machine itself."""
    said = told.said
    columns = {
        "tag": told.tag, "act": said.act, "to": said.to, "place": said.place[:TEXT_CHARS_MAX] or None,
        "done": _json(said.done), "skipped": _json(said.skipped), "reason": said.reason[:TEXT_CHARS_MAX] or None,
        "image_sha256": said.image_sha256[:64] or None,
        "report": said.report or None, "report_sha256": said.report_sha256[:64] or None, "batch": said.batch or None,
        "settles": said.settles, "seen": " ".join(said.seen),
    }  # fmt: skip
    yield Row("fleet_step", f"{told.tag}/{said.act}", columns | _common(said, context))
    yield Row("fleet_machine", told.tag, {"tag": told.tag})


def fold_withdrawn(told: WithdrawnTold, context: Context) -> Iterable[Row]:
    """Mark the step, whoever told it; a correction that comes before its step waits on the same row."""
    said = told.said
    columns = {
        "tag": told.tag, "withdrawn_by": said.act, "withdrawn_name": said.by_name or said.by,
        "withdrawn_why": said.reason[:TEXT_CHARS_MAX],
    }  # fmt: skip
    yield Row("fleet_step", f"{told.tag}/{said.step}", columns)
    yield Row("fleet_machine", told.tag, {"tag": told.tag})


def fold_batch(told: BatchTold, context: Context) -> Iterable[Row]:
    """The batch as it was last said, in canonical order."""
    said = told.said
    who = {"by": said.by, "by_name": said.by_name or None, "happened_at": said.happened_at}
    if isinstance(said, BatchesOrdered):
        yield Row("fleet_order", "order", who | {"batches": msgspec.json.encode(said.batches).decode()})
        return
    columns = {
        "name": said.name[:TEXT_CHARS_MAX], "tags": msgspec.json.encode(said.tags).decode(), "closed": said.closed,
    }  # fmt: skip
    yield Row("fleet_batch", said.batch, who | columns)


def fold_report(told: ReportTold, context: Context) -> Iterable[Row]:
    """One row for each report; what it is worth is the hash of what is there."""
    said = told.said
    columns = {
        "name": said.name[:TEXT_CHARS_MAX], "media_type": said.media_type[:80], "sha256": told.sha256,
        "size": told.size, "tags": msgspec.json.encode(said.tags).decode(),
    }  # fmt: skip
    yield Row("fleet_report", said.act, columns | _common(said, context))


FOLDS: dict[type, Callable[[Any, Context], Iterable[Row]]] = {
    MachineTold: fold_machine,
    StepTold: fold_step,
    WithdrawnTold: fold_withdrawn,
    BatchTold: fold_batch,
    ReportTold: fold_report,
}
