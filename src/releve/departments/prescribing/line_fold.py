"""What was done to medication lines here becomes rows: the line itself, and each act on it. Pure."""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from releve.departments.prescribing.facts import MedicationRequested
from releve.departments.prescribing.line_facts import (
    LineAct,
    Posology,
    PrescriptionChanged,
    PrescriptionCountersigned,
    PrescriptionOpinion,
    PrescriptionReconciled,
    PrescriptionResumed,
    PrescriptionStarted,
    PrescriptionStopped,
    PrescriptionSuspended,
)
from releve.journal.entry import Entry
from releve.record.acts import done
from releve.record.facts import ActDone
from releve.views.reading import Context, NotRead, Row

__all__ = ["LINE_FOLDS", "LINE_KINDS", "ActOnLine", "placer_of", "read_line_act", "requested"]

LINE_KINDS = (
    "prescription.started.1", "prescription.changed.1", "prescription.stopped.1", "prescription.suspended.1",
    "prescription.resumed.1", "prescription.opinion.1", "prescription.countersigned.1",
    "prescription.reconciled.1",
)  # fmt: skip
_decoder = msgspec.msgpack.Decoder(LineAct)
_json = msgspec.json.Encoder().encode
_STATUS: dict[type, str] = {
    PrescriptionStopped: "stopped",
    PrescriptionSuspended: "suspended",
    PrescriptionResumed: "active",
}


class ActOnLine(msgspec.Struct, frozen=True, kw_only=True):
    """One act on one line, kept beside the line so that nothing that was decided is ever written over."""

    person: str
    act: str
    line: str
    kind: str
    happened_at: int
    by: str
    by_name: str
    decided_on: str
    awaits: bool
    body: str  # the whole act, JSON


def placer_of(line: str, person: str) -> str:
    """Return the order number in the key of a line's row.

    >>> placer_of("CHV:100/RX-7", "CHV:100")
    'RX-7'
    """
    return line.removeprefix(f"{person}/")


def requested(person: str, placer: str, what: Posology, **more: Any) -> MedicationRequested:
    """Return the line as boards, grid and packs know lines: whole, nothing left over from before."""
    return MedicationRequested(
        person=person,
        placer=placer,
        label=what.label,
        code=what.code or None,
        system=what.system or None,
        substance=what.substance or None,
        drug_class=what.drug_class or None,
        dose_value=what.dose_value or None,
        dose_unit=what.dose_unit or None,
        route=what.route or None,
        route_code=what.route_code or None,
        form=what.form or None,
        rate=what.rate or None,
        times=what.times or None,
        interval_hours=what.interval_hours,
        schedule_text="C" if what.continuous else None,
        as_needed=what.as_needed or None,
        condition=what.condition or None,
        start_at=what.start_at,
        end_at=what.end_at,
        high_alert=what.high_alert,
        note=what.note or None,
        whole=True,
        timed=True,
        **more,
    )


def read_line_act(entry: Entry, context: Context) -> Iterable[Any]:
    """Return what an act on a line says: the line's new state, the act beside it, the act in the list of acts."""
    try:
        act: Any = _decoder.decode(entry.body)
    except msgspec.MsgspecError:
        # Its text may quote what somebody wrote; the place is enough to find the entry.
        return [NotRead(reason=f"{entry.kind}: expected the fields of this version of Relève")]
    return list(_facts(act, entry.kind, context))


def _facts(act: Any, kind: str, context: Context) -> Iterable[MedicationRequested | ActOnLine | ActDone]:
    line = "" if isinstance(act, PrescriptionReconciled) else getattr(act, "line", "")
    match act:
        case PrescriptionStarted():
            line = f"{act.person}/{act.order}"
            yield requested(
                act.person, act.order, act.what, visit=act.visit or None, status="active",
                ordered_at=act.happened_at, prescriber=_prescriber(act), awaits=act.awaits,
            )  # fmt: skip
        case PrescriptionChanged():
            yield requested(
                act.person, placer_of(act.line, act.person), act.what, prescriber=_prescriber(act),
                awaits=act.awaits or None, status_if_new="active",
            )  # fmt: skip
        case PrescriptionStopped() | PrescriptionSuspended() | PrescriptionResumed():
            yield MedicationRequested(
                person=act.person, placer=placer_of(act.line, act.person), status=_STATUS[type(act)],
                awaits=act.awaits or None,
            )  # fmt: skip
        case PrescriptionCountersigned():
            yield MedicationRequested(person=act.person, placer=placer_of(act.line, act.person), awaits=False)
        case PrescriptionOpinion() | PrescriptionReconciled():
            pass
    yield ActOnLine(
        person=act.person,
        act=act.act,
        line=placer_of(line, act.person),
        kind=kind,
        happened_at=act.happened_at,
        by=act.by,
        by_name=act.by_name,
        decided_on=act.place,
        awaits=bool(getattr(act, "awaits", False)),
        body=_json(act).decode(),
    )
    yield done(act, context, about=line)


def _prescriber(act: PrescriptionStarted | PrescriptionChanged) -> str | None:
    return act.prescriber_name or act.told_by or act.by_name or None


def fold_act_on_line(fact: ActOnLine, context: Context) -> Iterable[Row]:
    """One row for each act, whatever its order of arrival; a form sent twice is one."""
    columns = {name: getattr(fact, name) for name in fact.__struct_fields__ if name not in ("person", "act")}
    columns["line"] = f"{fact.person}/{fact.line}" if fact.line else ""
    return [Row("prescribing_line_act", f"{fact.person}/{fact.act}", columns)]


LINE_FOLDS: dict[type, Callable[[Any, Context], Iterable[Row]]] = {ActOnLine: fold_act_on_line}
