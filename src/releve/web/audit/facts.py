"""What the audit says. Bodies are MessagePack of these structs; `tag` is the entry's kind. Pure.

`patients` are persons' keys ("NAMESPACE:number"), never names. `address` is the workstation's network address.
Source: FHIR R4, AuditEvent; DICOM PS3.15 A.5.
"""

from typing import Literal, NamedTuple

import msgspec

from releve.journal.entry import Draft

__all__ = [
    "AuditFact", "EpochDropped", "FactsLost", "Found", "GlassBroken", "GlassReviewed", "MANY", "Looked", "PageOpened",
    "Refused", "Searched", "Signed", "TakenOut", "draft_of", "read",
]  # fmt: skip


class Looked(msgspec.Struct, frozen=True, kw_only=True):
    """What every fact about a page says: who, in which role, from where, which page, about whom."""

    who: str  # account code; "" when nobody was signed in
    role: str
    page: str  # name of the address, such as "patient-results"
    address: str
    at_us: int
    patients: tuple[str, ...] = ()
    ward: str = ""


class PageOpened(Looked, frozen=True, kw_only=True, tag="audit.page-opened.1"):
    """A page was opened: once a person, patient and quarter of an hour. A board names its ward and its patients.

    `glass` is the reason when it was opened beyond one's wards.
    """

    glass: str = ""


class Searched(Looked, frozen=True, kw_only=True, tag="audit.searched.1"):
    """Somebody searched, and was shown these patients."""


class TakenOut(Looked, frozen=True, kw_only=True, tag="audit.taken-out.1"):
    """Something left the screen: printed, saved as a file, looked up in the audit. `how` says which."""

    how: Literal["print", "file", "command", "search"]
    glass: str = ""


class Refused(Looked, frozen=True, kw_only=True, tag="audit.refused.1"):
    """A page did not open: the role does not, or the form's protection code did not fit."""

    method: str


class Signed(msgspec.Struct, frozen=True, kw_only=True, tag="audit.signed.1"):
    """Somebody signed in or out, locked or took up a screen, or failed to; what was typed is not repeated."""

    who: str
    role: str
    act: Literal["in", "out", "locked", "unlocked", "failed"]
    address: str
    at_us: int


class GlassBroken(msgspec.Struct, frozen=True, kw_only=True, tag="audit.glass-broken.1"):
    """Somebody went beyond her wards, for this reason, until then or until the screen locks.

    `scope` says whether it opens one patient or the board and patients of a ward.
    """

    who: str
    role: str
    scope: Literal["patient", "ward"]
    patient: str
    ward: str
    reason: str
    words: str
    address: str
    at_us: int
    until_us: int


class GlassReviewed(msgspec.Struct, frozen=True, kw_only=True, tag="audit.glass-reviewed.1"):
    """Somebody looked at it afterwards. `glass` is the entry reviewed: "ORIGIN/EPOCH#INDEX"."""

    glass: str
    verdict: Literal["justified", "to-clarify", "not-justified"]
    words: str
    by: str
    address: str
    at_us: int


class FactsLost(msgspec.Struct, frozen=True, kw_only=True, tag="audit.facts-lost.1"):
    """The log could not be reached for so long that this many facts found no room to wait."""

    number: int
    since_us: int
    at_us: int


class EpochDropped(msgspec.Struct, frozen=True, kw_only=True, tag="audit.epoch-dropped.1"):
    """An epoch of the audit was removed: it was older than the hospital keeps. `checkpoint` is its last, signed."""

    epoch: int
    entries: int
    checkpoint: str
    keep_days: int
    at_us: int


AuditFact = (
    PageOpened
    | Searched
    | TakenOut
    | Refused
    | Signed
    | GlassBroken
    | GlassReviewed
    | FactsLost
    | EpochDropped
)


class Found(NamedTuple):
    """A fact where it stands. `place` is "ORIGIN/EPOCH#INDEX"."""

    place: str
    recorded_at_us: int
    fact: AuditFact


_decode = msgspec.msgpack.Decoder(AuditFact).decode
_encode = msgspec.msgpack.Encoder().encode
# A board's patients stand in its body, compressed; its entry says so, that a search for one of them opens it.
_SUBJECTS_MAX = 4
MANY = "many-patients"


def draft_of(fact: AuditFact) -> Draft:
    """Return the fact as it goes into the log: author and subjects stand outside the body, to be found quickly."""
    who = getattr(fact, "who", "") or getattr(fact, "by", "")
    about: tuple[str, ...] = getattr(fact, "patients", ()) or (getattr(fact, "patient", ""),)
    address = getattr(fact, "address", "")
    return Draft(
        kind=str(type(fact).__struct_config__.tag),
        body=_encode(fact),
        source=f"screen:{address}" if address else "island",
        author=who,
        occurred_at_us=fact.at_us,
        subjects=tuple(one for one in about if one) if len(about) <= _SUBJECTS_MAX else (MANY,),
    )


def read(body: bytes) -> AuditFact | None:
    """Return the fact in a body, None for one of a later version."""
    try:
        return _decode(body)
    except (msgspec.DecodeError, msgspec.ValidationError, ValueError):
        return None
