"""Numbers made here, each given once, ever: IPP, visit, movement, from the ranges reserved for this island.

A number is the island's name, a letter for its sort, a counter: `AP000118`, `AV000342`, `AM000007`. Taking it is an
entry of its own, durable before the number is used; what is recorded is what was taken, no counter is kept elsewhere.
A new epoch of the log names itself in the prefix (`A.2P000001`): it begins when the one before it may
have lost its end.
"""

import contextlib
from pathlib import Path

import msgspec
from django.http import HttpRequest

from releve.departments.admissions.facts import NumbersTaken
from releve.journal.entry import Draft
from releve.journal.folder import own_log
from releve.journal.store import LogReader
from releve.views.turns import turn
from releve.web.acting import record_beside
from releve.web.database import data_folder

__all__ = ["Numbers", "namespace_of", "numbers_of", "take"]

ACTS_AT_ONCE = 500
KIND = "admissions.numbers.1"
# Forms whose numbers are remembered: pressed again after more than these, a form takes new numbers.
FORMS_KEPT = 10_000
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(NumbersTaken).decode


class Numbers(msgspec.Struct, frozen=True, kw_only=True):
    """What one act was given, "" for a sort it did not ask for; `namespace` is the authority of the IPP."""

    namespace: str
    ipp: str = ""
    visit: str = ""
    movement: str = ""


class _Known(msgspec.Struct, kw_only=True):
    """The last counters taken under a prefix, and how far the log was read."""

    prefix: str
    person: int = 0
    visit: int = 0
    movement: int = 0
    read_to: int = 0
    forms: dict[str, NumbersTaken] = msgspec.field(default_factory=dict)


_known: dict[Path, _Known] = {}


def namespace_of(origin: str) -> str:
    """Return the assigning authority of the numbers an island makes (PID-3.4.1).

    >>> namespace_of("a")
    'RELEVE-A'
    """
    return f"RELEVE-{origin.upper()}"


def numbers_of(taken: NumbersTaken, origin: str) -> Numbers:
    """Return the numbers as they are written.

    >>> numbers_of(NumbersTaken(act="k", prefix="A", person=118, movement=7), "a")
    Numbers(namespace='RELEVE-A', ipp='AP000118', visit='', movement='AM000007')
    """
    # The last letter before the figures is the sort, so no name of an island makes two numbers read alike.
    written = {
        sort: f"{taken.prefix}{letter}{counter:06d}" if counter else ""
        for sort, letter, counter in (
            ("ipp", "P", taken.person),
            ("visit", "V", taken.visit),
            ("movement", "M", taken.movement),
        )
    }
    return Numbers(namespace=namespace_of(origin), **written)


def take(request: HttpRequest, act: str, *, person: bool = False, visit: bool = False) -> Numbers:
    """Return numbers for one act: a movement, and a visit and a person when asked for.

    The same form always gets the same ones: they are looked for under its key before any are taken.

    Raises:
        NotRecorded: the recorder did not confirm that they are taken.
    """
    data = data_folder()
    log = own_log(data)
    with turn(data, "admissions"):
        known = _read(log.path, log.origin.upper() + (f".{log.epoch}" if log.epoch > 1 else ""))
        taken = known.forms.get(act)
        if taken is None:
            taken = NumbersTaken(
                act=act,
                prefix=known.prefix,
                person=known.person + 1 if person else 0,
                visit=known.visit + 1 if visit else 0,
                movement=known.movement + 1,
            )
            record_beside(request, Draft(kind=KIND, body=_encode(taken), source=""))
            _note(known, taken)
    return numbers_of(taken, log.origin)


def _read(path: Path, prefix: str) -> _Known:
    known = _known.get(path)
    if known is None or known.prefix != prefix:
        known = _known[path] = _Known(prefix=prefix)
    with LogReader(path) as reader:
        while acts := reader.read(known.read_to, ACTS_AT_ONCE, lane="act"):
            for entry in acts:
                if entry.kind == KIND:
                    with contextlib.suppress(msgspec.MsgspecError):
                        _note(known, _decode(entry.body))
            known.read_to = acts[-1].index + 1
    return known


def _note(known: _Known, taken: NumbersTaken) -> None:
    if taken.prefix != known.prefix:
        return
    known.person = max(known.person, taken.person)
    known.visit = max(known.visit, taken.visit)
    known.movement = max(known.movement, taken.movement)
    known.forms[taken.act] = taken
    while len(known.forms) > FORMS_KEPT:
        known.forms.pop(next(iter(known.forms)))
