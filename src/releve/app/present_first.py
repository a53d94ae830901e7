"""Who is in the hospital now comes first: after a cut, another island's log brings months of messages at once.

So does this island's own log when its views begin again from nothing. Such a long backlog is looked through quickly,
for who moved where last; what was said of those who are still there, and every end of a stay, is folded before the
rest, in whose order it stands nevertheless. Only the order of the work is decided here: what the views say in the end
is the same without it.
"""

import re
from array import array
from pathlib import Path

from releve.journal.entry import Entry
from releve.journal.errors import FolderError
from releve.journal.folder import own_log
from releve.journal.reader import LogReader

__all__ = ["PresentFirst"]

# From here on a fold takes a minute; looking an entry through takes a fiftieth of folding it (measured).
BACKLOG_MIN = 10_000
LOOK_AT_ONCE = 2_000
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


class _Backlog:
    """The long backlog of one log, from `at` to `end`."""

    def __init__(self, at: int, end: int) -> None:
        self.at, self.end = at, end
        self.places: dict[bytes, array[int]] = {}  # by patient
        # Every end of a stay, and every mix-up that was put right: who left long ago, or never lay there, must not lie
        # there again meanwhile.
        self.ended = array("q")
        self.first: array[int] | None = None  # of those present, once all backlogs were looked through


class PresentFirst:
    """What of long backlogs is folded before its turn."""

    def __init__(self, data: Path) -> None:
        self._backlogs: dict[str, _Backlog] = {}
        self._moved: dict[
            bytes, tuple[tuple[int, int], bool]
        ] = {}  # when a patient moved last, and whether in
        try:
            self._own = own_log(data).origin
        except FolderError:
            self._own = ""

    def turn(self, log: str, reader: LogReader, position: int, most: int) -> list[int] | None:
        """Return which entries of this log to fold next, before their turn; None when the next one in order is due.

        None at all: it is still being looked through, and nothing of it is folded.
        """
        backlog = self._backlogs.get(log)
        if backlog is None or (backlog.first is not None and not backlog.first):
            start = max(position, backlog.end if backlog is not None else 0)
            # What this island's own fold is behind came just now, and is shown as it comes. Where nothing of it
            # is folded yet the views begin again, and no bed is to show whoever lay there once.
            begins = position == 0 or (backlog is not None and position < backlog.end)
            in_order = log.partition("/")[0] == self._own and not begins
            if in_order or reader.size - start <= BACKLOG_MIN:
                return None
            backlog = self._backlogs[log] = _Backlog(start, reader.size)
        if backlog.at < backlog.end:
            self._look(backlog, reader)
            return []
        if any(other.at < other.end for other in self._backlogs.values()):
            return []  # a discharge may stand in the other one
        if backlog.first is None:
            backlog.first = array("q", sorted({*self._of_present(backlog), *backlog.ended}))
            backlog.places, backlog.ended = {}, array("q")
        part, backlog.first = backlog.first[:most], backlog.first[most:]
        return list(part) or None

    def _look(self, backlog: _Backlog, reader: LogReader) -> None:
        entries = reader.read(backlog.at, min(LOOK_AT_ONCE, backlog.end - backlog.at))
        for entry in entries:
            if entry.kind == MESSAGE:
                self._note(backlog, entry)
        backlog.at = entries[-1].index + 1 if entries else backlog.end

    def _note(self, backlog: _Backlog, entry: Entry) -> None:
        named = _PATIENT.search(entry.body)
        if named is None:
            return
        patient = named[1]
        backlog.places.setdefault(patient, array("q")).append(entry.index)
        moved = _MSH.match(entry.body)
        if moved is not None and moved[1] in _GONE | _MIXED:
            backlog.ended.append(entry.index)
        if moved is None or moved[1] not in _THERE | _GONE:
            return
        if entry.hlc >= self._moved.get(patient, ((-1, -1), False))[0]:
            self._moved[patient] = entry.hlc, moved[1] in _THERE

    def _of_present(self, backlog: _Backlog) -> list[int]:
        return [
            index
            for patient, places in backlog.places.items()
            if self._moved.get(patient, ((-1, -1), False))[1]
            for index in places
        ]
