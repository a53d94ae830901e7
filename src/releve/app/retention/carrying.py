"""What still matters of closed epochs, restated in the one being written. Needs Django, and views that are up to date.

Whatever is restated already in the current epoch is passed over: it may be cut short and begun again at any time.
"""

import functools
import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
from django.db import connections

from releve.app.offers import OFFERS, make_interpreter
from releve.app.retention.mattering import mattering
from releve.app.retention.needed import needed_places
from releve.hospital.in_force import latest_map
from releve.journal import carried
from releve.journal import entry as entries
from releve.journal.blobs import BlobStore
from releve.journal.carried import (
    CarriedEntry,
    carried_entry,
    carried_epoch,
    kind_for,
    merged_epochs,
    read_carried,
    write_carried,
)
from releve.journal.client import Recorder
from releve.journal.entry import Draft, Entry
from releve.journal.errors import FolderError
from releve.journal.folder import Log, blobs_path, log_path, logs, own_log
from releve.journal.reader import LogReader
from releve.journal.tree import TILE_WIDTH, TileHashes
from releve.views.carried import entry_at

__all__ = ["SOURCE", "Carried", "carry_forward", "closed_epochs"]

SOURCE = "retention"
NUMBERED = {fact: fields for offer in OFFERS for fact, fields in offer.numbers.items()}
_AT_ONCE = 200
_PAGE = 1000
_PART = 1 << 16
_LEAVES_FROM = 32  # of 256: their leaves take 8 KB, so many paths as much
Show = Callable[[str, int, int], None]


class Carried(NamedTuple):
    """What one run restated."""

    log: str
    entries: int  # restated by this run
    already: int
    of: int  # entries in the closed epochs that are on this disk
    bytes: int  # of the bodies written
    persons: int
    persons_known: int


class _Place(NamedTuple):
    epoch: int
    at: int


def closed_epochs(data: Path) -> list[Log]:
    """Return the own epochs on this disk that are not written any more, oldest first."""
    own = own_log(data)
    return [log for log in logs(data) if log.origin == own.origin and log.epoch < own.epoch]


def carry_forward(
    data: Path, recorder: Recorder, *, now_ms: int, recent_days: int, show: Show, in_part: bool = False
) -> Carried:
    """Restate in the current epoch what still matters of all earlier ones, and return how much that was.

    `in_part`: of patients only what is still needed of them.

    Raises:
        JournalError: something could not be read or recorded; what was restated stays.
    """
    own = own_log(data)
    closed = closed_epochs(data)
    former = _restated_epochs(own)
    leaving = frozenset(f"{own.origin}/{epoch}" for epoch in {*(log.epoch for log in closed), *former})
    total = sum(_size(log) for log in closed)
    if not leaving:
        return Carried(own.name, 0, 0, 0, 0, 0, 0)
    matter = mattering(leaving, now_ms=now_ms, recent_days=recent_days, in_part=in_part)
    wanted = _places(leaving, matter.subjects - matter.in_part) | _without_subject(data, closed, former, own)
    with _Entries(data) as entries_here:
        chosen = needed_places(
            matter.in_part, leaving, make_interpreter(latest_map(data)), NUMBERED, entries_here.get,
            now_ms=now_ms, show=show,
        )  # fmt: skip
    wanted |= {_Place(int(log.rpartition("/")[2]), index) for log, index in chosen}
    done = _restated_in(own)
    written = size = 0
    blobs: set[bytes] = set()
    for epoch in sorted({place.epoch for place in wanted}):
        places = sorted(place.at for place in wanted - done if place.epoch == epoch)
        if not places:
            continue
        done_here = 0
        for opened, held in _Source.all_of(data, own, epoch, places):
            with opened as source:
                for part in _parts(held):
                    draft, whole = source.restated(part)
                    by = _append(recorder, own, [draft])
                    for start in range(0, len(part), _AT_ONCE):
                        drafts: list[Draft] = []
                        for fact in source.entries(part[start : start + _AT_ONCE], by, whole):
                            drafts += _drafts(data, fact, blobs)
                            size += len(drafts[-1].body)
                            written += 1
                        _append(recorder, own, drafts)
                        done_here += len(part[start : start + _AT_ONCE])
                        show(f"{own.origin}/{epoch}", done_here, len(places))
    return Carried(own.name, written, len(wanted & done), total, size, matter.persons, matter.persons_known)


