"""Numbers that are printed once, ever: of printings and of blank forms, counted by the acts of the island's own log.

A new epoch begins when the log before it may have lost its end: the prefix then names the epoch too, so that no
number can come back. The counter is not kept anywhere else: what is recorded is what was taken.
"""

from contextlib import AbstractContextManager
from pathlib import Path

import msgspec

from releve.journal.entry import Draft
from releve.journal.folder import Log, own_log
from releve.journal.store import LogReader
from releve.paper.facts import FormNumbersTaken, PackNumberTaken, TubeNumbersTaken, encode, read_fact
from releve.paper.forms import FormNumbers
from releve.views.turns import turn

__all__ = ["FORM_NUMBER_MAX", "Counters", "drafts_of", "numbers_lock", "prefix_of", "read_counters"]

FORM_NUMBER_MAX = 999_999  # six digits on the form
ACTS_AT_ONCE = 500


class Counters(msgspec.Struct, frozen=True, kw_only=True):
    """The next printing and the form numbers left. `read_to` is how far the log was read."""

    prefix: str
    printing: int
    first_form: int
    read_to: int = 0

    def forms(self) -> FormNumbers:
        """Return the form numbers that were never taken."""
        return FormNumbers(prefix=self.prefix, first=self.first_form, last=FORM_NUMBER_MAX)

    def pack_id(self, ward: str) -> str:
        """Return the number of this printing of a ward's pack, such as `3120-A41`."""
        # Island A at its 41st printing is not island A4 at its first: a name that ends with a figure ends with a dot.
        close = "." if self.prefix[-1:].isdigit() else ""
        return f"{ward}-{self.prefix}{close}{self.printing}"


def numbers_lock(data: Path) -> AbstractContextManager[None]:
    """Return the right to take numbers: between reading the counters and recording what was taken."""
    return turn(data, "paper")


def prefix_of(log: Log) -> str:
    """Return how the numbers of a log begin: the island's name, and from its second epoch on that too.

    >>> prefix_of(Log("a", 1, Path())), prefix_of(Log("a", 2, Path()))
    ('A', 'A.2.')
    """
    return log.origin.upper() + (f".{log.epoch}." if log.epoch > 1 else "")


def read_counters(data: Path, before: Counters | None = None) -> Counters:
    """Return the counters of the island's own log; `before` saves reading it again from its start."""
    log = own_log(data)
    prefix = prefix_of(log)
    if before is None or before.prefix != prefix:
        before = Counters(prefix=prefix, printing=1, first_form=1)
    printing, first_form, start = before.printing, before.first_form, before.read_to
    with LogReader(log.path) as reader:
        while acts := reader.read(start, ACTS_AT_ONCE, lane="act"):
            for entry in acts:
                fact = read_fact(entry.kind, entry.body)
                if isinstance(fact, PackNumberTaken) and fact.prefix == prefix:
                    printing = max(printing, fact.number + 1)
                elif isinstance(fact, FormNumbersTaken) and fact.prefix == prefix:
                    first_form = max(first_form, fact.last + 1)
            start = acts[-1].index + 1
    return Counters(prefix=prefix, printing=printing, first_form=first_form, read_to=start)


def drafts_of(*facts: PackNumberTaken | FormNumbersTaken | TubeNumbersTaken) -> list[Draft]:
    """Return the acts that take these numbers."""
    return [Draft(kind=str(fact.__struct_config__.tag), body=encode(fact), source="paper") for fact in facts]
