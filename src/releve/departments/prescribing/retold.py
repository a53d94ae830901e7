"""Lines that their application told again under another number of the patient: only one of the rows stands.

Two numbers turn out to be one patient (A40, A47), or a visit goes to another one (A44); from then on the application
suspends, changes, stops her lines under the number that was kept. What stood under the other would be given for ever.
So of the rows of one order the one told last stands; a dose charted on one of the others is a dose of that line.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from releve.record.together import Together, together_of, touched_persons
from releve.views.reading import Touched

__all__ = ["Row", "derive_retold", "standing_among"]

LINES, DOSES = "prescribing_request", "prescribing_administration"
PART = 400
RUNS = ("active", None)


class Row(NamedTuple):
    """One row of an order, as the derivation reads it; sorted, they stand as they were told."""

    stamp: int
    log: str
    place: int  # index of the entry in its log
    id: str
    label: str | None
    status: str | None


def standing_among(rows: Iterable[Row]) -> str:
    """Return which row of one order stands: the last; one that names no product only if it ends or suspends the order.

    >>> told = Row(1, "a/1", 7, "CHV:1/P1", "Ramipril 5 mg", "active")
    >>> standing_among([Row(2, "a/1", 9, "CHV:2/P1", "Ramipril 5 mg", "suspended"), told])
    'CHV:2/P1'
    >>> standing_among([told, Row(2, "a/1", 9, "CHV:2/P1", None, "active")])
    'CHV:1/P1'
    """
    ordered = sorted(rows)
    return next(
        (row.id for row in reversed(ordered) if row.label is not None or row.status not in RUNS),
        ordered[-1].id,
    )


def derive_retold(cursor: Any, touched: Touched) -> None:
    """Mark the rows of an order that was told again under another number, and the doses charted on them."""
    asked = sorted(touched_persons(touched, LINES, DOSES))
    together = together_of(cursor, asked)
    # Whom a link that was taken back leaves alone has no marks any more.
    persons = sorted({*together.persons, *_linked_before(touched)})
    for part in _parts(persons):
        marks = ", ".join(["%s"] * len(part))
        for table in (LINES, DOSES):
            cursor.execute(
                f"UPDATE {table} SET retold = NULL WHERE retold IS NOT NULL AND person IN ({marks})",  # noqa: S608
                part,
            )
    standing = _mark_lines(cursor, together)
    if standing:
        _mark_doses(cursor, together, standing)


def _linked_before(touched: Touched) -> set[str]:
    return touched_persons(touched)


def _mark_lines(cursor: Any, together: Together) -> dict[str, str]:
    """Mark the rows that no longer stand; return each of them with the row that does."""
    orders: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for part in _parts(together.persons):
        marks = ", ".join(["%s"] * len(part))
        cursor.execute(
            f'SELECT id, person, visit, stamp, log, "index", label, status FROM {LINES} WHERE person IN ({marks})',  # noqa: S608
            part,
        )
        for key, person, visit, stamp, log, index, label, status in cursor.fetchall():
            place = (together.owner(person, visit), key.removeprefix(f"{person}/"))
            orders[place].append(Row(stamp or 0, log or "", index or 0, key, label, status))
    standing = {}
    for rows in orders.values():
        if len(rows) > 1:
            one = standing_among(rows)
            standing.update({row.id: one for row in rows if row.id != one})
    cursor.executemany(
        f"UPDATE {LINES} SET retold = %s WHERE id = %s",  # noqa: S608
        sorted((one, row) for row, one in standing.items()),
    )
    return standing


def _mark_doses(cursor: Any, together: Together, standing: dict[str, str]) -> None:
    lines = sorted(standing)
    for part in _parts(lines):
        marks = ", ".join(["%s"] * len(part))
        cursor.execute(
            f"SELECT id, request FROM {DOSES} WHERE request IN ({marks}) AND person IN "  # noqa: S608
            f"({', '.join(['%s'] * len(together.persons))})",
            [*part, *together.persons],
        )
        cursor.executemany(
            f"UPDATE {DOSES} SET retold = %s WHERE id = %s",  # noqa: S608
            sorted((standing[request], dose) for dose, request in cursor.fetchall()),
        )


def _parts(keys: Sequence[str]) -> Iterable[Sequence[str]]:
    for start in range(0, len(keys), PART):
        yield keys[start : start + PART]
