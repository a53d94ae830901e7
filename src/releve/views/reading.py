"""What a room offers to the fold: readers of messages, folds of facts, tables. Pure.

The life of one entry: bytes -> `Message` -> each offer's reader -> facts -> each fact's fold -> `Row`s.
A reader sees one message and its `Context`, nothing else: no clock, no database, no other entry.
That is what makes the views the same on every island.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Annotated, Any, NamedTuple, Protocol
from zoneinfo import ZoneInfo

import msgspec

from releve.views.numbers import Numbered

__all__ = [
    "MOMENT_MAX", "MOMENT_MIN", "Context", "Fact", "Moment", "NotRead", "Offer", "Row", "Touched",
]  # fmt: skip

# Years 855 to 4199 (milliseconds): another island's key signs any number, and a page must be able to show it.
MOMENT_MIN, MOMENT_MAX = -(1 << 45), 1 << 46
Moment = Annotated[int, msgspec.Meta(ge=MOMENT_MIN, le=MOMENT_MAX)]


class Row(NamedTuple):
    """Columns to set in one row: others keep what they had; `fills` are set only where nothing is known."""

    table: str  # database table, such as "record_person"
    id: str
    values: Mapping[str, Any]
    fills: Mapping[str, Any] | None = None


class Fact(Protocol):
    """Anything that was said about one person. `person` is the subject it is folded with."""

    person: str


class NotRead(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a message that a reader could not understand: counted and shown, folded again after an upgrade."""

    reason: str  # place and expectation, never a value


class Context(msgspec.Struct, kw_only=True):
    """What a reader may know besides the message itself."""

    zone: ZoneInfo  # of the hospital: a time without offset is read there
    namespace: str  # PID-3.4.1 of the identity authority
    oid: str = ""  # PID-3.4.2 of the same
    authority: bool = False  # the sender is the identity authority
    source: str = ""  # MSH-3
    entered: str = ""  # the entry's own source: the listener, the screen, the browser where it waited
    log: str = ""
    index: int = 0
    recorded_at: int = 0  # ms
    stamp: int = 0  # ms; the moment that orders this entry among its subject's
    initial: bool = False  # first fill or daily check, not live
    person: str = ""  # key of the message's person, "" when it names none
    visit: str = ""  # PV1-19 or PID-18, "" when it names none
    confidential_codes: frozenset[str] = frozenset()  # PV1-16 values that hide a stay
    confidential_statuses: frozenset[str] = frozenset()  # PID-32 values that hide a person
    confidential_elsewhere: frozenset[tuple[str, str]] = (
        frozenset()
    )  # (address, value), such as ("ZFA-9", "Y")


class Touched(msgspec.Struct, kw_only=True):
    """What one batch changed, for what is derived from several rows."""

    rows: Mapping[str, Sequence[tuple[str, Mapping[str, Any]]]]  # table -> (id, columns set)
    persons: frozenset[str]  # all persons something was said about
    fresh: frozenset[str]  # among them, those seen for the first time or folded again
    acted_at: int = 0  # ms; the latest moment at which an island recorded an act of its own, by its clock


Reader = Callable[[Any, Context], Iterable[Any]]
FhirReader = Callable[[Any, Any, Context], Iterable[Any]]  # resource, its document, context
Fold = Callable[[Any, Context], Iterable[Row]]
Derive = Callable[[Any, Touched], None]  # (database cursor, what changed)


class Offer(msgspec.Struct, kw_only=True):
    """What one room brings to the views, declared in its own `offer.py`; `releve.app` puts them together."""

    name: str
    fold_version: int  # raised when the same entries give other rows: the views are then folded again
    hl7: Mapping[str, Reader] = {}  # "ADT^A01" or "ADT" (any trigger) -> reader of a Message
    every_hl7: Reader | None = None  # sees each message, whatever its kind
    fhir: Mapping[
        str, FhirReader
    ] = {}  # resource type -> reader of a resource (a releve.codecs.fhir.Resource)
    kinds: Mapping[
        str, Reader
    ] = {}  # entry kind -> reader of an Entry ("crisis.declared.1", "initial.census")
    folds: Mapping[type, Fold] = {}  # fact type -> fold
    person_tables: tuple[str, ...] = ()  # tables whose rows a person owns
    numbers: Mapping[type, Sequence[Numbered]] = {}  # fact type -> its fields that hold an order's number
    derives: tuple[Derive, ...] = ()  # what follows from several rows, written after them
    derived_from: tuple[str, ...] = ()  # the tables whose touched rows these want to see
