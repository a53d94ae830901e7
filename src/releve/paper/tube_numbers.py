"""Numbers of tubes, each given once, ever: counted by the acts of the island's own log, in the range reserved for it.

Taking them is an entry of its own, durable before a label is printed. An island whose name leaves no room for a range,
or that has used it up, draws its numbers where no island counts: two of a million such tubes are alike once in a
hundred times, and each still says whose it is.
"""

from hashlib import blake2b
from pathlib import Path

import msgspec
from django.http import HttpRequest

from releve.codecs.identifiers.made_here import TUBES_MAX, tube_drawn, tube_number, tubes_of
from releve.journal.folder import Log, own_log
from releve.journal.store import LogReader
from releve.paper.facts import TubeNumbersTaken, read_fact
from releve.paper.numbers import ACTS_AT_ONCE, drafts_of, prefix_of
from releve.views.turns import turn
from releve.web.acting import record_beside
from releve.web.database import data_folder

__all__ = ["take"]

# Forms whose numbers are remembered: pressed again after more than these, a form takes new ones.
FORMS_KEPT = 1_000


class _Known(msgspec.Struct, kw_only=True):
    """The last counter taken under a prefix, and how far the log was read."""

    prefix: str
    last: int = 0
    read_to: int = 0
    forms: dict[str, TubeNumbersTaken] = msgspec.field(default_factory=dict)


_known: dict[Path, _Known] = {}


def take(request: HttpRequest, act: str, copies: int) -> tuple[str, ...]:
    """Return one number for each tube of a printing; the same form for as many tubes always gets the same ones.

    Raises:
        NotRecorded: the recorder did not confirm that they are taken.
    """
    data = data_folder()
    log = own_log(data)
    start = tubes_of(log.origin, log.epoch)
    if start is None:
        return _drawn(act, copies)
    with turn(data, "tubes"):
        known = _read(log)
        taken = known.forms.get(act)
        if taken is None or taken.last - taken.first + 1 != copies:
            if known.last + copies > TUBES_MAX:
                return _drawn(act, copies)
            taken = TubeNumbersTaken(
                act=act, prefix=known.prefix, first=known.last + 1, last=known.last + copies
            )
            record_beside(request, *drafts_of(taken))
            _note(known, taken)
    return tuple(tube_number(start + counter) for counter in range(taken.first, taken.last + 1))


def _drawn(act: str, copies: int) -> tuple[str, ...]:
    """Return numbers drawn from the form's own key."""
    digests = (blake2b(f"{act}/{tube}".encode(), digest_size=8).digest() for tube in range(1, copies + 1))
    return tuple(tube_drawn(int.from_bytes(digest, "big")) for digest in digests)


def _read(log: Log) -> _Known:
    prefix = prefix_of(log)
    known = _known.get(log.path)
    if known is None or known.prefix != prefix:
        known = _known[log.path] = _Known(prefix=prefix)
    with LogReader(log.path) as reader:
        while acts := reader.read(known.read_to, ACTS_AT_ONCE, lane="act"):
            for entry in acts:
                fact = read_fact(entry.kind, entry.body)
                if isinstance(fact, TubeNumbersTaken) and fact.prefix == prefix:
                    _note(known, fact)
            known.read_to = acts[-1].index + 1
    return known


def _note(known: _Known, taken: TubeNumbersTaken) -> None:
    known.last = max(known.last, taken.last)
    known.forms[taken.act] = taken
    while len(known.forms) > FORMS_KEPT:
        known.forms.pop(next(iter(known.forms)))
