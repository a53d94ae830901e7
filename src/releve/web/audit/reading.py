"""The audit, read from its own log: nothing of it is folded. Answers are newest first.

A busy hospital says some fifty thousand facts a day. A period is found by halving, a patient or a person by the index
beside the log (`index.py`); what that has not come to yet, by looking for their letters in the stored bytes. Only what
may fit is opened.
"""

import contextlib
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import msgspec

from releve.journal.entry import Entry
from releve.journal.errors import EntryError, FolderError, JournalError
from releve.journal.folder import Log, audit_logs
from releve.journal.reader import LogReader
from releve.web.audit.facts import MANY, AuditFact, Found, GlassBroken, GlassReviewed, read
from releve.web.audit.index import Indexed, IndexUnreadable, indexed, patients_of

__all__ = ["Glass", "Search", "facts_since", "glasses_in", "search"]

_Index = Callable[[Path, LogReader], AbstractContextManager[Indexed | None]]
_PART = 2_000
_REFERENCE = re.compile(r"(.+/[0-9]+)#([0-9]+)")


class Glass(NamedTuple):
    """A break-glass, and its last review."""

    place: str
    log: str
    fact: GlassBroken
    review: GlassReviewed | None


class Search(msgspec.Struct, frozen=True, kw_only=True):
    """What is looked for; "" and 0 for whatever. `patient` is a person's key or its number alone."""

    who: str = ""
    patient: str = ""
    since_us: int = 0
    until_us: int = 1 << 62


def search(data: Path, asked: Search, *, most: int) -> tuple[list[Found], bool]:
    """Return the newest facts that fit, at most `most`, and whether there are more."""
    try:
        return _search(data, asked, most, indexed)
    except IndexUnreadable:
        return _search(data, asked, most, _not_indexed)


def _search(data: Path, asked: Search, most: int, by: _Index) -> tuple[list[Found], bool]:
    found: list[Found] = []
    for log in reversed(_logs(data)):
        with _open(log) as reader:
            if reader is None:
                continue
            start, end = _between(reader, asked.since_us, asked.until_us)
            with (by if asked.who or asked.patient else _not_indexed)(data, reader) as index:
                for entry in _asked_for(reader, start, end, asked, index):
                    fact = read(entry.body)
                    if fact is None or not _fits(fact, asked):
                        continue
                    if len(found) == most:
                        return found, True
                    found.append(Found(f"{log.name}#{entry.index}", entry.recorded_at_us, fact))
    return found, False


def _asked_for(
    reader: LogReader, start: int, end: int, asked: Search, index: Indexed | None
) -> Iterator[Entry]:
    """Yield the entries of [start, end[ that may fit, newest first: read at the end of the log, looked up before."""
    known = index.position if index is not None else 0
    yield from _candidates(reader, max(start, known), end, _letters(asked))
    if index is not None:
        yield from _at(reader, index.places(who=asked.who, patient=asked.patient, start=start, end=end))


def _at(reader: LogReader, places: Iterable[int]) -> Iterator[Entry]:
    for place in places:
        with contextlib.suppress(EntryError):
            yield reader.get(place)


def facts_since(data: Path, since_us: int = 0) -> Iterator[Found]:
    """Yield every fact recorded from then on, oldest first."""
    for log in _logs(data):
        with _open(log) as reader:
            if reader is None:
                continue
            size = reader.size
            start = _first_at(reader, since_us, size)
            while start < size:
                for entry in reader.read(start, min(_PART, size - start)):
                    start = entry.index + 1
                    fact = read(entry.body) if entry.kind.startswith("audit.") else None
                    if fact is not None:
                        yield Found(f"{log.name}#{entry.index}", entry.recorded_at_us, fact)


def glasses_in(data: Path) -> list[Glass]:
    """Return every break-glass that is kept, with its last review, newest first."""
    try:
        return _glasses_in(data, indexed)
    except IndexUnreadable:
        return _glasses_in(data, _not_indexed)


def _glasses_in(data: Path, by: _Index) -> list[Glass]:
    broken: list[tuple[str, str, GlassBroken]] = []
    reviews: dict[str, GlassReviewed] = {}
    for log in reversed(_logs(data)):
        with _open(log) as reader:
            if reader is None:
                continue
            with by(data, reader) as index:
                known = index.position if index is not None else 0
                newest = _candidates(reader, known, reader.size, ((b"audit.glass-",),))
                for entry in chain(newest, _at(reader, index.glasses()) if index is not None else ()):
                    fact = read(entry.body)
                    if isinstance(fact, GlassReviewed):
                        reviews.setdefault(fact.glass, fact)
                    elif isinstance(fact, GlassBroken):
                        broken.append((f"{log.name}#{entry.index}", log.name, fact))
    return [Glass(place, log, fact, reviews.get(place)) for place, log, fact in broken]


@contextlib.contextmanager
def _not_indexed(data: Path, reader: LogReader) -> Iterator[Indexed | None]:
    yield None


def _logs(data: Path) -> list[Log]:
    try:
        return audit_logs(data)
    except FolderError:
        return []


@contextlib.contextmanager
def _open(log: Log) -> Iterator[LogReader | None]:
    # An epoch may have been dropped since it was listed, or be damaged: `journal verify` says so, the rest is shown.
    try:
        reader = LogReader(log.path)
    except JournalError:
        yield None
        return
    with reader:
        yield reader


def _letters(asked: Search) -> tuple[tuple[bytes, ...], ...]:
    """Return what must stand in the stored bytes of whatever fits: one of each group."""
    groups: list[tuple[bytes, ...]] = []
    if asked.who:
        groups.append((asked.who.encode(),))
    if asked.patient:
        groups.append((asked.patient.encode(), MANY.encode()))
    return tuple(groups)


def _candidates(
    reader: LogReader, start: int, end: int, letters: tuple[tuple[bytes, ...], ...]
) -> Iterator[Entry]:
    """Yield the entries of [start, end[ that hold one of each group of `letters`, newest first."""
    where = "".join(f" AND ({' OR '.join(['instr(stored, ?) > 0'] * len(group))})" for group in letters)
    values = [word for group in letters for word in group]
    while start < end:
        rows = reader.connection.execute(
            # `where` repeats one literal; every value is bound.
            f"SELECT idx FROM entry WHERE idx >= ? AND idx < ?{where} ORDER BY idx DESC LIMIT {_PART}",  # noqa: S608
            (start, end, *values),
        ).fetchall()
        for (index,) in rows:
            with contextlib.suppress(EntryError):
                yield reader.get(index)
        if len(rows) < _PART:
            return
        end = rows[-1][0]


def _between(reader: LogReader, since_us: int, until_us: int) -> tuple[int, int]:
    size = reader.size
    return _first_at(reader, since_us, size), _first_at(reader, until_us, size)


def _first_at(reader: LogReader, at_us: int, size: int) -> int:
    """Return the index of the first entry recorded at or after `at_us`, `size` when there is none.

    By the log's own clock, which only goes forward: the machine's may have been set back.
    """
    low, high = 0, size
    while low < high:
        middle = (low + high) // 2
        if reader.get(middle).hlc[0] < at_us // 1000:
            low = middle + 1
        else:
            high = middle
    return low


def _fits(fact: AuditFact, asked: Search) -> bool:
    if asked.who and asked.who not in (getattr(fact, "who", ""), getattr(fact, "by", "")):
        return False
    if not asked.patient:
        return True
    return any(key == asked.patient or key.partition(":")[2] == asked.patient for key in patients_of(fact))
