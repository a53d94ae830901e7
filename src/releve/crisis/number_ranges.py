"""How many numbers this island has given and has left: read from its own log, a piece at a time.

A number begins with the island's name, which no other island bears, and holds a counter of six figures: that is its
range. An order is numbered by the key of its act, 60 bits drawn by lot: that has no end and is not counted here.
The request of an exam is a form on paper: its number is the exam's too (accession).
"""

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from releve.codecs.identifiers.made_here import TUBES_MAX, form_number, tube_number, tubes_of
from releve.departments.admissions.facts import NumbersTaken
from releve.departments.admissions.ranges import KIND, numbers_of
from releve.journal.errors import JournalError
from releve.journal.folder import Log, own_log
from releve.journal.reader import LogReader
from releve.paper.facts import FormNumbersTaken, TubeNumbersTaken, read_fact
from releve.paper.numbers import FORM_NUMBER_MAX, prefix_of
from releve.web.templatetags.releve import count

__all__ = ["LOW", "Range", "Ranges", "ranges_now"]

# A tenth of what there is: at a thousand forms a day that leaves three months.
LOW = 0.1
# One reading of the overview must not wait for a year of acts: the rest comes with the next ones.
ACTS_AT_ONCE = 500
SECONDS_AT_ONCE = 0.1
_decode = msgspec.msgpack.Decoder(NumbersTaken).decode


class Range(msgspec.Struct, frozen=True, kw_only=True):
    """The numbers of one sort. `example` is the next one to be given."""

    name: Any
    example: str
    given: int
    most: int = FORM_NUMBER_MAX

    @property
    def left(self) -> int:
        """How many can still be given."""
        return max(0, self.most - self.given)

    @property
    def low(self) -> bool:
        """Whether somebody should see to it."""
        return self.left < self.most * LOW

    @property
    def left_words(self) -> str:
        """How many are left, as people read it."""
        return count(self.left)


class Ranges(msgspec.Struct, frozen=True, kw_only=True):
    """All sorts. `complete`: the whole log was counted; until then more may have been given.

    `tubes_drawn`: the island's name leaves no room for a range of tubes, their numbers are drawn by lot.
    """

    lines: tuple[Range, ...] = ()
    complete: bool = True
    tubes_drawn: bool = False

    @property
    def low(self) -> tuple[Range, ...]:
        """Those that are nearly used up."""
        return tuple(line for line in self.lines if line.low)


class _Counted(msgspec.Struct, kw_only=True):
    prefix: str
    person: int = 0
    visit: int = 0
    movement: int = 0
    form: int = 0
    tube: int = 0
    read_to: int = 0
    complete: bool = False


_counted: dict[Path, _Counted] = {}
_lock = threading.Lock()


def ranges_now(data: Path) -> Ranges:
    """Return the numbers given and left; what could not be counted in a tenth of a second comes the next time."""
    try:
        log = own_log(data)
        with _lock:
            known = _counted.setdefault(log.path, _Counted(prefix=prefix_of(log)))
            _count(known, log)
            return Ranges(
                lines=tuple(_lines(known, log)),
                complete=known.complete,
                tubes_drawn=tubes_of(log.origin, log.epoch) is None,
            )
    except (JournalError, OSError):
        return Ranges(complete=False)


def _count(known: _Counted, log: Log) -> None:
    until = time.monotonic() + SECONDS_AT_ONCE
    known.complete = False
    with LogReader(log.path) as reader:
        while acts := reader.read(known.read_to, ACTS_AT_ONCE, lane="act"):
            for entry in acts:
                _note(known, entry.kind, entry.body)
            known.read_to = acts[-1].index + 1
            if time.monotonic() >= until and len(acts) == ACTS_AT_ONCE:
                return
    known.complete = True


def _note(known: _Counted, kind: str, body: bytes) -> None:
    if kind == KIND:
        try:
            taken = _decode(body)
        except msgspec.MsgspecError:
            return
        # Admissions write their epoch without the dot that closes it.
        if taken.prefix == known.prefix.rstrip("."):
            known.person = max(known.person, taken.person)
            known.visit = max(known.visit, taken.visit)
            known.movement = max(known.movement, taken.movement)
        return
    fact = read_fact(kind, body)
    if isinstance(fact, FormNumbersTaken) and fact.prefix == known.prefix:
        known.form = max(known.form, fact.last)
    elif isinstance(fact, TubeNumbersTaken) and fact.prefix == known.prefix:
        known.tube = max(known.tube, fact.last)


def _lines(known: _Counted, log: Log) -> Iterator[Range]:
    following = NumbersTaken(
        act="",
        prefix=known.prefix.rstrip("."),
        person=known.person + 1,
        visit=known.visit + 1,
        movement=known.movement + 1,
    )
    written = numbers_of(following, log.origin)
    yield Range(name=_("Person (IPP)"), example=written.ipp, given=known.person)
    yield Range(name=_("Stay or visit"), example=written.visit, given=known.visit)
    yield Range(name=_("Movement"), example=written.movement, given=known.movement)
    yield Range(
        name=_("Form on paper, and the exam it asks for (accession)"),
        example=form_number(known.prefix, known.form + 1),
        given=known.form,
    )
    start = tubes_of(log.origin, log.epoch)
    if start is not None:
        following_tube = tube_number(start + min(known.tube + 1, TUBES_MAX))
        yield Range(
            name=pgettext_lazy("reserved", "Tube"), example=following_tube, given=known.tube, most=TUBES_MAX
        )
