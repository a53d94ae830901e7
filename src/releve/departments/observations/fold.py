"""What was charted becomes rows. Pure."""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from releve.codecs.hl7v2.reader import NULL
from releve.departments.observations.facts import (
    FluidCharted,
    HandoverTaken,
    HandoverWritten,
    ObservationCharted,
)
from releve.departments.observations.statement_facts import AlertStated, AllergyStatedHere, ProblemStatedHere
from releve.journal.entry import Entry
from releve.record.acts import CareAct, done
from releve.record.facts import AlertRaised, AllergyStated, Measured, ProblemStated
from releve.views.reading import Context, NotRead, Row

__all__ = ["FOLDS", "KINDS", "STATEMENT_KINDS", "read_act", "read_statement"]

Act = ObservationCharted | FluidCharted | HandoverWritten | HandoverTaken
KINDS = ("observation.charted.1", "fluid.charted.1", "handover.written.1", "handover.taken.1")
_decoder = msgspec.msgpack.Decoder(Act)
Statement = AllergyStatedHere | AlertStated | ProblemStatedHere
STATEMENT_KINDS = ("allergy.stated.1", "alert.raised.1", "problem.stated.1")
_statements = msgspec.msgpack.Decoder(Statement)
_TABLES: dict[Any, str] = {
    ObservationCharted: "observations_chart",
    FluidCharted: "observations_fluid",
    HandoverWritten: "observations_handover",
}


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """One person of a sheet that was taken over: each is folded with her own."""

    person: str
    about: str
    said: HandoverTaken


def read_act(entry: Entry, context: Context) -> Iterable[Any]:
    """Return what an entry of this room says: its own act, the line of the act, a weight for the banner."""
    try:
        act = _decoder.decode(entry.body)
    except msgspec.MsgspecError:
        # Its text may quote what somebody wrote; the place is enough to find the entry.
        return [NotRead(reason=f"{entry.kind}: expected the fields of this version of Relève")]
    if isinstance(act, HandoverTaken):
        return [Taken(person=one.person, about=one.about, said=act) for one in act.persons]
    facts: list[Any] = [act, done(act, context, about=f"{_TABLES[type(act)]}:{act.person}/{act.act}")]
    if isinstance(act, ObservationCharted):
        facts += _weights(act)
    return facts


def _weights(act: ObservationCharted) -> Iterable[Measured]:
    """Return the weight as everybody reads it: dose checks and the banner; a corrected one is emptied."""
    if act.corrects and act.corrects_at:
        yield Measured(
            person=act.person, visit=None, code="weight", label="", value=NULL, measured_at=act.corrects_at
        )
    for one in act.values:
        if one.code == "weight":
            yield Measured(
                person=act.person, visit=act.visit or None, code="weight", label="weight", value=one.value,
                unit=one.unit, measured_at=act.happened_at,
            )  # fmt: skip


def read_statement(entry: Entry, context: Context) -> Iterable[Any]:
    """Return what an entry states: the line of the act, and the fact every department reads."""
    try:
        act: Statement = _statements.decode(entry.body)
    except msgspec.MsgspecError:
        return [NotRead(reason=f"{entry.kind}: expected the fields of this version of Relève")]
    match act:
        case AllergyStatedHere():
            return [
                AllergyStated(
                    person=act.person, label=act.label or None, code=act.code or None, system=act.system or None,
                    severity=act.severity or None, criticality={"SV": "high", "MI": "low"}.get(act.severity),
                    reaction=act.reaction or None, state=act.state, stated_at=act.happened_at, row=act.row,
                    island=context.log.partition("/")[0],
                ),
                done(act, context, about="record_allergy"),
            ]  # fmt: skip
        case AlertStated():
            return [
                AlertRaised(
                    person=act.person, visit=act.visit or None, code=act.code, label=act.label, strong=act.strong,
                    status=act.status, since_at=act.happened_at, row=act.row,
                    island=context.log.partition("/")[0],
                ),
                done(act, context, about=f"record_alert:{act.person}/{act.code}"),
            ]  # fmt: skip
        case ProblemStatedHere():
            return [
                ProblemStated(
                    person=act.person, visit=act.visit or None, label=act.label, since_at=act.happened_at,
                    status=act.status, row=act.row, island=context.log.partition("/")[0],
                ),
                done(act, context, about="record_problem"),
            ]  # fmt: skip


def _common(act: CareAct) -> dict[str, Any]:
    return {
        "act": act.act, "visit": act.visit or None, "ward": act.ward or None, "happened_at": act.happened_at,
        "by": act.by, "by_name": act.by_name or None, "told_by": act.told_by or None, "late": act.late,
    }  # fmt: skip


def chart(act: ObservationCharted, context: Context) -> Iterable[Row]:
    """One row for each form; what it corrects is marked, and stays."""
    columns = _common(act) | {one.code: one.value for one in act.values}
    columns |= {
        "glucose_unit": next((one.unit for one in act.values if one.code == "glucose"), None),
        "consciousness": act.consciousness or None, "oxygen": act.oxygen or None, "spo2_scale": act.spo2_scale,
        "note": act.note or None, "paper": act.paper or None, "offline": act.offline,
        "corrects": act.corrects or None, "reason": act.reason or None,
    }  # fmt: skip
    yield Row("observations_chart", f"{act.person}/{act.act}", columns)
    if act.corrects:
        yield Row("observations_chart", f"{act.person}/{act.corrects}", {"corrected_by": act.act})


def fluid(act: FluidCharted, context: Context) -> Iterable[Row]:
    """One row for each volume."""
    columns = _common(act) | {
        "direction": act.direction, "kind": act.kind, "volume_ml": act.volume_ml, "note": act.note or None,
        "paper": act.paper or None, "corrects": act.corrects or None, "reason": act.reason or None,
    }  # fmt: skip
    yield Row("observations_fluid", f"{act.person}/{act.act}", columns)
    if act.corrects:
        yield Row("observations_fluid", f"{act.person}/{act.corrects}", {"corrected_by": act.act})


def written(act: HandoverWritten, context: Context) -> Iterable[Row]:
    """One row for each time somebody wrote; the newest of a person stands."""
    columns = {"kind": "written", "shift": act.shift, "body": act.text, "place": act.place or None}
    yield Row("observations_handover", f"{act.person}/{act.act}", _common(act) | columns)


def taken(one: Taken, context: Context) -> Iterable[Row]:
    """One row for each person taken over."""
    act = one.said
    columns = {
        "act": act.act, "kind": "taken", "ward": act.ward, "shift": act.shift, "about": one.about or None,
        "happened_at": act.happened_at, "by": act.by, "by_name": act.by_name or None,
    }  # fmt: skip
    yield Row("observations_handover", f"{one.person}/{act.act}", columns)


FOLDS: dict[type, Callable[[Any, Context], Iterable[Row]]] = {
    ObservationCharted: chart,
    FluidCharted: fluid,
    HandoverWritten: written,
    Taken: taken,
}
