"""Doses charted here become rows. Pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import msgspec

from releve.departments.prescribing.dose_facts import (
    DOSE_ACTS,
    DoseCharted,
    DoseCorrected,
    DoseGiven,
    DoseOmitted,
)
from releve.journal.entry import Entry
from releve.record.acts import done, stated
from releve.views.reading import Context, NotRead, Row

__all__ = ["DOSE_FOLDS", "DOSE_KINDS", "dose_charted", "read_dose"]

TABLE = "prescribing_administration"
_decoders = {kind: msgspec.msgpack.Decoder(act) for kind, act in DOSE_ACTS.items()}


def read_dose(entry: Entry, context: Context) -> Iterator[Any]:
    """Return what an act on a dose says: its row, and the line of the account."""
    try:
        act = _decoders[entry.kind].decode(entry.body)
    except msgspec.MsgspecError:
        yield NotRead(reason=f"{entry.kind}: expected an act on a dose")
        return
    row = act.dose if isinstance(act, DoseCorrected) else f"{act.person}/{act.act}"
    request = "" if isinstance(act, DoseCorrected) else act.request
    own = request.startswith(f"{act.person}/")
    line = request.removeprefix(f"{act.person}/") if own else ""
    columns = _columns(act, context)
    if request and not own:  # the line stands under another number of the patient
        columns["request"] = request
    yield DoseCharted(person=act.person, row=row, line=line, columns=columns)
    if isinstance(act, DoseCorrected):
        names = ("status", "given_at", "dose_value", "dose_unit", "reason", "note", "why")
        yield stated(act, about=row, words={name: getattr(act, name) for name in names})
    yield done(act, context, about=row)


def _columns(act: DoseGiven | DoseOmitted | DoseCorrected, context: Context) -> dict[str, Any]:
    if isinstance(act, DoseCorrected):
        return {
            "status": act.status,
            "given_at": act.given_at,
            "dose_value": act.dose_value or None,
            "dose_unit": act.dose_unit or None,
            "reason_code": act.reason or None,
            "reason": act.note or None,
            "corrected_at": act.happened_at,
            "corrected_by": act.by_name or act.by,
            "correction": act.why,
            "was_status": act.was_status,
            "was_at": act.was_at,
            "was_dose": act.was_dose or None,
        }
    columns: dict[str, Any] = {
        "visit": act.visit or None,
        "label": act.label,
        "code": act.code or None,
        "given_at": act.happened_at,
        "due_at": act.due_at,
        "by": act.by_name or act.by,
        "ward": act.ward or None,
        "second": act.second_name or act.second or None,
        "late": act.late,
        "offline": act.offline,
        "here": True,
    }
    if isinstance(act, DoseOmitted):
        status = "refused" if act.reason == "refused" else "omitted"
        return columns | {"status": status, "reason_code": act.reason, "reason": act.note or None}
    return columns | {
        "status": act.status,
        "dose_value": act.dose_value or None,
        "dose_unit": act.dose_unit or None,
        "route": act.route or None,
        "rate": act.rate or None,
        "lot": act.lot or None,
        "expiry": act.expiry or None,
        "product": act.product or None,
        "reason": act.note or None,
        "alone": act.alone or None,
        "wristband": act.wristband,
    }


def dose_charted(fact: DoseCharted, context: Context) -> Iterable[Row]:
    """One row for each dose charted; a correction sets the same row, whatever came first."""
    columns = {**fact.columns, "request": f"{fact.person}/{fact.line}"} if fact.line else fact.columns
    return [Row(TABLE, fact.row, columns)]


DOSE_FOLDS: Mapping[type, Callable[[Any, Context], Iterable[Row]]] = {DoseCharted: dose_charted}
DOSE_KINDS: Mapping[str, Callable[[Any, Context], Iterable[Any]]] = dict.fromkeys(DOSE_ACTS, read_dose)
