"""What the crisis cell said becomes rows. Pure.

Each act sets its own columns, and the acts about one declaration are folded as one subject, in canonical order: two
people who confirm it on two islands at the same moment give the same row everywhere.
"""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from releve.crisis.facts import CrisisFact, CutConfirmed, CutDeclared, CutWithdrawn
from releve.journal.entry import Entry
from releve.journal.power import nonce_of, signers
from releve.views.reading import Context, NotRead, Row

__all__ = ["FOLDS", "KINDS", "read_act"]

KINDS = ("crisis.declared.1", "crisis.confirmed.1", "crisis.withdrawn.1")
_decoder = msgspec.msgpack.Decoder(CrisisFact)


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """An act of the crisis cell with the entry that holds it; `person` is the subject: the declaration, no patient."""

    said: CrisisFact
    id: str
    at: int
    person: str
    signed_by: tuple[str, ...] = ()
    nonce: str = ""


def read_act(entry: Entry, context: Context) -> Iterable[Act | NotRead]:
    """Return the act an entry holds."""
    try:
        said = _decoder.decode(entry.body)
    except msgspec.MsgspecError:
        # Its text may quote what somebody wrote; the place is enough to find the entry.
        return [NotRead(reason=f"{entry.kind}: expected the fields of this version of Relève")]
    id_ = f"{context.log}#{context.index}"
    about = id_ if isinstance(said, CutDeclared) else said.declaration
    return [
        Act(
            said=said,
            id=id_,
            at=context.recorded_at,
            person=f"declaration:{about}",
            signed_by=signers(entry.kind, entry.body),
            nonce=nonce_of(entry.body),
        )
    ]


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
                "switch_at": said.switch_us // 1000 if said.switch_us is not None else None,
                "declared_at": act.at,
                "reason": said.reason,
                "note": said.note,
                "declared_by": said.by,
                "order": f"{act.at:014d} {context.log} {context.index:012d}",
            }
            if act.signed_by:
                columns["signed_by"] = msgspec.json.encode(act.signed_by).decode()
                columns["statement"] = act.nonce or None
            if said.answers:
                columns["answers"] = msgspec.json.encode(said.answers).decode()
            if said.second:
                columns |= {"confirmed_by": said.second, "confirmed_at": act.at}
            return [Row("hospital_declaration", act.id, columns)]
        case CutConfirmed() as said:
            return _word(
                act, context, "confirmed", said.by, {"confirmed_by": said.by, "confirmed_at": act.at}
            )
        case CutWithdrawn() as said:
            return _word(
                act, context, "withdrawn", said.by, {"withdrawn_by": said.by, "withdrawn_at": act.at}
            )


def _word(act: Act, context: Context, what: str, by: str, columns: dict[str, Any]) -> Iterable[Row]:
    """Return the act's own row, and the declaration's columns when the island that declared says it."""
    about = act.person.partition(":")[2]
    word = {
        "declaration": about,
        "what": what,
        "said_by": by,
        "said_at": act.at,
        "signed_by": msgspec.json.encode(act.signed_by).decode(),
        "statement": act.nonce or None,
    }
    yield Row("hospital_declaration_word", act.id, word)
    if about.partition("/")[0] == context.log.partition("/")[0]:
        yield Row("hospital_declaration", about, columns)


FOLDS: dict[type, Callable[[Any, Context], Iterable[Row]]] = {Act: fold_act}
