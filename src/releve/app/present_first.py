"""Who is in the hospital now comes first: after a cut, another island's log brings months of messages at once.

So does this island's own log when its views begin again from nothing. Such long backlogs are looked through quickly,
for who moved where last. Whoever is still there is folded first; then everybody else, in the order in which the logs
name them. Each patient is folded whole, out of all these logs at once: nobody who left long ago is shown in a bed
meanwhile, and no entry comes late, which would have its patient folded again each time. Only the order of the work is
decided here: what the views say in the end is the same without it.
"""

import re
from array import array
from collections import deque
from collections.abc import Iterable
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
# One patient's entries, at once; of a number that an island gives to everybody no step may take minutes.
WHOLE_MAX = 2_000
MESSAGE = "message.hl7v2"
_MSH = re.compile(rb"MSH\|(?:[^|\r]*\|){7}ADT\^(A\d\d)")
_PATIENT = re.compile(rb"[\r\n]PID\|[^|\r\n]*\|[^|\r\n]*\|([^|~^\r\n]+)")
# HL7 v2.5 §3.3: admitted, moved, back from leave, or what took such a one away was cancelled.
_THERE = frozenset(
    (b"A01", b"A02", b"A04", b"A06", b"A07", b"A12", b"A13", b"A21", b"A22", b"A32", b"A33", b"A52", b"A53")
)
_GONE = frozenset((b"A03", b"A11"))
# Two persons swapped their beds, or turned out to be one; a stay turned out to be another's.
_MIXED = frozenset((b"A17", *(b"A%d" % number for number in (18, 30, 34, 35, 36, 39, *range(40, 52)))))

_INDEX_BITS = 40  # of a place kept as one number: beside the index, which of the logs


class _Backlog:
    """The long backlog of one log: looked through up to `at`, its patients taken up to `taken`, of `end`."""

    def __init__(self, at: int, end: int) -> None:
        self.at = self.taken = at
        self.end = end


class PresentFirst:
    """What of long backlogs is folded before its turn."""

    def __init__(self, data: Path) -> None:
        self._backlogs: dict[str, _Backlog] = {}
        self._logs: list[str] = []
        self._places: dict[bytes, array[int]] = {}  # by patient, of those not taken yet
        self._mixed = array("q")  # who never lay there must not lie there meanwhile
        self._queue: deque[array[int]] = deque()  # taken, and next to be folded: each a patient's
        self._listed = True  # those who are there stand in the queue, or were folded
        # When a patient moved last, and whether in.
        self._moved: dict[bytes, tuple[tuple[int, int], bool]] = {}
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
            self._listed = True
            if self._mixed:
                self._queue.append(self._mixed)
                self._mixed = array("q")
            self._take(patient for patient in list(self._places) if self._is_there(patient))
        if not self._queue:
            self._take_next(backlog, reader, position, most)
        part: list[int] = []
        while self._queue and len(part) < most:
            places = self._queue.popleft()
            if len(places) > WHOLE_MAX:
                self._queue.appendleft(places[WHOLE_MAX:])
            part.extend(places[:WHOLE_MAX])
        return [self._place(number) for number in sorted(part)] or None

    def _begins(self, log: str, reader: LogReader, position: int) -> bool:
        """Begin a long backlog of this log where there is one; return whether it has none."""
        backlog = self._backlogs.get(log)
        if backlog is not None and (backlog.at < backlog.end or not self._listed or self._queue):
            return False
        start = max(position, backlog.end if backlog is not None else 0)
        # What this island's own fold is behind came just now, and is shown as it comes. Where nothing of it
        # is folded yet the views begin again, and no bed is to show whoever lay there once.
        begins = position == 0 or (backlog is not None and position < backlog.end)
        in_order = log.partition("/")[0] == self._own and not begins
        # A shorter one joins those that are being looked through: its patients are theirs.
        least = 0 if not self._listed else BACKLOG_MIN
        if not in_order and reader.size - start > least:
            taken = backlog.taken if backlog is not None else start
            backlog = self._backlogs[log] = _Backlog(start, reader.size)
            backlog.taken = taken
            self._listed = False
        return backlog is None or position >= backlog.end

    def _look(self, log: str, backlog: _Backlog, reader: LogReader) -> None:
        if log not in self._logs:
            self._logs.append(log)
        number = self._logs.index(log) << _INDEX_BITS
        entries = reader.read(backlog.at, min(LOOK_AT_ONCE, backlog.end - backlog.at))
        for entry in entries:
            patient = _patient(entry)
            if patient is not None:
                self._note(entry, patient, number | entry.index)
        backlog.at = entries[-1].index + 1 if entries else backlog.end

    def _note(self, entry: Entry, patient: bytes, place: int) -> None:
        self._places.setdefault(patient, array("q")).append(place)
        moved = _MSH.match(entry.body)
        if moved is None:
            return
        if moved[1] in _MIXED:
            self._mixed.append(place)
        if moved[1] in _THERE | _GONE and entry.hlc >= self._moved.get(patient, ((-1, -1), False))[0]:
            self._moved[patient] = entry.hlc, moved[1] in _THERE

    def _is_there(self, patient: bytes) -> bool:
        return self._moved.get(patient, ((-1, -1), False))[1]

    def _take(self, patients: Iterable[bytes]) -> None:
        for patient in patients:
            if places := self._places.pop(patient, None):
                self._queue.append(places)

    def _take_next(self, backlog: _Backlog, reader: LogReader, position: int, most: int) -> None:
        """Take the patients whom the next `most` entries name, until that many entries of theirs are to be folded."""
        start, found = max(position, backlog.taken), 0
        for entry in reader.read(start, max(0, min(position + most, backlog.end) - start)):
            backlog.taken = entry.index + 1
            patient = _patient(entry)
            if patient is not None:
                found += len(self._places.get(patient, ()))
                self._take((patient,))
            if found >= most:
                return

    def _place(self, number: int) -> Place:
        return self._logs[number >> _INDEX_BITS], number & ((1 << _INDEX_BITS) - 1)


def _patient(entry: Entry) -> bytes | None:
    """Return the first number that a message gives its patient: enough to say in which order to work."""
    named = _PATIENT.search(entry.body) if entry.kind == MESSAGE else None
    return named[1] if named is not None else None
