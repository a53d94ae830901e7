"""What is said of islands becomes rows, one an entry: which count is decided where they are read. Pure."""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from releve.islands.facts import IslandFact, subject
from releve.islands.introduction import IntroductionError, checked
from releve.islands.retention_facts import RetentionFact
from releve.journal.entry import Entry
from releve.journal.power import nonce_of, signers
from releve.views.reading import Context, NotRead, Row

__all__ = ["FOLDS", "KINDS", "read"]

KINDS = (
    "islands.joined.1", "islands.key.1", "islands.left.1", "islands.cut.1", "islands.archived.1", "islands.dropped.1",
    "islands.redacted.1",
)  # fmt: skip
_decoder = msgspec.msgpack.Decoder(IslandFact | RetentionFact)


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """One entry about an island; `person` is the subject, no patient."""

    said: IslandFact | RetentionFact
    kind: str
    person: str
    signed_by: tuple[str, ...]
    nonce: str


def read(entry: Entry, context: Context) -> Iterable[Said | NotRead]:
    """Return what an `islands.*` entry says, with the keys whose signatures on it hold."""
    try:
        said = _decoder.decode(entry.body)
        introduction = getattr(said, "introduction", None)
        if introduction is not None:
            checked(introduction)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, IntroductionError):
        yield NotRead(reason=f"{entry.kind}: expected the fields of this version of Relève")
        return
    yield Said(
        said=said,
        kind=entry.kind,
        person=subject(said.island),
        signed_by=signers(entry.kind, entry.body),
        nonce=nonce_of(entry.body),
    )


def fold_said(fact: Said, context: Context) -> Iterable[Row]:
    """Return the one row of an entry."""
    columns = {
        "kind": fact.kind,
        "island": fact.said.island,
        "body": msgspec.json.encode(fact.said).decode(),
        "signed_by": msgspec.json.encode(fact.signed_by).decode(),
        "statement": fact.nonce or None,
    }
    yield Row("hospital_island", f"{context.log}#{context.index}", columns)


FOLDS: dict[type, Callable[[Any, Context], Iterable[Row]]] = {Said: fold_said}
