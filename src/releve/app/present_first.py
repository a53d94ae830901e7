"""Who is in the hospital now comes first: after a cut, another island's log brings months of messages at once.

So does this island's own log when its views begin again from nothing. Such long backlogs are looked through quickly,
for who moved where last. Whoever is still there is folded first; then everybody else, in the order in which the logs
name them. Each patient is folded whole, out of all these logs at once and with every number that a message makes hers
or exchanges a bed with: nobody who left long ago is shown in a bed meanwhile, and no entry comes late, which would have
its patient folded again each time. Only the order of the work is decided here: what the views say in the end is the
same without it.
"""

import re
import time
from array import array
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path

from releve.journal.entry import Entry
from releve.journal.errors import FolderError
from releve.journal.folder import own_log
from releve.journal.reader import LogReader

__all__ = ["Place", "PresentFirst"]

Place = tuple[str, int]  # log, index

# From here on a fold takes seconds; looking an entry through takes a fiftieth of folding it (measured).
BACKLOG_MIN = 10_000
LOOK_AT_ONCE = 2_000
# What is still being pulled is waited for: who lay there when half of it had come may have left in the other half.
# An island that pours without end is waited for no longer than that; one that says so little is not waited for.
COMING_MIN = 1_000
CALM_SECONDS = 0.5
COMING_SECONDS_MAX = 120.0
_PAUSE_SECONDS = 0.02
# One patient's entries, at once; of a number that an island gives to everybody no step may take minutes.
WHOLE_MAX = 2_000
MESSAGE = "message.hl7v2"
_MSH = re.compile(rb"MSH\|(?:[^|\r]*\|){7}ADT\^(A\d\d)")
_PATIENT = re.compile(rb"[\r\n]PID\|[^|\r\n]*\|[^|\r\n]*\|([^|~^\r\n]+)")
_VISIT = re.compile(rb"[\r\n]PV1\|(?:[^|\r\n]*\|){18}([^|~\r\n]+)")
_MERGED = re.compile(rb"[\r\n]MRG\|([^|~^\r\n]+)")
# HL7 v2.5 §3.3: admitted, moved, back from leave, or what took such a one away was cancelled.
_THERE = frozenset(
    (b"A01", b"A02", b"A04", b"A06", b"A07", b"A12", b"A13", b"A21", b"A22", b"A32", b"A33", b"A52", b"A53")
)
_GONE = frozenset((b"A03", b"A11"))
# Two persons swapped their beds, or turned out to be one; a stay turned out to be another's: told of both together.
_MIXED = frozenset((b"A17", *(b"A%d" % number for number in (18, 30, 34, 35, 36, 39, *range(40, 52)))))

_INDEX_BITS = 40  # of a place kept as one number: beside the index, which of the logs


class _Backlog:
    """The long backlog of one log, `start` to `end`: looked through up to `at`, its patients taken up to `taken`."""

    def __init__(self, start: int, end: int) -> None:
        self.start = self.at = self.taken = start
        self.end = end
        self.began = time.monotonic()
        self.who = array("I")  # of each entry from `start` to `at`, whose it is; 0: nobody's


class _People:
    """Patient numbers, those of one person put together; each has a small number of its own, from 1 on."""

    def __init__(self) -> None:
        self._known: dict[bytes, int] = {}
        self._first: dict[int, int] = {}  # of those put together: by which one the others are found
        self._all: dict[int, list[int]] = {}
        # Of each stay the last move, whose it was and whether in: it may have become another number's since the first.
        self._moved: dict[bytes | int, tuple[tuple[int, int], int, bool]] = {}

    def number(self, patient: bytes) -> int:
        """Return the small number of a patient's number."""
        return self._known.setdefault(patient, len(self._known) + 1)

    def together(self, numbers: Iterable[int]) -> None:
        """Put these together with all that each is together with already."""
        firsts = list(dict.fromkeys(self._first.get(one, one) for one in numbers))
        for other in firsts[1:]:
            found = self._all.setdefault(firsts[0], [firsts[0]])
            for one in self._all.pop(other, [other]):
                self._first[one] = firsts[0]
                found.append(one)

    def with_(self, number: int) -> Sequence[int]:
        """Return all that are together with this one, itself among them."""
        return self._all.get(self._first.get(number, number), (number,))

    def moved(self, number: int, visit: bytes, hlc: tuple[int, int], *, there: bool) -> None:
        """Note a move; the latest of a stay counts, of a number where no stay is named."""
        stay = visit or number
        if stay not in self._moved or hlc >= self._moved[stay][0]:
            self._moved[stay] = hlc, number, there

    def there(self) -> Iterator[int]:
        """Yield whose stays have not ended."""
        return (number for _, number, there in self._moved.values() if there)


