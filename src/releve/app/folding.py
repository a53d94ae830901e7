"""The fold: entries of every log into one generation of the views, each step one transaction.

Needs Django (`prepare_django`) before it is imported.
"""

import gc
import logging
import traceback
from collections.abc import Callable
from itertools import takewhile
from pathlib import Path

from django.db import InternalError, OperationalError, transaction

from releve.app.ahead import Ahead
from releve.app.clock import now_us
from releve.app.generation import positions_of
from releve.app.offers import OFFERS, fold_version, make_interpreter
from releve.app.pace import ENTRIES_BULK, ENTRIES_LIVE
from releve.app.present_first import Place, PresentFirst
from releve.app.restated import Restated
from releve.hospital.belonging import Belonging
from releve.hospital.heartbeat import Heartbeat
from releve.hospital.map import HospitalMap
from releve.islands.membership import read_lines
from releve.journal.carried import CARRIED_KINDS
from releve.journal.entry import Entry
from releve.journal.errors import JournalError
from releve.journal.folder import logs
from releve.journal.power import MANAGERS_NEEDED, signers
from releve.journal.store import LogReader
from releve.record.board_changes import note_ward_changes
from releve.views.database import (
    open_views,
)
from releve.views.projector import Placed, Projector
from releve.views.removed import removed_by, take_out, told_of

__all__ = ["ENTRIES_BULK", "ENTRIES_LIVE", "Folder", "version_now"]

log_ = logging.getLogger("releve.fold")
# Kinds that count by the managers' signatures alone: folded even beyond a cut line, so that two lines that each stand
# beyond the other give the same on every island.
SIGNED_BY_ITSELF = ("islands.", "account.managers.", "account.managers-removed.")
# A message and its segments point at one another and die together. Python's default of looking every 700 objects
# costs a third of the time; looking once after each transaction, at the young ones only, costs 2 % and keeps
# memory flat (measured; between transactions, a limit far above one batch guards against a monstrous message).
GC_THRESHOLD = (2_000_000, 50, 1_000)

# What says nothing about an entry: the disk, a lock, a damaged log. Trying again later may help; skipping would not.
_NOT_OF_AN_ENTRY = (OperationalError, InternalError, JournalError, OSError, MemoryError)


