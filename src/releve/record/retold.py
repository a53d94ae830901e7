"""Orders that were told again under another number of the patient: only one of the rows stands.

Two numbers turn out to be one patient (A40, A47), or a visit goes to another one (A44); from then on the application
changes and ends her orders under the number that was kept. What stood under the other would go on for ever. So of the
rows of one order the one told last stands, and the others name it in their column `retold`.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from releve.record.together import together_of, touched_persons
from releve.views.parts import in_parts
from releve.views.reading import Touched

__all__ = ["ToldRow", "derive_retold_requests", "mark_retold", "standing_among"]

REQUESTS = "record_service_request"
REQUESTS_OVER = ("completed", "cancelled")


class ToldRow(NamedTuple):
    """One row of an order, as the derivation reads it; sorted, they stand as they were told."""

    stamp: int
    log: str
    place: int  # index of the entry in its log
    id: str
    label: str | None
    status: str | None


def standing_among(rows: Iterable[ToldRow], over: Collection[str]) -> str:
    """Return which row of one order stands: the last; one that does not name it only if its status is one of `over`.

    >>> told = ToldRow(1, "a/1", 7, "CHV:1/P1", "Ramipril 5 mg", "active")
    >>> standing_among([ToldRow(2, "a/1", 9, "CHV:2/P1", "Ramipril 5 mg", "suspended"), told], ["stopped"])
    'CHV:2/P1'
    >>> standing_among([told, ToldRow(2, "a/1", 9, "CHV:2/P1", None, "active")], ["stopped"])
    'CHV:1/P1'
    """
    ordered = sorted(rows)
    return next(
        (row.id for row in reversed(ordered) if row.label is not None or row.status in over), ordered[-1].id
    )


def mark_retold(
    cursor: Any, touched: Touched, table: str, over: Collection[str] = (), *, names: str = "label"
) -> dict[str, list[str]]:
    """Mark in `table` the rows of orders told again under another number; keys are "PERSON/NUMBER".

    `over`: what a row says that ends an order without naming it; `names`: the column without which a row is of no use.
    Returns the rows that stand for others -> these.
    """
    together = together_of(cursor, touched_persons(touched, table))
    # Whom a link that was taken back leaves alone has no marks any more.
    for part in in_parts(sorted({*together.persons, *touched_persons(touched)})):
        marks = ", ".join(["%s"] * len(part))
        cursor.execute(
            f"UPDATE {table} SET retold = NULL WHERE retold IS NOT NULL AND person IN ({marks})",  # noqa: S608
            part,
        )
    orders: dict[tuple[str, str], list[ToldRow]] = defaultdict(list)
    for part in in_parts(together.persons):
        marks = ", ".join(["%s"] * len(part))
        cursor.execute(
            f'SELECT id, person, visit, stamp, log, "index", {names}, status FROM {table} '  # noqa: S608
            f"WHERE person IN ({marks})",
            part,
        )
        for key, person, visit, stamp, log, index, label, status in cursor.fetchall():
            order = (together.owner(person, visit), key.removeprefix(f"{person}/"))
            orders[order].append(ToldRow(stamp or 0, log or "", index or 0, key, label, status))
    standing: dict[str, list[str]] = {}
    for rows in orders.values():
        if len(rows) > 1:
            one = standing_among(rows, over)
            standing[one] = [row.id for row in rows if row.id != one]
    cursor.executemany(
        f"UPDATE {table} SET retold = %s WHERE id = %s",  # noqa: S608
        sorted((one, row) for one, others in standing.items() for row in others),
    )
    return standing


def derive_retold_requests(cursor: Any, touched: Touched) -> None:
    """Mark the orders placed with a department that were told again under another number."""
    mark_retold(cursor, touched, REQUESTS, REQUESTS_OVER)
