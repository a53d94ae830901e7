"""The projector: entries of the journal become rows, and the position is committed with them.

A subject's rows are what its entries give when they are folded one after the other in *canonical order*:
the moment the message speaks of, then the log, then the index. An entry that comes in that order is folded
on top of what is there; one that comes late folds its subject again, alone, from the index of its entries.
So every arrival gives the same views, and no department needs to think about order.
"""

import logging
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

import msgspec
from django.db.utils import DataError, IntegrityError, InterfaceError, ProgrammingError

from releve.journal.entry import Entry
from releve.views.interpreter import Interpreter, Understood
from releve.views.numbers import Told, only_namespace, settled, told_in
from releve.views.parts import in_parts
from releve.views.reading import Offer, Touched
from releve.views.rows import RowBuffer, told_by

__all__ = ["Placed", "Projector", "Tally"]

_log = logging.getLogger("releve.fold")

# Keeps the last moment of this many subjects in memory: a 700-bed hospital sees some 60,000 persons a year.
SUBJECTS_IN_MEMORY = 200_000

# What a value can do to a fold or a table. A full disk or a lost lock (OperationalError) is none of these: the fold
# waits then, and nothing is passed over.
REFUSALS = (
    DataError,
    IntegrityError,
    InterfaceError,
    ProgrammingError,
    ArithmeticError,
    TypeError,
    ValueError,
)

Order = tuple[int, str, int]  # stamp, log, index
Fetch = Callable[[str, int], Entry]  # log, index -> entry
Placed = tuple[str, Entry]  # of which log, and the entry


class Tally(Protocol):
    """Counts what each sender sends, whatever the message says (see `releve.hospital.heartbeat`)."""

    def count(self, entry: Entry, read: Understood) -> None:
        """Take one entry into account."""

    def write(self, cursor: Any) -> None:
        """Add what was counted since the last write."""


class Batch(msgspec.Struct, kw_only=True):
    """What one call of `take` did."""

    entries: int = 0
    rows: int = 0
    folded_again: int = 0
    not_understood: int = 0


class _Reading:
    """An entry, what is understood of it, and where it stands in canonical order."""

    __slots__ = ("entry", "order", "read")

    def __init__(self, log: str, entry: Entry, read: Understood) -> None:
        self.entry = entry
        self.read = read
        self.order: Order = (read.context.stamp, log, entry.index)


