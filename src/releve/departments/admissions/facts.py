"""What can be said here: persons admitted, moved, corrected; beds kept; numbers spent. Pure.

Event codes are those of HL7 v2.5 §3.3 and of IHE PAM France (ZBE-6), so that each act can be handed back as it is.
`happened_at` of an admission or a movement is its real hour; a correction or a cancellation happens when it is made,
and says the real hour it corrects in `at`.
"""

from typing import Literal

import msgspec

from releve.record.acts import CareAct

__all__ = [
    "KINDS", "Admitted", "Allergies", "BedSet", "BedState", "DuplicateJudged", "Event",
    "IdentityCorrected", "Mode", "MovementCancelled", "MovementCorrected", "Moved", "NumbersTaken", "Traits", "Verdict",
]  # fmt: skip

Mode = Literal["new", "known", "unidentified", "newborn"]
Event = Literal["A01", "A02", "A21", "A22", "A03"]
Allergies = Literal["not-asked", "none-known", "stated"]
BedState = Literal["open", "blocked", "reserved"]
Verdict = Literal["proposed", "linked", "dismissed"]


class NumbersTaken(msgspec.Struct, frozen=True, kw_only=True, tag="admissions.numbers.1"):
    """Numbers taken for one act, recorded before they are used: none is ever given twice.

    Each counter is the one taken, 0 when none of its sort was; `prefix` names the island and, after the first, its
    epoch. `act` is the form they were taken for: sent twice, it takes the same ones.
    """

    act: str
    prefix: str
    person: int = 0
    visit: int = 0
    movement: int = 0


class Traits(msgspec.Struct, frozen=True, kw_only=True):
    """Who somebody is: the five strict traits, the name in use, and what makes them sure.

    Source: Référentiel national d’identitovigilance (RNIV 1), strict traits and identity statuses.
    """

    birth_name: str = ""
    given_name: str = ""  # the first one
    given_names: str = ""  # all, when they are known
    birth_date: str = ""  # "1945", "1945-07", "1945-07-14"; "" not known
    sex: str = ""  # F, M, U
    birth_place: str = ""
    used_name: str = ""
    status: str = "PROV"
    doubt: str = ""  # FICT, DOUB…, comma separated
    document: str = ""  # code of the document seen, see `rules.DOCUMENTS`


class Admitted(CareAct, frozen=True, kw_only=True, tag="person.admitted.1"):
    """Somebody came: who she is when nobody knew her, her stay, her bed, and what was asked about allergies.

    `person` is made of `ipp` for somebody new. `traits` is None for a known person: nothing of her identity is said
    again. `room` and `bed` are as PV1-3 names them; `bed_code` is the map's.
    """

    mode: Mode
    movement: str
    ipp: str = ""
    namespace: str = ""
    traits: Traits | None = None
    mother: str = ""
    birth_rank: int = 0
    estimated_age: int | None = None  # years, as somebody judged it
    sinus: str = ""
    ins: str = ""
    ins_oid: str = ""
    building: str = ""
    room: str = ""
    bed: str = ""
    bed_code: str = ""
    class_code: str = "I"  # PV1-2
    provenance: str = ""
    reason: str = ""
    allergies: Allergies = "not-asked"
    allergy_labels: tuple[str, ...] = ()
    near: tuple[str, ...] = ()  # persons who may be the same one, as they stood on the screen


class Moved(CareAct, frozen=True, kw_only=True, tag="person.moved.1"):
    """A transfer, a leave, a return, a discharge. `ward` is where the act was written, `to_ward` where she goes."""

    event: Event
    movement: str
    to_ward: str = ""
    building: str = ""
    room: str = ""
    bed: str = ""
    bed_code: str = ""
    medical_ward: str = ""
    discharge_mode: str = ""
    destination: str = ""
    expected_at: int | None = None


class MovementCancelled(CareAct, frozen=True, kw_only=True, tag="movement.cancelled.1"):
    """A movement is withdrawn by its number. `event` is the cancelling one: A11, A12, A13, A52, A53."""

    event: str
    cancels: str  # the event that it withdraws
    movement: str
    reason: str = ""


class MovementCorrected(CareAct, frozen=True, kw_only=True, tag="movement.corrected.1"):
    """The hour or the place of a movement was wrong (Z99). What is not said is not changed."""

    movement: str
    event: str
    at: int | None = None  # real hour, UTC ms
    to_ward: str = ""
    building: str = ""
    room: str = ""
    bed: str = ""
    bed_code: str = ""
    reason: str = ""


class IdentityCorrected(CareAct, frozen=True, kw_only=True, tag="identity.corrected.1"):
    """Traits as they are now known, all of them; `changed` names those that were others before."""

    traits: Traits
    changed: tuple[str, ...] = ()
    ins: str = ""
    ins_oid: str = ""
    reason: str = ""


class BedSet(CareAct, frozen=True, kw_only=True, tag="bed.set.1"):
    """How a bed is kept from now on: open, blocked, reserved, isolated. `person` is `bed:CODE`, no patient."""

    bed_code: str
    state: BedState
    isolation: str = ""  # contact, droplet, air, protective, or none
    reserved_for: str = ""  # words: who is expected
    note: str = ""


class DuplicateJudged(CareAct, frozen=True, kw_only=True, tag="duplicate.judged.1"):
    """Somebody looked at two numbers: one person, or not. Linking moves nothing and is undone by the same act."""

    other: str
    verdict: Verdict
    reason: str = ""


KINDS: dict[str, type[CareAct]] = {
    str(kind.__struct_config__.tag): kind
    for kind in (
        Admitted, Moved, MovementCancelled, MovementCorrected, IdentityCorrected, BedSet, DuplicateJudged,
    )
}  # fmt: skip
