"""Some persons of the views as numbers: which entries made their rows, and what the rows say.

Two islands that take messages all day never stand at the same entries, so their views as a whole cannot be compared.
One person's can: whoever of the sample is made from the very same entries on both islands must have the very same
rows. What moved on meanwhile is left out of the comparison and counted.

Left out: persons linked to others, because what joins them may be an entry of the other; rows that no person owns
(map, declarations, accounts); and, as in the hash of all views, what was received when, and where.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from releve.islands.facts import Sampled
from releve.views.columns import PersonRow
from releve.views.database import views_models
from releve.views.hashing import LOCAL_COLUMNS, MODULUS, row_hash
from releve.views.parts import in_parts

__all__ = ["SAMPLE", "Outcome", "compare", "sample_of"]

SAMPLE = 250  # persons: of two islands that differ in one person of a hundred, one such sample finds it 11 times in 12
PART = 200
_encode = msgspec.msgpack.Encoder().encode


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What comparing a sample gave, in persons: `moved` were not made from the same entries on both islands."""

    equal: int
    different: int
    moved: int


def sample_of(connection: Any, salt: str, size: int = SAMPLE) -> tuple[Sampled, ...]:
    """Return the persons of these views that come first under a salt: each time others, the same on every island."""
    linked = _linked(connection)
    first = sorted((_mark(salt, key), key) for key in _subjects(connection) if key not in linked)[:size]
    return tuple(_counted(connection, dict(first)))


def compare(connection: Any, salt: str, theirs: Sequence[Sampled]) -> Outcome:
    """Return how these views stand to a sample of another island's."""
    linked = _linked(connection)
    wanted = {one.mark for one in theirs}
    found = {
        mark: key
        for key in _subjects(connection)
        if (mark := _mark(salt, key)) in wanted and key not in linked
    }
    ours = {one.mark: one for one in _counted(connection, found)}
    equal = different = 0
    for one in theirs:
        here = ours.get(one.mark)
        if here is not None and here.entries == one.entries:
            equal, different = equal + (here.rows == one.rows), different + (here.rows != one.rows)
    return Outcome(equal=equal, different=different, moved=len(theirs) - equal - different)


def _mark(salt: str, key: str) -> bytes:
    return hashlib.blake2b(key.encode(), key=salt.encode()[:64], digest_size=12).digest()


def _subjects(connection: Any) -> Iterator[str]:
    with connection.cursor() as cursor:
        cursor.execute('SELECT id FROM "record_person"')
        while found := cursor.fetchmany(5000):
            yield from (key for (key,) in found)


def _linked(connection: Any) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute('SELECT person, other FROM "record_link"')
        return {key for row in cursor.fetchall() for key in row}


def _counted(connection: Any, marked: dict[bytes, str]) -> Iterator[Sampled]:
    keys = sorted(marked.values())
    entries: dict[str, list[tuple[str, int]]] = defaultdict(list)
    rows: dict[str, int] = defaultdict(int)
    for part in in_parts(keys, PART):
        marks = ", ".join(["%s"] * len(part))
        with connection.cursor() as cursor:
            cursor.execute(
                f'SELECT subject, log, "index" FROM "views_subject_entry" WHERE subject IN ({marks})',  # noqa: S608
                part,
            )
            for subject, log, index in cursor.fetchall():
                entries[subject].append((log, index))
            for model in views_models():
                if issubclass(model, PersonRow):
                    _add(cursor, model, part, marks, rows)
    for mark, key in sorted(marked.items()):
        made_from = hashlib.blake2b(_encode(sorted(entries[key])), digest_size=12).digest()
        yield Sampled(mark=mark, entries=made_from, rows=rows[key].to_bytes(16, "big"))


def _add(cursor: Any, model: Any, part: Sequence[str], marks: str, rows: dict[str, int]) -> None:
    table = model._meta.db_table
    columns = sorted(
        field.column
        for field in model._meta.local_fields
        if field.column and field.column not in LOCAL_COLUMNS
    )
    names = ", ".join(f'"{column}"' for column in columns)
    cursor.execute(f'SELECT {names} FROM "{table}" WHERE person IN ({marks})', part)  # noqa: S608
    for found in cursor.fetchall():
        values = dict(zip(columns, found, strict=True))
        rows[values["person"]] = (rows[values["person"]] + row_hash(table, values)) % MODULUS
