"""Which entries of a person give what is still needed of her, and nothing of it otherwise than in the views in force.

Needed of whoever is carried in part: who she is and what she must not be given, her stays and beds, what is open
(orders, lines, appointments ahead), and, while she is here, all that was said of her in the last days. A row is needed
with every entry that wrote a column of it; an entry that is kept brings other rows, which are then needed as well, so
that nothing ever comes back in part.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple

from django.db import connections

from releve.journal.entry import Entry
from releve.views.columns import PersonRow
from releve.views.database import views_models
from releve.views.interpreter import Interpreter, Understood
from releve.views.numbers import settled, told_in
from releve.views.reading import Row
from releve.views.rows import RowBuffer, told_by

__all__ = ["LATELY_DAYS", "Key", "Place", "needed_places", "needed_rows"]

LATELY_DAYS = (
    3  # ours: two rounds and a week-end's day; what was given or measured before is in the file that stays
)
_DAY_MS = 86_400_000
Key = tuple[str, str]  # table, id of a row
Place = tuple[str, int]  # log (ORIGIN/EPOCH), index

_LATELY = "stamp >= %(lately)s AND person IN (SELECT person FROM record_encounter WHERE status IN ('present', 'leave'))"
_OPEN = {
    "record_service_request": "status IN ('requested', 'scheduled', 'in-progress', 'held')",
    "prescribing_request": "status IN ('active', 'suspended') AND (end_at IS NULL OR end_at >= %(now)s)",
    "appointments_appointment": "start_at >= %(now)s AND status IN ('booked', 'moved')",
    "record_measure": "0 = 1",
}
# Rows of which one says what the others are: the report that stands among all of a result.
_TOGETHER = {"laboratory_result": ("series", "sample")}


class _Told(NamedTuple):
    """One entry of a person, read: the rows it writes."""

    place: Place
    read: Understood
    rows: list[Row]


def needed_rows(connection: Any, persons: Collection[str], *, now_ms: int) -> dict[Key, str]:
    """Return the rows of these persons that are still needed, by the views on this connection, and whose each is."""
    found: dict[Key, str] = {}
    wanted = set(persons)
    moments = {"now": now_ms, "lately": now_ms - LATELY_DAYS * _DAY_MS}
    cursor = connection.cursor()
    for model in views_models():
        table = model._meta.db_table
        if not issubclass(model, PersonRow) or model._meta.app_label == "views":
            continue
        still = _OPEN.get(table, "1 = 1" if table.startswith("record_") else "0 = 1")
        cursor.execute(f"SELECT id, person FROM {table} WHERE ({still}) OR ({_LATELY})", moments)  # noqa: S608
        found |= {(table, key): person for key, person in cursor.fetchall() if person in wanted}
    return found


def needed_places(
    persons: Collection[str],
    leaving: Collection[str],
    interpreter: Interpreter,
    numbered: Mapping[type, Any],
    fetch: Callable[[str, int], Entry],
    *,
    now_ms: int,
    show: Callable[[str, int, int], None],
) -> set[Place]:
    """Return the entries in the logs `leaving` that give what is needed of these persons."""
    needed: dict[str, set[Key]] = defaultdict(set)
    connection = connections["default"]
    listed = sorted(persons)
    for key, person in needed_rows(connection, listed, now_ms=now_ms).items():
        needed[person].add(key)
    found: set[Place] = set()
    with connection.cursor() as cursor:
        for done, person in enumerate(listed):
            cursor.execute(
                'SELECT log, "index" FROM views_subject_entry WHERE subject = %s ORDER BY stamp, log, "index"',
                [person],
            )
            places = [(log, index) for log, index in cursor.fetchall()]
            told = _read(person, places, interpreter, numbered, fetch)
            stays = {at for at, one in enumerate(told) if one.place[0] not in leaving}
            kept = _closed(person, told, needed[person], stays, interpreter, numbered)
            found |= {told[at].place for at in kept - stays}
            show("choosing", done + 1, len(listed))
    return found


def _read(
    person: str,
    places: Sequence[Place],
    interpreter: Interpreter,
    numbered: Mapping[type, Any],
    fetch: Callable[[str, int], Entry],
) -> list[_Told]:
    readings = [(place, interpreter.read(place[0], fetch(*place))) for place in places]
    return _with_rows(person, readings, interpreter, numbered)


def _with_rows(
    person: str,
    readings: Sequence[tuple[Place, Understood]],
    interpreter: Interpreter,
    numbered: Mapping[type, Any],
) -> list[_Told]:
    """Return the rows of each reading, numbers without namespace settled by these readings alone, as the fold does."""
    heard: dict[tuple[str, str], set[str]] = defaultdict(set)
    for _, read in readings:
        for domain, number, namespace in told_in(read.facts.get(person, ()), numbered):
            heard[domain, number].add(namespace)
    numbers = {key: frozenset(namespaces) for key, namespaces in heard.items()}
    return [
        _Told(
            place,
            read,
            [
                row
                for fact in read.facts.get(person, ())
                for row in interpreter.fold(settled(fact, numbered, numbers), read.context)
            ],
        )
        for place, read in readings
    ]


def _closed(
    person: str,
    told: Sequence[_Told],
    needed: set[Key],
    stays: set[int],
    interpreter: Interpreter,
    numbered: Mapping[type, Any],
) -> set[int]:
    """Return which entries give the needed rows as all entries do, with every row that these entries bring."""
    whole = _folded(person, told)
    writers = _writers(person, told)
    together: dict[Any, set[Key]] = defaultdict(set)
    for key, row in whole.items():
        together[_group(key, row)].add(key)
    wanted, kept = set(needed), set(stays)
    while True:
        wanted |= {(row.table, row.id) for at in kept for row in told[at].rows}
        wanted |= {other for key in wanted & whole.keys() for other in together[_group(key, whole[key])]}
        more = {at for key in wanted for at in writers.get(key, ())} - kept
        if not more:
            break
        kept |= more
    order = sorted(kept)
    alone = _with_rows(person, [(told[at].place, told[at].read) for at in order], interpreter, numbered)
    got = _folded(person, alone)
    if all(whole.get(key) == row for key, row in got.items()) and all(
        got.get(key) == whole[key] for key in wanted & whole.keys()
    ):
        return kept
    return set(
        range(len(told))
    )  # what is told of numbers elsewhere, or emptied and filled: she is carried whole


def _group(key: Key, row: Mapping[str, Any]) -> tuple[Any, ...]:
    columns = _TOGETHER.get(key[0])
    return key if columns is None else (key[0], *(row.get(column) for column in columns))


def _folded(person: str, told: Sequence[_Told]) -> dict[Key, dict[str, Any]]:
    buffer = RowBuffer()
    for one in told:
        said = told_by(one.read.context, person)
        for row in one.rows:
            buffer.add(row, said)
    return buffer.merged()


def _writers(person: str, told: Sequence[_Told]) -> dict[Key, set[int]]:
    """Return for each row the entries of which a column holds a value in the end."""
    last: dict[Key, dict[str, tuple[int, Any]]] = defaultdict(dict)
    for at, one in enumerate(told):
        said = told_by(one.read.context, person)
        for row in one.rows:
            columns = last[row.table, row.id]
            filled = {**(row.fills or {}), **({} if row.values else said)}
            for column, value in filled.items():
                if value is not None and columns.get(column, (0, None))[1] is None:
                    columns[column] = at, value
            if row.values:
                columns.update(
                    {column: (at, value) for column, value in (*row.values.items(), *said.items())}
                )
    return {key: {at for at, _ in columns.values()} for key, columns in last.items()}
