"""What the crisis cell said becomes rows. Pure. Each act sets its own columns: any order gives the same row."""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from releve.crisis.facts import CrisisFact, CutConfirmed, CutDeclared, CutWithdrawn
from releve.journal.entry import Entry
from releve.views.reading import Context, Row

__all__ = ["FOLDS", "KINDS", "read_act"]

KINDS = ("crisis.declared.1", "crisis.confirmed.1", "crisis.withdrawn.1")
_decoder = msgspec.msgpack.Decoder(CrisisFact)


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """An act of the crisis cell with the entry that holds it; it is about no person."""

    said: CrisisFact
    id: str
    at: int
    person: str = ""


def read_act(entry: Entry, context: Context) -> Iterable[Act]:
    """Return the act an entry holds."""
    id_ = f"{context.log}#{context.index}"
    return [Act(said=_decoder.decode(entry.body), id=id_, at=context.recorded_at)]


def fold_act(act: Act, context: Context) -> Iterable[Row]:
    """Return the columns that this act sets."""
    match act.said:
        case CutDeclared() as said:
            places = [{"kind": place.kind, "code": place.code} for place in said.places]
            columns: dict[str, Any] = {
                "applications": msgspec.json.encode(said.applications).decode(),
                "places": msgspec.json.encode(places).decode(),
                "status": said.status,
                "since_at": said.since_us // 1000,
                "declared_at": act.at,
                "reason": said.reason,
                "note": said.note,
                "declared_by": said.by,
                "order": f"{act.at:014d} {context.log} {context.index:012d}",
            }
            if said.second:
                columns |= {"confirmed_by": said.second, "confirmed_at": act.at}
            return [Row("hospital_declaration", act.id, columns)]
        case CutConfirmed() as said:
            return [
                Row("hospital_declaration", said.declaration, {"confirmed_by": said.by, "confirmed_at": act.at})
            ]
        case CutWithdrawn() as said:
            return [
                Row("hospital_declaration", said.declaration, {"withdrawn_by": said.by, "withdrawn_at": act.at})
            ]


FOLDS: dict[type, Callable[[Any, Context], Iterable[Row]]] = {Act: fold_act}
