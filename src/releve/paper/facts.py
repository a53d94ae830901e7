"""What can be said of paper: numbers spent, documents that came out (pure)."""

from typing import Literal

import msgspec

PrintOutcome = Literal["printed", "failed"]


class FormNumbersTaken(msgspec.Struct, frozen=True, kw_only=True, tag="paper.form-numbers.1"):
    """Numbers given to blank forms, recorded before the press starts: a number is printed once, ever.

    `first` and `last` are inclusive counters of the range that `prefix` names.
    """

    ward: str
    pack: str
    prefix: str
    first: int
    last: int


class TubeNumbersTaken(msgspec.Struct, frozen=True, kw_only=True, tag="paper.tube-numbers.1"):
    """Numbers given to the tubes of one printing of labels, recorded before the printer gets them.

    `first` and `last` are inclusive counters of the range that `prefix` names, `act` the form's key.
    """

    act: str
    prefix: str
    first: int
    last: int


class FormsTaken(msgspec.Struct, frozen=True, kw_only=True, tag="paper.forms-taken.1"):
    """The forms that lay ready for a ward, saved by a person who prints them by hand: they lie there no more.

    `first` and `last` are the numbers as the forms bear them, `digest` the SHA-256 of the file, `act` the form's key.
    """

    ward: str
    first: str
    last: str
    pages: int
    digest: str
    taken_at_ms: int
    by: str = ""
    act: str = ""


class PaperPrinted(msgspec.Struct, frozen=True, kw_only=True, tag="paper.printed.1"):
    """A document sent to a printer, or that none would take: what came out, where, when.

    `document` is the file of the pack (named by its UF), `digest` its SHA-256, `job` the queue's own number when
    there is one, `printed_at_ms` UTC milliseconds. `error` is in words, for the person who waits for the paper.
    """

    ward: str
    pack: str
    document: str
    digest: str
    pages: int
    printer: str
    outcome: PrintOutcome
    printed_at_ms: int
    job: str = ""
    error: str = ""


class PackNumberTaken(msgspec.Struct, frozen=True, kw_only=True, tag="paper.pack-number.1"):
    """The number of a printing, recorded before the press starts: every page of its packs bears it."""

    prefix: str
    number: int
    occasion: str  # cut, schedule, demand
    wards: tuple[str, ...]
    by: str = ""


class PackSet(msgspec.Struct, frozen=True, kw_only=True):
    """The pack of one ward as it came out. `reused`: its sheets were still true and were not set again."""

    ward: str
    pack: str
    patients: int
    pages: int
    data_at: str  # local time on the cover
    reused: bool = False
    replaced: int = 0  # sheets that became a page that says why
    last_resort: bool = False
    error: str = ""


class PacksSet(msgspec.Struct, frozen=True, kw_only=True, tag="paper.set.1"):
    """What one printing set, ward by ward. `set_at_ms` UTC milliseconds."""

    occasion: str
    set_at_ms: int
    seconds: float
    packs: tuple[PackSet, ...]
    by: str = ""


class PacksRequested(msgspec.Struct, frozen=True, kw_only=True, tag="paper.requested.1"):
    """Somebody asks for packs: `wards` empty for all; `printer` a code of the map, "ward" for each ward's own, or
    empty when the files are enough. `by` is her account.
    """

    wards: tuple[str, ...] = ()
    printer: str = ""
    forms: bool = True
    by: str = ""


PaperFact = (
    FormNumbersTaken
    | TubeNumbersTaken
    | FormsTaken
    | PackNumberTaken
    | PacksSet
    | PacksRequested
    | PaperPrinted
)
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(PaperFact).decode
KINDS: tuple[str, ...] = (
    "paper.form-numbers.1", "paper.forms-taken.1", "paper.pack-number.1", "paper.set.1", "paper.requested.1",
    "paper.printed.1", "paper.tube-numbers.1",
)  # fmt: skip


def encode(fact: PaperFact) -> bytes:
    """Return the body of a `paper.*` entry."""
    return _encode(fact)


def read_fact(kind: str, body: bytes) -> PaperFact | None:
    """Return what a `paper.*` entry says, None for another kind or for one that is newer than this program."""
    if kind not in KINDS:
        return None
    try:
        return _decode(body)
    except msgspec.MsgspecError:
        return None
