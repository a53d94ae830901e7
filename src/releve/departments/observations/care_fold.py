"""What is planned and done becomes rows. Pure."""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from releve.departments.observations.care_facts import CareDone, CarePlanned, CareStopped
from releve.journal.entry import Entry
from releve.record.acts import CareAct, done
from releve.views.reading import Context, NotRead, Row

__all__ = ["CARE_FOLDS", "CARE_KINDS", "read_care"]

CARE_KINDS = ("care.planned.1", "care.done.1", "care.stopped.1")
_decoder = msgspec.msgpack.Decoder(CarePlanned | CareDone | CareStopped)


def read_care(entry: Entry, context: Context) -> Iterable[Any]:
    """Return what an entry of the care plan says: its own act, and the line of the act."""
    try:
        act = _decoder.decode(entry.body)
    except msgspec.MsgspecError:
        # Its text may quote what somebody wrote; the place is enough to find the entry.
        return [NotRead(reason=f"{entry.kind}: expected the fields of this version of Relève")]
    about = f"{act.person}/{act.act}" if isinstance(act, CarePlanned) else act.care
    return [act, done(act, context, about=f"observations_care:{about}")]


def _common(act: CareAct) -> dict[str, Any]:
    return {
        "visit": act.visit or None, "ward": act.ward or None, "happened_at": act.happened_at, "by": act.by,
        "by_name": act.by_name or None, "told_by": act.told_by or None, "late": act.late, "paper": act.paper or None,
    }  # fmt: skip


def planned(act: CarePlanned, context: Context) -> Iterable[Row]:
    """One row for each action."""
    columns = {"problem": act.problem, "goal": act.goal or None, "action": act.action, "every": act.every}
    yield Row("observations_care", f"{act.person}/{act.act}", _common(act) | columns)


def charted(act: CareDone, context: Context) -> Iterable[Row]:
    """One row for each time somebody said what became of it: the newest of a shift counts, all are kept."""
    columns = {
        "care": act.care, "shift": act.shift, "done": act.done, "reason": act.reason or None, "note": act.note or None,
    }  # fmt: skip
    yield Row("observations_care_done", f"{act.person}/{act.act}", _common(act) | columns)


def stopped(act: CareStopped, context: Context) -> Iterable[Row]:
    """The action stays, ended; stopped at two places at once, the last one says why."""
    columns = {
        "stopped_at": act.happened_at, "stopped_by": act.by_name or act.by, "reached": act.reached,
        "stop_reason": act.reason or None,
    }  # fmt: skip
    yield Row("observations_care", act.care, columns)


CARE_FOLDS: dict[type, Callable[[Any, Context], Iterable[Row]]] = {
    CarePlanned: planned,
    CareDone: charted,
    CareStopped: stopped,
}