class _Entries:
    """Entries by their place, each log opened once; of an epoch that is gone as a later one restates them."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._readers: dict[str, LogReader] = {log.name: LogReader(log.path) for log in logs(data)}

    def __enter__(self) -> "_Entries":
        return self

    def __exit__(self, *_: object) -> None:
        for reader in self._readers.values():
            reader.close()

    def get(self, log: str, index: int) -> Entry:
        """Return the entry.

        Raises:
            FolderError: it stands nowhere on this disk any more.
        """
        reader = self._readers.get(log)
        found = reader.get(index) if reader is not None else entry_at(self._data, log, index)
        if found is None:
            raise FolderError(f"{log} entry {index:,}: expected here, or restated by a later epoch")
        return found


def _parts(places: Sequence[int]) -> Iterator[list[int]]:
    """Yield these indexes by parts of the log, so that the leaves restated for one stay small."""
    for _, part in itertools.groupby(places, lambda index: index // _PART):
        yield list(part)


def _append(recorder: Recorder, own: Log, drafts: Sequence[Draft]) -> int:
    receipts = recorder.append(drafts)
    if any(receipt.epoch != own.epoch for receipt in receipts):
        raise FolderError(f"{own.name}: expected the epoch to go on meanwhile; carry once more")
    return receipts[0].index if receipts else 0


def _drafts(data: Path, fact: CarriedEntry, blobs: set[bytes]) -> Iterator[Draft]:
    """Yield the entry that carries an original, before it the body it names when that is a file."""
    envelope = entries.decode(fact.stored)
    if envelope.encoding == entries.BLOB and envelope.body not in blobs:
        blobs.add(envelope.body)
        body = BlobStore(blobs_path(data)).get(envelope.body)
        if body is not None:
            yield Draft(kind=carried.BLOB_KIND, body=body, source=SOURCE)
    yield Draft(
        kind=kind_for(envelope.kind),
        body=write_carried(fact),
        source=SOURCE,
        subjects=tuple(envelope.subjects),
    )


class _Source:
    """Where originals of one closed epoch are taken from: its own file, or an epoch that restated them."""

    def __init__(self, origin: str, epoch: int, reader: LogReader, carriers: dict[int, int] | None) -> None:
        self._name = f"{origin}/{epoch}"
        self._epoch = epoch
        self._reader = reader
        self._carriers = carriers
        head = reader.head()
        self._size, self._checkpoint = head.size, head.checkpoint
        self._hashes = _cached(reader.tile_hashes())

    @classmethod
    def all_of(
        cls, data: Path, own: Log, epoch: int, places: Sequence[int]
    ) -> Iterator[tuple["_Source", list[int]]]:
        """Yield where these originals are taken from: the epoch's own file, or each that restated some of them."""
        path = log_path(data, own.origin, epoch)
        if path.exists():
            yield cls(own.origin, epoch, LogReader(path), None), list(places)
            return
        with connections["default"].cursor() as cursor:
            cursor.execute(
                'SELECT "index", by_log, by_index FROM views_carried WHERE log = %s',
                [f"{own.origin}/{epoch}"],
            )
            rows = cursor.fetchall()
        wanted = set(places)
        for name in sorted({log for _, log, _ in rows}):
            carriers = {index: by for index, log, by in rows if log == name}
            held = sorted(wanted & carriers.keys())
            restating = log_path(data, own.origin, int(name.rpartition("/")[2]))
            if held and restating.exists():
                yield cls(own.origin, epoch, LogReader(restating), carriers), held

    def __enter__(self) -> "_Source":
        return self

    def __exit__(self, *_: object) -> None:
        self._reader.close()

    def restated(self, places: Sequence[int]) -> tuple[Draft, frozenset[int]]:
        """Return the entry that restates the epoch, with the dictionaries and leaves that these entries need.

        The second is which 256s of the epoch are restated with all their leaves.
        """
        whole: frozenset[int] = frozenset()
        if self._carriers is not None:
            carriers = [
                self._reader.get(self._carriers[index]) for index in places if index in self._carriers
            ]
            proved_by = sorted(
                {read_carried(carrier.body).by for carrier in carriers if not carrier.redacted}
            )
            body = merged_epochs([self._reader.get(by).body for by in proved_by])
        else:
            needed: set[int] = set()
            for index in places:
                stored = self._reader.stored(index)
                dictionary = entries.decode(stored).dictionary if stored is not None else None
                needed |= {dictionary} if dictionary is not None else set()
            counted = Counter(index // TILE_WIDTH for index in places)
            full = self._size // TILE_WIDTH
            whole = frozenset(
                tile for tile, count in counted.items() if tile < full and count >= _LEAVES_FROM
            )
            kept = [(index, self._reader.stored(index) or b"") for index in sorted(needed)]
            key = self._reader.opened().key
            body = write_carried(
                carried_epoch(self._epoch, self._size, self._checkpoint, key, self._hashes, kept, whole)
            )
        return Draft(kind=carried.EPOCH_KIND, body=body, source=SOURCE), whole

    def entries(self, places: Sequence[int], by: int, whole: frozenset[int]) -> Iterator[CarriedEntry]:
        """Yield these originals, proved by the entry `by`; those whose bytes were removed are left out."""
        for index in places:
            if self._carriers is not None:
                if index in self._carriers:
                    carrier = self._reader.get(self._carriers[index])
                    if not carrier.redacted:
                        yield msgspec.structs.replace(read_carried(carrier.body), by=by)
            elif (stored := self._reader.stored(index)) is not None:
                yield carried_entry(self._epoch, index, by, stored, self._size, self._hashes, whole)


def _cached(hashes: TileHashes) -> TileHashes:
    """Return the same hashes; the leaves of the tile that was asked for last are kept."""
    last = functools.lru_cache(maxsize=4)(lambda start: hashes(0, start, start + TILE_WIDTH))

    def look(level: int, start: int, stop: int) -> Sequence[bytes]:
        return last(start) if level == 0 and stop - start == TILE_WIDTH else hashes(level, start, stop)

    return look


def _places(leaving: frozenset[str], subjects: frozenset[str]) -> set[_Place]:
    found = set()
    with connections["default"].cursor() as cursor:
        for log in leaving:
            cursor.execute('SELECT "index", subject FROM views_subject_entry WHERE log = %s', [log])
            epoch = int(log.rpartition("/")[2])
            found |= {_Place(epoch, index) for index, subject in cursor.fetchall() if subject in subjects}
    return found


def _without_subject(data: Path, closed: Sequence[Log], former: set[int], own: Log) -> set[_Place]:
    """Return the entries that say something of nobody in particular: formularies, limits, censuses, sheets."""
    found: set[_Place] = set()
    interpreter = make_interpreter(latest_map(data))
    with connections["default"].cursor() as cursor:
        for log in closed:
            cursor.execute('SELECT DISTINCT "index" FROM views_subject_entry WHERE log = %s', [log.name])
            told = {index for (index,) in cursor.fetchall()}
            with LogReader(log.path) as reader:
                start, size = 0, reader.size
                while start < size:
                    for outline in reader.outlines(start, _PAGE):
                        if outline.index in told or outline.kind.startswith(("journal.", "carried.")):
                            continue
                        if interpreter.read(log.name, reader.get(outline.index)).facts.get(""):
                            found.add(_Place(log.epoch, outline.index))
                    start += _PAGE
        here = {log.epoch for log in closed}
        for epoch in former - here:
            name = f"{own.origin}/{epoch}"
            cursor.execute(
                'SELECT "index" FROM views_carried c WHERE log = %s AND NOT EXISTS '
                '(SELECT 1 FROM views_subject_entry e WHERE e.log = c.log AND e."index" = c."index")',
                [name],
            )
            found |= {_Place(epoch, index) for (index,) in cursor.fetchall()}
    return found


def _restated_epochs(own: Log) -> set[int]:
    """Return the earlier epochs of this island of which something is restated anywhere."""
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT DISTINCT log FROM views_carried WHERE log LIKE %s", [f"{own.origin}/%"])
        return {int(log.rpartition("/")[2]) for (log,) in cursor.fetchall()}


def _restated_in(own: Log) -> set[_Place]:
    with connections["default"].cursor() as cursor:
        cursor.execute('SELECT log, "index" FROM views_carried WHERE by_log = %s', [own.name])
        return {_Place(int(log.rpartition("/")[2]), index) for log, index in cursor.fetchall()}


def _size(log: Log) -> int:
    with LogReader(log.path) as reader:
        return reader.size
