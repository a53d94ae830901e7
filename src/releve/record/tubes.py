"""The numbers of tubes that were printed here: whoever finds a tube finds its patient. Pure.

A tube carries a number of its own rather than the patient's (`releve.codecs.identifiers.made_here`); only the entry of
its printing says whose it is. A printing that the printer would not take counts too: some of its labels may be out.
"""

from collections.abc import Iterable
from typing import Any

import msgspec

from releve.codecs.identifiers.made_here import is_tube
from releve.journal.entry import Entry
from releve.views.reading import Context, Moment, NotRead, Row

__all__ = ["PRINTED_KIND", "TubesPrinted", "read_printed", "tubes_printed"]

PRINTED_KIND = "label.printed.1"


class TubesPrinted(msgspec.Struct, frozen=True, kw_only=True, tag=PRINTED_KIND):
    """What a printing of labels says of tubes: whose, of which visit, when (UTC ms), by whose account."""

    person: str
    visit: str = ""
    printed_at_ms: Moment
    by: str = ""
    tubes: tuple[str, ...] = ()


_decoder = msgspec.msgpack.Decoder(TubesPrinted)


def read_printed(entry: Entry, context: Context) -> Iterable[Any]:
    """Return the tubes of a printing; nothing for labels that carry no number of their own."""
    try:
        printed = _decoder.decode(entry.body)
    except msgspec.MsgspecError:
        return [NotRead(reason=f"{entry.kind}: expected the fields of this version of Relève")]
    return [printed] if printed.tubes else []


def tubes_printed(fact: TubesPrinted, context: Context) -> Iterable[Row]:
    """One row for each tube; two persons' tubes that drew one number stay two rows."""
    columns = {"visit": fact.visit or None, "printed_at": fact.printed_at_ms, "by": fact.by or None}
    return [
        Row("record_tube", f"{fact.person}/{number}", {"number": number, **columns})
        for number in fact.tubes
        if is_tube(number)
    ]
