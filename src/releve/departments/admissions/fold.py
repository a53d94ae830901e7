"""Acts of this room become facts of the record, and rows of its own. Pure."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec

from releve.codecs.hl7v2.reader import NULL
from releve.departments.admissions.facts import (
    KINDS,
    Admitted,
    BedSet,
    DuplicateJudged,
    IdentityCorrected,
    Moved,
    MovementCancelled,
    MovementCorrected,
    Traits,
)
from releve.journal.entry import Entry
from releve.record import facts
from releve.record.acts import CareAct, done, stated
from releve.record.fold import said
from releve.views.reading import Context, NotRead, Row

__all__ = ["FOLDS", "ArrivalSaid", "BedKeptSaid", "read_act"]

_decoders = {kind: msgspec.msgpack.Decoder(type_) for kind, type_ in KINDS.items()}
INS = "INS"
SINUS = "SINUS"


class ArrivalSaid(msgspec.Struct, frozen=True, kw_only=True, tag="arrival-said.1"):
    """What goes with an admission and has no column in the record."""

    person: str
    visit: str
    mode: str
    document: str = ""
    provenance: str = ""
    estimated_age: int | None = None
    birth_rank: int = 0
    sinus: str = ""
    bed_code: str = ""


class BedKeptSaid(msgspec.Struct, frozen=True, kw_only=True, tag="bed-kept-said.1"):
    """How a bed is kept from now on."""

    person: str
    said: BedSet


def read_act(entry: Entry, context: Context) -> Iterable[Any]:
    """Return what an act of this room says."""
    try:
        act = _decoders[entry.kind].decode(entry.body)
    except msgspec.MsgspecError:
        # Its text may quote what somebody wrote; the place is enough to find the entry.
        return [NotRead(reason=f"{entry.kind}: expected the fields of this version of Relève")]
    return list(_facts(act, context))


def _facts(act: CareAct, context: Context) -> Iterator[Any]:
    match act:
        case Admitted():
            yield from _admitted(act, context.log.partition("/")[0])
            yield done(act, context, about=f"{act.person}/{act.visit}/{act.movement}")
        case Moved():
            yield from _moved(act)
            yield done(act, context, about=f"{act.person}/{act.visit}/{act.movement}")
        case MovementCancelled():
            yield facts.MovementCancelled(
                person=act.person, visit=act.visit, number=act.movement, event=act.cancels
            )
            if act.cancels == "A03":
                yield facts.EncounterDescribed(person=act.person, visit=act.visit, discharge_mode=NULL)
            yield done(act, context, about=f"{act.person}/{act.visit}/{act.movement}")
        case MovementCorrected():
            place: dict[str, Any] = (
                _place(act.to_ward, act.room, act.bed, act.building) if act.to_ward else {}
            )
            yield facts.Moved(
                person=act.person, visit=act.visit, number=act.movement, event=None, happened_at=act.at,
                happened_text=None, **place,
            )  # fmt: skip
            if act.event == "A01" and act.at is not None:
                yield facts.EncounterDescribed(person=act.person, visit=act.visit, admitted_at=act.at)
            yield done(act, context, about=f"{act.person}/{act.visit}/{act.movement}")
        case IdentityCorrected():
            yield _described(act.person, act.traits, whole=True)
            if act.ins:
                yield facts.IdentifierKnown(
                    person=act.person, value=act.ins, system=act.ins_oid or INS, type=INS
                )
            yield stated(act, about=act.person, words=_said_of(act))
            yield done(act, context, about=act.person)
        case BedSet():
            yield BedKeptSaid(person=act.person, said=act)
            kept = {name: getattr(act, name) for name in ("state", "isolation", "reserved_for", "note")}
            yield stated(act, about=act.person, words=kept)
            yield done(act, context, about=act.bed_code)
        case DuplicateJudged():
            yield from _judged(act)
            yield done(act, context, about=f"{act.person}/{act.other}")


def _admitted(act: Admitted, island: str) -> Iterator[Any]:
    person = act.person
    if act.traits is not None:
        yield _described(person, act.traits)
    if act.ipp:
        yield facts.IdentifierKnown(person=person, value=act.ipp, system=act.namespace, type="PI")
    if act.ins:
        yield facts.IdentifierKnown(person=person, value=act.ins, system=act.ins_oid or INS, type=INS)
    if act.sinus:
        yield facts.IdentifierKnown(person=person, value=act.sinus, system=SINUS, type=SINUS)
    if act.mother:
        yield facts.PersonsLinked(
            person=act.mother, other=person, kind="mother", status="active", happened_at=act.happened_at
        )
    for other in act.near:
        kept, led = sorted((person, other))
        yield facts.PersonsLinked(person=kept, other=led, kind="duplicate", status="proposed")
    yield facts.EncounterDescribed(
        person=person, visit=act.visit, account=act.visit, class_code=act.class_code, admitted_at=act.happened_at,
        reason=act.reason or None,
    )  # fmt: skip
    yield facts.Moved(
        person=person, visit=act.visit, number=act.movement, event="A01", happened_at=act.happened_at,
        happened_text=None, medical_ward=act.ward, care_ward=act.ward, nature="HMS",
        **_place(act.ward, act.room, act.bed, act.building),
    )  # fmt: skip
    if act.allergies == "none-known":
        yield facts.AllergyStated(person=person, label=None, state="none-known", stated_at=act.happened_at)
    for label in act.allergy_labels:
        yield facts.AllergyStated(person=person, label=label, stated_at=act.happened_at, island=island)
    yield ArrivalSaid(
        person=person, visit=act.visit, mode=act.mode, document=act.traits.document if act.traits else "",
        provenance=act.provenance, estimated_age=act.estimated_age, birth_rank=act.birth_rank, sinus=act.sinus,
        bed_code=act.bed_code,
    )  # fmt: skip


def _moved(act: Moved) -> Iterator[Any]:
    place: dict[str, Any] = {}
    if act.event == "A02":
        place = _place(act.to_ward, act.room, act.bed, act.building)
        place |= {"medical_ward": act.medical_ward or act.to_ward, "care_ward": act.to_ward}
    yield facts.Moved(
        person=act.person, visit=act.visit, number=act.movement, event=act.event, happened_at=act.happened_at,
        happened_text=None, nature="HMS" if act.event == "A02" and act.to_ward != act.ward else None, **place,
    )  # fmt: skip
    if act.event == "A03":
        yield facts.EncounterDescribed(
            person=act.person, visit=act.visit, discharge_mode=act.discharge_mode or None
        )


def _judged(act: DuplicateJudged) -> Iterator[Any]:
    kept, led = sorted((act.person, act.other))
    proposal = {"linked": "linked", "dismissed": "dismissed", "proposed": "proposed"}[act.verdict]
    yield facts.PersonsLinked(
        person=kept, other=led, kind="duplicate", status=proposal, happened_at=act.happened_at
    )
    # The link itself leads the other to the one that was kept by whoever judged.
    yield facts.PersonsLinked(
        person=act.person, other=act.other, kind="link",
        status="active" if act.verdict == "linked" else "withdrawn", happened_at=act.happened_at,
    )  # fmt: skip


def _described(person: str, traits: Traits, *, whole: bool = False) -> facts.PersonDescribed:
    """Return the traits; `whole`: what is left empty is said to be empty, not left as it was."""
    empty = NULL if whole else None
    return facts.PersonDescribed(
        person=person,
        authority=True,
        birth_name=traits.birth_name or empty,
        used_name=traits.used_name or empty,
        given_name=traits.given_name or empty,
        given_names=traits.given_names or traits.given_name or empty,
        birth_date=traits.birth_date or empty,
        sex=traits.sex or empty,
        birth_place=traits.birth_place or empty,
        identity_status=traits.status,
        identity_doubt=traits.doubt or empty,
    )


def _said_of(act: IdentityCorrected) -> dict[str, Any]:
    """Return the traits as they were said, whole: what is empty was said to be empty."""
    traits = act.traits
    names = ("birth_name", "given_name", "birth_date", "sex", "birth_place", "used_name", "doubt")
    return {name: getattr(traits, name) for name in names} | {"ins": act.ins}


def _place(ward: str, room: str, bed: str, building: str) -> dict[str, Any]:
    return {"ward": ward, "room": room, "bed": bed, "building": building}


def arrival_said(fact: ArrivalSaid, context: Context) -> Iterable[Row]:
    """One row for each stay opened here."""
    columns = said(
        visit=fact.visit, mode=fact.mode, document=fact.document or None, provenance=fact.provenance or None,
        estimated_age=fact.estimated_age, birth_rank=fact.birth_rank or None, sinus=fact.sinus or None,
        bed_code=fact.bed_code or None,
    )  # fmt: skip
    return [Row("admissions_arrival", f"{fact.person}/{fact.visit}", columns)]


def bed_kept(fact: BedKeptSaid, context: Context) -> Iterable[Row]:
    """One row for each bed about which something was said."""
    act = fact.said
    columns = {
        "ward": act.ward, "state": act.state, "isolation": act.isolation or None,
        "reserved_for": act.reserved_for or None, "note": act.note or None,
        "by": act.by, "by_name": act.by_name or None,
    }  # fmt: skip
    return [Row("admissions_bed", act.bed_code, columns)]


FOLDS: dict[type, Callable[[Any, Context], Iterable[Row]]] = {
    ArrivalSaid: arrival_said,
    BedKeptSaid: bed_kept,
}