class Folder:
    """The journal on one side, one generation of the views on the other."""

    def __init__(
        self,
        data: Path,
        generation: Path,
        hospital: HospitalMap,
        alias: str = "fold",
        without: frozenset[str] = frozenset(),
        *,
        shown: bool = True,
    ) -> None:
        """`without`: logs (ORIGIN/EPOCH) to fold as if they were not here; `shown`: people read it meanwhile."""
        gc.set_threshold(*GC_THRESHOLD)
        self.data = data
        self.without = without
        self.generation = generation
        self.lines = read_lines(data)
        self.version = fold_version(hospital, self.lines)
        self.islands_changed = False  # something was said of islands or managers: who belongs is decided anew
        self.connection = open_views(generation, alias)
        self._readers: dict[str, LogReader] = {}
        self._positions: dict[str, int] = {}
        self._ahead: dict[str, Ahead] = {}
        self.acts_ahead = 0  # how many own acts the last step took ahead of a backlog
        self._looked: dict[str, int] = {}  # up to where own acts were looked for ahead of their turn
        self._first = PresentFirst(data) if shown else None  # read by nobody: in order alone
        self._hospital = hospital
        self.projector = self._new_projector()
        self._restated = Restated(self.connection, self._fetch, data)
        self._positions.update(positions_of(self.connection))
        with self.connection.cursor() as cursor:
            cursor.execute('SELECT log, "index" FROM views_ahead')
            for log, index in cursor.fetchall():
                self._ahead.setdefault(log, Ahead()).add((index,))
        self._note("fold_version", self.version)

    @property
    def positions(self) -> dict[str, int]:
        """How many entries of each log are folded."""
        return dict(self._positions)

    def logs(self) -> list[str]:
        """Return the names of the logs on this disk, opening new ones."""
        for log in logs(self.data):
            if log.name not in self._readers and log.name not in self.without:
                self._readers[log.name] = LogReader(log.path)
        return list(self._readers)

    def behind(self) -> int:
        """Return how many entries are not folded yet."""
        return sum(max(0, self._readers[log].size - self._positions.get(log, 0)) for log in self.logs())

    def step(self, entries_max: int, until: dict[str, int] | None = None, *, backlog: bool = True) -> int:
        """Fold the next acts, then the next entries; return how many. One transaction each.

        `until`: how far to go in each log; one it does not name is not read. `backlog`: of a log that is further
        behind than `entries_max`, its next entries too; otherwise its acts alone.
        """
        taken = self.acts_ahead = 0
        due: list[tuple[str, int, int]] = []
        for log in self.logs():
            reader, position = self._readers[log], self._positions.get(log, 0)
            size = reader.size if until is None else until.get(log, 0)
            if size <= position:
                continue
            if self._first and until is None and size - position > entries_max:
                acts = self._acts_first(log, reader, position)
                taken, self.acts_ahead = taken + acts, self.acts_ahead + acts
                if not backlog:
                    continue
                first = self._first.turn(log, reader, position, entries_max)
                if first is not None:
                    self.fold_ahead(self._not_yet(first), lambda count: None)
                    taken += 1 + len(first)
                    continue
                size = self._first.up_to(log, size)
            due.append((log, position, size))
        return taken + self._in_order(due, entries_max)

    def _in_order(self, due: list[tuple[str, int, int]], entries_max: int) -> int:
        """Fold what is next, out of the logs that are folded from `position` to `size`.

        While nobody reads the views the earliest of all logs comes first: of two islands' logs of the same months one
        would run ahead, and have each patient folded again and again. While people read them, no island may make the
        others wait by telling an earlier hour.
        """
        share = -(-entries_max // max(1, len(due)))
        starts: dict[str, int] = {}
        parts: dict[str, list[Entry]] = {}
        for log, position, size in due:
            # What was folded ahead need not be read again.
            start = starts[log] = self._ahead.get(log, Ahead()).run_from(position, size)
            parts[log] = self._readers[log].read(start, min(share, size - start))
        if self._first is None and len(parts) > 1:
            _up_to_the_earliest(parts, {log: size for log, _, size in due})
        placed = [(log, entry) for log, entries in parts.items() for entry in entries]
        ends = {log: entries[-1].index + 1 if entries else starts[log] for log, entries in parts.items()}
        ends = {log: ends[log] for log, position, _ in due if ends[log] > position}
        if not ends:
            return 0
        self._take(placed, ends)
        gc.collect(0)
        return max(len(placed), 1)

    def fold_ahead(self, places: list[Place], progress: Callable[[int], None]) -> None:
        """Fold these entries before their turn: the persons who are in the hospital now."""
        for start in range(0, len(places), ENTRIES_BULK):
            part = places[start : start + ENTRIES_BULK]
            self._take([(log, self._fetch(log, index)) for log, index in part], {})
            gc.collect(0)
            progress(len(part))

    def _take(self, placed: list[Placed], ends: dict[str, int]) -> None:
        """Fold entries in one transaction; one that no fold can take is set aside, never the others with it.

        `ends`: up to where the logs are folded then that are taken in their order; none for entries taken ahead.
        """
        try:
            self._commit(placed, ends)
        except _NOT_OF_AN_ENTRY:
            raise
        except Exception as error:  # one entry must never stop every board
            # The projector remembers rows that are not there: begin anew with what is.
            map_changed, self.projector = self.projector.map_changed, self._new_projector()
            self.projector.map_changed = map_changed
            if not placed:
                raise
            if len(placed) == 1:
                self._set_aside(*placed[0], error, ends)
                return
            middle = len(placed) // 2
            for half in (placed[:middle], placed[middle:]):
                self._take(half, {log: entry.index + 1 for log, entry in half} if ends else {})

    def _commit(self, placed: list[Placed], ends: dict[str, int]) -> None:
        fresh: dict[str, list[Entry]] = {}
        for log, entry in placed:
            if entry.index not in self._ahead.get(log, ()):
                fresh.setdefault(log, []).append(entry)
        fresh = {log: self._trusted(log, entries) for log, entries in fresh.items()}
        originals: dict[str, list[Entry]] = {}
        with transaction.atomic(using=self.connection.alias):
            for log, entries in fresh.items():
                for name, found in self._restated.originals(log, entries).items():
                    trusted = self._trusted(name, self._not_folded(name, found))
                    originals.setdefault(name, []).extend(trusted)
            plain = [
                (log, entry)
                for log, entries in fresh.items()
                for entry in entries
                if entry.kind not in CARRIED_KINDS
            ]
            plain += [(log, entry) for log, entries in originals.items() for entry in entries]
            self.projector.take_all(plain, ends)
            self._note_passed(fresh, ends)
            self._note_passed(originals, {})
            self._take_out_removed(plain)
            self._note_wards(self.projector.last_persons)
        self._passed(fresh, ends)
        self._passed(originals, {})
        self.islands_changed = self.islands_changed or any(
            entry.kind.startswith(SIGNED_BY_ITSELF) for entries in fresh.values() for entry in entries
        )

    def _take_out_removed(self, placed: list[Placed]) -> None:
        """Fold without the bytes that these entries took from the journal; the wards are told, printed packs too."""
        with self.connection.cursor() as cursor:
            if places := removed_by(cursor, placed, self._readers):
                persons = told_of(cursor, places)
                self._note_wards(persons)  # where she lies now, before nothing says so any more
                take_out(self.projector, cursor, places, persons)
                self._note_wards(persons)

    def _not_folded(self, log: str, entries: list[Entry]) -> list[Entry]:
        known, position = self._ahead.setdefault(log, Ahead()), self._positions.get(log, 0)
        return [entry for entry in entries if entry.index >= position and entry.index not in known]

    def _not_yet(self, places: list[Place]) -> list[Place]:
        """Return those whose turn has not come and that were not folded before it."""
        return [
            (log, index)
            for log, index in places
            if index >= self._positions.get(log, 0) and index not in self._ahead.get(log, ())
        ]

    def _trusted(self, log: str, entries: list[Entry]) -> list[Entry]:
        """Return what is not beyond a cut line. What managers signed of islands counts wherever it stands.

        What two keys did not sign is nothing there: an owned island tells each of the others something else.
        """
        line = self.lines.line_of(log)
        if line is None or line.mode == "flag":
            return entries
        return [
            entry
            for entry in entries
            if entry.index < line.size
            or (
                entry.kind.startswith(SIGNED_BY_ITSELF)
                and len(signers(entry.kind, entry.body)) >= MANAGERS_NEEDED
            )
        ]

    def take_lines(self, lines: Belonging) -> bool:
        """Follow these cut lines from here on; return whether what lies beyond one of them was folded already."""
        former, self.lines = self.lines, lines
        self.version = fold_version(self._hospital, lines)
        reached = {log: ahead.reach for log, ahead in self._ahead.items() if ahead}  # restated ones too
        for log, position in self._positions.items():
            reached[log] = max(position, reached.get(log, 0))
        for log, position in reached.items():
            line, before = lines.line_of(log), former.line_of(log)
            if line == before:
                continue
            ends = [one.size for one in (line, before) if one is not None and one.mode == "exclude"]
            if ends and position > min(ends):
                return True
        with transaction.atomic(using=self.connection.alias):
            self._note("fold_version", self.version)
        return False

    def _set_aside(self, log: str, entry: Entry, error: Exception, ends: dict[str, int]) -> None:
        """List the entry among those not understood; it stays in the journal and is read again after an upgrade."""
        # Only the kind of error and its place: its text could carry a patient's value.
        frame = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{Path(frame.filename).name}:{frame.lineno} {frame.name}"
        log_.error("%s#%s: the fold stopped at %s (%s)", log, entry.index, type(error).__name__, place)
        reason = f"{entry.kind}: the fold stopped at {type(error).__name__}"
        with transaction.atomic(using=self.connection.alias), self.connection.cursor() as cursor:
            cursor.execute(
                'INSERT INTO views_not_understood (id, kind, reason, log, "index", stamp, recorded_at) '
                "VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (id) DO UPDATE SET reason = excluded.reason",
                [
                    f"{log}#{entry.index}", entry.kind, reason, log, entry.index, entry.recorded_at_us // 1000,
                    entry.recorded_at_us // 1000,
                ],
            )  # fmt: skip
            if ends:
                cursor.execute(
                    'INSERT INTO views_position (log, "index") VALUES (%s, %s) '
                    'ON CONFLICT (log) DO UPDATE SET "index" = excluded."index"',
                    [log, ends[log]],
                )
            self._note_passed({log: [entry]}, ends)
        self._passed({log: [entry]}, ends)

    def _new_projector(self) -> Projector:
        return Projector(self.connection, OFFERS, make_interpreter(self._hospital), self._fetch, Heartbeat())

    def close(self) -> None:
        """Let go of the logs and of the database; its own log is written back into the file."""
        with self.connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.abandon()

    def abandon(self) -> None:
        """Let go of the logs and of a database that nobody needs any more."""
        while self._readers:
            self._readers.popitem()[1].close()
        self.connection.close()

    def _acts_first(self, log: str, reader: LogReader, position: int) -> int:
        """Fold this island's own acts before a long backlog of messages."""
        # Where the last look ended: three hundred acts ahead of a backlog must not hide the next one.
        start = max(position, self._looked.get(log, 0))
        end = reader.size
        found = reader.read(start, ENTRIES_LIVE, lane="act")
        ahead = self._ahead.setdefault(log, Ahead())
        acts = [act for act in found if act.index not in ahead]
        if acts:
            self._take([(log, act) for act in acts], {})
        self._looked[log] = found[-1].index + 1 if len(found) == ENTRIES_LIVE else end
        return len(acts)

    def _note_passed(self, entries: dict[str, list[Entry]], ends: dict[str, int]) -> None:
        """Write down which entries were folded before their turn, or that their turn has come."""
        with self.connection.cursor() as cursor:
            cursor.executemany(
                'INSERT INTO views_ahead (log, "index") VALUES (%s, %s) ON CONFLICT DO NOTHING',
                [(log, entry.index) for log in entries if log not in ends for entry in entries[log]],
            )
            for log, end in ends.items():
                if log in self._ahead and self._ahead[log].begins_before(end):
                    cursor.execute('DELETE FROM views_ahead WHERE log = %s AND "index" < %s', [log, end])

    def _passed(self, entries: dict[str, list[Entry]], ends: dict[str, int]) -> None:
        """Remember the same once it is committed."""
        for log, end in ends.items():
            self._ahead.setdefault(log, Ahead()).pass_to(end)
            self._positions[log] = end
        for log in entries:
            if log not in ends:
                self._ahead.setdefault(log, Ahead()).add(entry.index for entry in entries[log])

    def _note_wards(self, persons: frozenset[str]) -> None:
        with self.connection.cursor() as cursor:
            note_ward_changes(cursor, persons, now_us() // 1000)

    def _note(self, key: str, value: str) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO views_meta (key, value) VALUES (%s, %s) "
                "ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                [key, value],
            )

    def _fetch(self, log: str, index: int) -> Entry:
        if log not in self._readers:
            self.logs()
        reader = self._readers.get(log)
        if reader is not None:
            return reader.get(index)
        return self._restated.find(log, index)


def _up_to_the_earliest(parts: dict[str, list[Entry]], sizes: dict[str, int]) -> None:
    """Leave of each log only what was written before the end of the part that ends first, where that log goes on."""
    # The latest of a part, not its last: the clock of an island that lies may run backwards.
    ends = [
        max(entry.hlc for entry in entries)
        for log, entries in parts.items()
        if entries and entries[-1].index + 1 < sizes[log]
    ]
    if ends:
        for log, entries in parts.items():
            parts[log] = list(takewhile(lambda entry: entry.hlc <= min(ends), entries))


def version_now(data: Path, hospital: HospitalMap) -> str:
    """Return the version with which this island's views are folded now."""
    return fold_version(hospital, read_lines(data))