class Projector:
    """Fold entries into one database.

    `connection` is a Django connection on which the caller has opened a transaction: rows and position
    are committed together or not at all.
    """

    def __init__(
        self,
        connection: Any,
        offers: Sequence[Offer],
        interpreter: Interpreter,
        fetch: Fetch,
        tally: Tally | None = None,
    ) -> None:
        self._connection = connection
        self._offers = offers
        self._interpreter = interpreter
        self._fetch = fetch
        self._tally = tally
        self.person_tables = tuple(table for offer in offers for table in offer.person_tables)
        self._derived_from = tuple({table: None for offer in offers for table in offer.derived_from})
        self._numbered = {fact: fields for offer in offers for fact, fields in offer.numbers.items()}
        self._last: OrderedDict[str, Order] = OrderedDict()
        self.last_persons: frozenset[str] = frozenset()  # whom the last call of `take` was about
        self.map_changed = False  # a map of the hospital went by: messages may have to be read otherwise

    def take(self, log: str, entries: Iterable[Entry], *, position: int | None) -> Batch:
        """Fold `entries` of `log`; `position` is the next index to fold, or None for entries taken ahead."""
        return self.take_all([(log, entry) for entry in entries], {} if position is None else {log: position})

    def take_all(self, entries: Sequence[Placed], positions: Mapping[str, int]) -> Batch:
        """Fold `entries` of several logs; `positions` is the next index to fold of each log taken in its order.

        An entry that the tables refuse is listed as not understood: one message must never stop every board.
        """
        cursor = self._connection.cursor()
        cursor.execute("SAVEPOINT releve_take")
        try:
            batch = self._take(entries, positions)
        except REFUSALS as error:
            cursor.execute("ROLLBACK TO SAVEPOINT releve_take")
            cursor.execute("RELEASE SAVEPOINT releve_take")
            self._last.clear()  # what was rolled back is not the last thing folded
            if len(entries) > 1:
                return self._one_by_one(entries, positions)
            return self._refuse(entries, type(error).__name__, positions)
        cursor.execute("RELEASE SAVEPOINT releve_take")
        return batch

    def _one_by_one(self, entries: Sequence[Placed], positions: Mapping[str, int]) -> Batch:
        total, persons = Batch(), set[str]()
        for placed in entries:
            one = self.take_all([placed], {})
            persons |= self.last_persons
            for name in Batch.__struct_fields__:
                setattr(total, name, getattr(total, name) + getattr(one, name))
        self.last_persons = frozenset(persons)
        self._commit_positions(positions, self._connection.cursor())
        return total

    def _refuse(self, entries: Sequence[Placed], error: str, positions: Mapping[str, int]) -> Batch:
        """List an entry whose rows cannot be written, and go on after it."""
        cursor, buffer = self._connection.cursor(), RowBuffer()
        for log, entry in entries:
            # Only the kind of error: its text could carry a patient's value.
            _log.warning("%s#%s: its rows cannot be written: %s", log, entry.index, error)
            read = self._interpreter.read(log, entry)
            read.reasons = (*read.reasons, f"{error}: expected rows that the tables can hold")
            self._note_not_understood(buffer, read)
        buffer.write(cursor)
        self.last_persons = frozenset()
        self._commit_positions(positions, cursor)
        return Batch(entries=len(entries), not_understood=len(entries))

    def _take(self, entries: Sequence[Placed], positions: Mapping[str, int]) -> Batch:
        cursor = self._connection.cursor()
        buffer = RowBuffer()
        batch = Batch(entries=len(entries))
        readings = [_Reading(log, entry, self._interpreter.read(log, entry)) for log, entry in entries]
        for reading in readings:
            self.map_changed = self.map_changed or reading.read.kind == "hospital.map.1"
            if self._tally is not None:
                self._tally.count(reading.entry, reading.read)
        self._remember({person for reading in readings for person in reading.read.facts if person}, cursor)
        # What comes together is folded in canonical order: of it, nothing is late for what stands beside it.
        readings.sort(key=lambda reading: reading.order)
        counts, fresh, late = self._fold(readings, buffer, batch, cursor)
        for person in sorted(late):
            self._fold_again(person, buffer, cursor)
        batch.folded_again = len(late)
        self._write_subjects(counts, cursor)
        self.last_persons = frozenset(counts)
        acted_at = max((one.read.context.recorded_at for one in readings if _is_act(one.entry)), default=0)
        batch.rows = self._write(buffer, cursor, set(counts), fresh | late, acted_at)
        if self._tally is not None:
            self._tally.write(cursor)
        self._commit_positions(positions, cursor)
        return batch

    def _fold(
        self, readings: Sequence[_Reading], buffer: RowBuffer, batch: Batch, cursor: Any
    ) -> tuple[dict[str, int], set[str], set[str]]:
        """Fold what is on top; return each person's entries, and who is new, and who is to be folded again."""
        fresh: set[str] = set()
        late: set[str] = set()
        counts: dict[str, int] = defaultdict(int)
        index_rows: list[tuple[str, int, str, int]] = []
        numbers = self._learn_numbers([reading.read for reading in readings], late, cursor)
        for reading in readings:
            read, order = reading.read, reading.order
            if read.reasons:
                batch.not_understood += 1
                self._note_not_understood(buffer, read)
            for person, facts in read.facts.items():
                if not person:
                    self._apply(buffer, facts, read, "", {})
                    continue
                counts[person] += 1
                index_rows.append((person, *order))
                last = self._last.get(person)
                if last is None:
                    fresh.add(person)
                if last is None or order > last:
                    self._last[person] = order
                    if person not in late:
                        self._apply(buffer, facts, read, person, numbers.get(person, {}))
                else:
                    late.add(person)
        if index_rows:
            cursor.executemany(
                'INSERT INTO views_subject_entry (subject, stamp, log, "index") VALUES (%s, %s, %s, %s) '
                "ON CONFLICT DO NOTHING",
                index_rows,
            )
        return counts, fresh, late

    def _commit_positions(self, positions: Mapping[str, int], cursor: Any) -> None:
        if positions:
            cursor.executemany(
                'INSERT INTO views_position (log, "index") VALUES (%s, %s) '
                'ON CONFLICT (log) DO UPDATE SET "index" = excluded."index"',
                list(positions.items()),
            )

    def fold_again(self, person: str) -> int:
        """Fold one person again from the index of entries; return how many entries were folded."""
        cursor = self._connection.cursor()
        buffer = RowBuffer()
        folded = self._fold_again(person, buffer, cursor)
        self._write(buffer, cursor, {person}, {person})
        return folded

    def fold_without(self, person: str) -> None:
        """Fold one person again of whom an entry lost its bytes; what is remembered of her may be that entry."""
        self._last.pop(person, None)
        self.fold_again(person)

    def _write(
        self, buffer: RowBuffer, cursor: Any, persons: set[str], fresh: set[str], acted_at: int = 0
    ) -> int:
        """Write the rows, then what follows from several of them."""
        rows = {table: list(buffer.touched(table)) for table in self._derived_from}
        touched = Touched(rows=rows, persons=frozenset(persons), fresh=frozenset(fresh), acted_at=acted_at)
        written = buffer.write(cursor)
        for offer in self._offers:
            for derive in offer.derives:
                derive(cursor, touched)
        return written

    def _apply(
        self, buffer: RowBuffer, facts: Iterable[Any], read: Understood, person: str, numbers: Told
    ) -> None:
        context = read.context
        told = told_by(context, person)
        for fact in facts:
            for row in self._interpreter.fold(settled(fact, self._numbered, numbers), context):
                buffer.add(row, told)

    def _fold_again(self, person: str, buffer: RowBuffer, cursor: Any) -> int:
        buffer.drop_person(person, self.person_tables)
        for table in self.person_tables:
            cursor.execute(f'DELETE FROM "{table}" WHERE person = %s', [person])  # noqa: S608
        cursor.execute(
            'SELECT log, "index" FROM views_subject_entry WHERE subject = %s ORDER BY stamp, log, "index"',
            [person],
        )
        readings = [self._interpreter.read(log, self._fetch(log, index)) for log, index in cursor.fetchall()]
        # From her entries alone, not from what was learned before: one that is no longer there tells nothing.
        numbers: dict[tuple[str, str], set[str]] = defaultdict(set)
        for read in readings:
            for domain, number, namespace in told_in(read.facts.get(person, ()), self._numbered):
                numbers[domain, number].add(namespace)
        told = {key: frozenset(namespaces) for key, namespaces in numbers.items()}
        cursor.execute("DELETE FROM views_subject_number WHERE subject = %s", [person])
        self._write_numbers(
            [(person, *key, namespace) for key in told for namespace in sorted(told[key])], cursor
        )
        for read in readings:
            self._apply(buffer, read.facts.get(person, ()), read, person, told)
        return len(readings)

    def _learn_numbers(self, readings: Sequence[Understood], late: set[str], cursor: Any) -> dict[str, Told]:
        """Return what is told of each person's numbers, these entries included.

        Whoever's number without namespace now means another one is added to `late`: she is folded again.
        """
        said = {
            (person, *number)
            for read in readings
            for person, facts in read.facts.items()
            if person
            for number in told_in(facts, self._numbered)
        }
        if not said:
            return {}
        known: set[tuple[str, str, str, str]] = set()
        persons = sorted({person for person, *_ in said})
        for part in in_parts(persons):
            marks = ", ".join(["%s"] * len(part))
            cursor.execute(
                "SELECT subject, domain, number, namespace FROM views_subject_number "  # noqa: S608
                f"WHERE subject IN ({marks})",
                part,
            )
            known.update(tuple(row) for row in cursor.fetchall())
        self._write_numbers(sorted(said - known), cursor)
        numbers: dict[str, dict[tuple[str, str], frozenset[str]]] = defaultdict(dict)
        for person, domain, number, namespace in said | known:
            before = numbers[person].get((domain, number), frozenset())
            numbers[person][domain, number] = before | {namespace}
        for person, domain, number, namespace in said - known:
            now = numbers[person][domain, number]
            was = {name for name in now if (person, domain, number, name) in known}
            if namespace and "" in was and only_namespace(was) != only_namespace(now):
                late.add(person)
        return dict(numbers)

    def _write_numbers(self, rows: Sequence[tuple[str, ...]], cursor: Any) -> None:
        if rows:
            cursor.executemany(
                "INSERT INTO views_subject_number (subject, domain, number, namespace) VALUES (%s, %s, %s, %s) "
                "ON CONFLICT DO NOTHING",
                rows,
            )

    def _remember(self, persons: set[str], cursor: Any) -> None:
        """Load the last order of these subjects, so that lateness is decided in memory."""
        unknown = []
        for person in persons:
            if person in self._last:
                self._last.move_to_end(person)
            else:
                unknown.append(person)
        for part in in_parts(unknown):
            marks = ", ".join(["%s"] * len(part))
            cursor.execute(f'SELECT key, stamp, log, "index" FROM views_subject WHERE key IN ({marks})', part)  # noqa: S608
            for key, stamp, log, index in cursor.fetchall():
                self._last[key] = (stamp, log, index)
        while len(self._last) > SUBJECTS_IN_MEMORY + len(persons):
            self._last.popitem(last=False)

    def _write_subjects(self, counts: dict[str, int], cursor: Any) -> None:
        if not counts:
            return
        cursor.executemany(
            'INSERT INTO views_subject (key, stamp, log, "index", entries) VALUES (%s, %s, %s, %s, %s) '
            'ON CONFLICT (key) DO UPDATE SET stamp = excluded.stamp, log = excluded.log, "index" = excluded."index", '
            "entries = views_subject.entries + excluded.entries",
            [(person, *self._last[person], count) for person, count in counts.items()],
        )

    def _note_not_understood(self, buffer: RowBuffer, read: Understood) -> None:
        for row in self._interpreter.not_understood(read):
            buffer.add(row, told_by(read.context))


def _is_act(entry: Entry) -> bool:
    return not entry.kind.startswith(("message.", "initial."))