class PresentFirst:
    """What of long backlogs is folded before its turn."""

    def __init__(self, data: Path) -> None:
        self._backlogs: dict[str, _Backlog] = {}
        self._logs: list[str] = []
        self._people = _People()
        self._places: dict[int, array[int]] = {}  # by patient, of those not taken yet
        self._queue: deque[array[int]] = deque()  # taken, and next to be folded: each a patient's
        self._listed = True  # those who are there stand in the queue, or were folded
        self._came = 0.0  # when more of what is looked through came last
        try:
            self._own = own_log(data).origin
        except FolderError:
            self._own = ""

    def turn(self, log: str, reader: LogReader, position: int, most: int) -> list[Place] | None:
        """Return what to fold before its turn, about `most` entries; None when the next one of this log is due.

        None at all: it is still being looked through, and nothing is folded.
        """
        if self._begins(log, reader, position):
            return None
        backlog = self._backlogs[log]
        if backlog.at < backlog.end:
            self._look(log, backlog, reader)
            return []
        if any(other.at < other.end for other in self._backlogs.values()):
            return []  # a discharge may stand in the other one
        if not self._listed:
            if self._still_comes(backlog, reader):
                return []
            self._listed = True
            others, self._queue = self._queue, deque()
            self._take(self._people.there())
            self._queue.extend(others)
        if not self._queue:
            self._take_next(backlog, position, most)
        part: list[int] = []
        while self._queue and len(part) < most:
            places = self._queue.popleft()
            if len(places) > WHOLE_MAX:
                self._queue.appendleft(places[WHOLE_MAX:])
            part.extend(places[:WHOLE_MAX])
        return [self._place(number) for number in sorted(part)] or None

    def up_to(self, log: str, size: int) -> int:
        """Return up to where the next entries of this log, of `size`, may be folded in their order."""
        backlog = self._backlogs.get(log)
        return size if backlog is None or backlog.taken >= backlog.end else backlog.taken

    def _begins(self, log: str, reader: LogReader, position: int) -> bool:
        """Begin a long backlog of this log where there is one, or take in what came since; tell whether it has none."""
        backlog = self._backlogs.get(log)
        if backlog is not None and position >= backlog.end:
            del self._backlogs[log]  # all of it was folded
            backlog = None
        # What this island's own fold is behind came just now, and is shown as it comes. Where nothing of it
        # is folded yet the views begin again, and no bed is to show whoever lay there once.
        if log.partition("/")[0] == self._own and position > 0 and backlog is None:
            return True
        if backlog is None:
            # A shorter one joins those that are being looked through: its patients are theirs.
            if reader.size - position <= (BACKLOG_MIN if self._listed else 0):
                return True
            self._backlogs[log] = _Backlog(position, reader.size)
        elif not self._listed or reader.size - backlog.end <= BACKLOG_MIN:
            return False
        else:
            backlog.end = reader.size
        self._came, self._listed = time.monotonic(), False
        return False

    def _still_comes(self, backlog: _Backlog, reader: LogReader) -> bool:
        """Return whether more of a backlog that was looked through is coming; take it in, or wait a moment for it."""
        now, size = time.monotonic(), reader.size
        if now - backlog.began > COMING_SECONDS_MAX:
            return False
        if size - backlog.end >= COMING_MIN:
            backlog.end, self._came = size, now
            return True
        if now - self._came < CALM_SECONDS:
            time.sleep(_PAUSE_SECONDS)
            return True
        return False

    def _look(self, log: str, backlog: _Backlog, reader: LogReader) -> None:
        if log not in self._logs:
            self._logs.append(log)
        number = self._logs.index(log) << _INDEX_BITS
        entries = reader.read(backlog.at, min(LOOK_AT_ONCE, backlog.end - backlog.at))
        for entry in entries:
            patient = _PATIENT.search(entry.body) if entry.kind == MESSAGE else None
            who = 0 if patient is None else self._people.number(patient[1])
            backlog.who.append(who)
            if who:
                self._places.setdefault(who, array("q")).append(number | entry.index)
                self._note(entry, who)
        backlog.at = entries[-1].index + 1 if entries else backlog.end

    def _note(self, entry: Entry, who: int) -> None:
        event = _MSH.match(entry.body)
        if event is None:
            return
        if event[1] in _MIXED:
            named = (*_PATIENT.findall(entry.body), *_MERGED.findall(entry.body))
            self._people.together(map(self._people.number, named))
        if event[1] in _THERE | _GONE:
            visit = _VISIT.search(entry.body)
            self._people.moved(who, visit[1] if visit else b"", entry.hlc, there=event[1] in _THERE)

    def _take(self, patients: Iterable[int]) -> int:
        """Put all that is told of these patients into the queue; return how many entries that is."""
        found = 0
        for patient in patients:
            taken = [self._places.pop(one) for one in self._people.with_(patient) if one in self._places]
            if taken:
                whole = array("q", chain.from_iterable(taken)) if len(taken) > 1 else taken[0]
                self._queue.append(whole)
                found += len(whole)
        return found

    def _take_next(self, backlog: _Backlog, position: int, most: int) -> None:
        """Take the patients whom the next entries name, until `most` entries of theirs are to be folded."""
        found = 0
        backlog.taken = max(position, backlog.taken)
        while backlog.taken < min(position + LOOK_AT_ONCE, backlog.end) and found < most:
            who = backlog.who[backlog.taken - backlog.start]
            backlog.taken += 1
            if who in self._places:
                found += self._take((who,))

    def _place(self, number: int) -> Place:
        return self._logs[number >> _INDEX_BITS], number & ((1 << _INDEX_BITS) - 1)
