"""The fold: entries of every log into one generation of the views, each step one transaction.

Needs Django (`prepare_django`) before it is imported.
"""

import gc
import logging
import traceback
from collections.abc import Callable
from pathlib import Path

from django.db import InternalError, OperationalError, transaction

from releve.app.ahead import Ahead
from releve.app.clock import now_us
from releve.app.generation import positions_of
from releve.app.offers import OFFERS, fold_version, make_interpreter
from releve.app.pace import ENTRIES_BULK, ENTRIES_LIVE
from releve.app.present_first import PresentFirst
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
from releve.views.projector import Projector

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
        self._first = PresentFirst(data) if shown else None
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
        for log in self.logs():
            reader, position = self._readers[log], self._positions.get(log, 0)
            size = reader.size if until is None else until.get(log, 0)
            if size <= position:
                continue
            if until is None and size - position > entries_max:
                acts = self._acts_first(log, reader, position)
                taken, self.acts_ahead = taken + acts, self.acts_ahead + acts
                if not backlog:
                    continue
                first = self._first.turn(log, reader, position, entries_max) if self._first else None
                if first is not None:
                    known = self._ahead.get(log, ())
                    self.fold_ahead(
                        [(log, index) for index in first if index not in known], lambda count: None
                    )
                    taken += 1 + len(first)
                    continue
            if entries := reader.read(position, min(entries_max, size - position)):
                taken += self._take(log, entries)
            del entries
            gc.collect(0)
        return taken

    def fold_ahead(self, places: list[tuple[str, int]], progress: Callable[[int], None]) -> None:
        """Fold these entries before their turn: the persons who are in the hospital now."""
        for start in range(0, len(places), ENTRIES_BULK):
            part = places[start : start + ENTRIES_BULK]
            for log in sorted({log for log, _ in part}):
                entries = [self._fetch(log, index) for name, index in part if name == log]
                self._take(log, entries, ahead=True)
                del entries
            gc.collect(0)
            progress(len(part))

    def _take(self, log: str, entries: list[Entry], *, ahead: bool = False) -> int:
        """Fold entries in one transaction; one that no fold can take is set aside, never the others with it."""
        try:
            return self._commit(log, entries, ahead=ahead)
        except _NOT_OF_AN_ENTRY:
            raise
        except Exception as error:  # one entry must never stop every board
            # The projector remembers rows that are not there: begin anew with what is.
            map_changed, self.projector = self.projector.map_changed, self._new_projector()
            self.projector.map_changed = map_changed
            if len(entries) == 1:
                return self._set_aside(log, entries[0], error, ahead=ahead)
            half = len(entries) // 2
            taken = self._take(log, entries[:half], ahead=ahead)
            return taken + self._take(log, entries[half:], ahead=ahead)

    def _commit(self, log: str, entries: list[Entry], *, ahead: bool) -> int:
        known = self._ahead.setdefault(log, Ahead())
        fresh = [entry for entry in entries if entry.index not in known] if known else entries
        fresh = self._trusted(log, fresh)
        end = entries[-1].index + 1
        with transaction.atomic(using=self.connection.alias):
            restated = {
                name: self._trusted(name, self._not_folded(name, originals))
                for name, originals in self._restated.originals(log, fresh).items()
            }
            plain = [entry for entry in fresh if entry.kind not in CARRIED_KINDS] if restated else fresh
            self.projector.take(log, plain, position=None if ahead else end)
            persons = self.projector.last_persons
            self._note_passed(log, fresh, end, ahead=ahead)
            for name, originals in restated.items():
                self.projector.take(name, originals, position=None)
                persons |= self.projector.last_persons
                self._note_passed(name, originals, 0, ahead=True)
            self._note_wards(persons)
        self._passed(log, fresh, end, ahead=ahead)
        for name, originals in restated.items():
            self._passed(name, originals, 0, ahead=True)
        self.islands_changed = self.islands_changed or any(
            entry.kind.startswith(SIGNED_BY_ITSELF) for entry in fresh
        )
        return len(entries)

    def _not_folded(self, log: str, entries: list[Entry]) -> list[Entry]:
        known, position = self._ahead.setdefault(log, Ahead()), self._positions.get(log, 0)
        return [entry for entry in entries if entry.index >= position and entry.index not in known]

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

    def _set_aside(self, log: str, entry: Entry, error: Exception, *, ahead: bool) -> int:
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
            if not ahead:
                cursor.execute(
                    'INSERT INTO views_position (log, "index") VALUES (%s, %s) '
                    'ON CONFLICT (log) DO UPDATE SET "index" = excluded."index"',
                    [log, entry.index + 1],
                )
            self._note_passed(log, [entry], entry.index + 1, ahead=ahead)
        self._passed(log, [entry], entry.index + 1, ahead=ahead)
        return 1

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
            self._take(log, acts, ahead=True)
        self._looked[log] = found[-1].index + 1 if len(found) == ENTRIES_LIVE else end
        return len(acts)

    def _note_passed(self, log: str, entries: list[Entry], end: int, *, ahead: bool) -> None:
        """Write down which entries were folded before their turn, or that their turn has come."""
        with self.connection.cursor() as cursor:
            if ahead:
                cursor.executemany(
                    'INSERT INTO views_ahead (log, "index") VALUES (%s, %s) ON CONFLICT DO NOTHING',
                    [(log, entry.index) for entry in entries],
                )
            elif log in self._ahead and self._ahead[log].begins_before(end):
                cursor.execute('DELETE FROM views_ahead WHERE log = %s AND "index" < %s', [log, end])

    def _passed(self, log: str, entries: list[Entry], end: int, *, ahead: bool) -> None:
        """Remember the same once it is committed."""
        known = self._ahead.setdefault(log, Ahead())
        if ahead:
            known.add(entry.index for entry in entries)
            return
        known.pass_to(end)
        self._positions[log] = end

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


def version_now(data: Path, hospital: HospitalMap) -> str:
    """Return the version with which this island's views are folded now."""
    return fold_version(hospital, read_lines(data))
