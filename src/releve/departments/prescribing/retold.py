"""Lines that their application told again under another number of the patient, and the doses charted on them.

See `releve.record.retold`: what stood under the number of before would be given for ever. A dose charted on a line that
no longer stands is a dose of the one that does, so that nobody gives it twice. And whatever number an order was
suspended, stopped or resumed under, the line that stands says it: as if there had been one number from the start.
"""

from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any

from releve.record.retold import mark_retold
from releve.record.together import together_of, touched_persons
from releve.views.parts import in_parts
from releve.views.reading import Touched

__all__ = ["derive_retold"]

LINES, DOSES = "prescribing_request", "prescribing_administration"


def derive_retold(cursor: Any, touched: Touched) -> None:
    """Mark the lines that were told again under another number, and the doses charted on them."""
    together = together_of(cursor, touched_persons(touched, LINES, DOSES))
    persons = sorted({*together.persons, *touched_persons(touched)})
    _forget_statuses(cursor, persons)
    _tell_statuses(cursor, mark_retold(cursor, touched, LINES))
    for part in in_parts(persons):
        marks = ", ".join(["%s"] * len(part))
        cursor.execute(
            f"UPDATE {DOSES} SET retold = NULL WHERE retold IS NOT NULL AND person IN ({marks})",  # noqa: S608
            part,
        )
        cursor.execute(
            f"SELECT d.id, l.retold FROM {DOSES} d JOIN {LINES} l ON l.id = d.request "  # noqa: S608
            f"WHERE d.person IN ({marks}) AND l.retold IS NOT NULL",
            part,
        )
        cursor.executemany(
            f"UPDATE {DOSES} SET retold = %s WHERE id = %s",  # noqa: S608
            sorted((line, dose) for dose, line in cursor.fetchall()),
        )


def _forget_statuses(cursor: Any, persons: Sequence[str]) -> None:
    """Give each line of these persons the status again that was told of it under its own number."""
    for part in in_parts(persons):
        marks = ", ".join(["%s"] * len(part))
        cursor.execute(
            f"UPDATE {LINES} SET status = NULLIF(own_status, ''), status_at = own_status_at, "  # noqa: S608
            f"own_status = NULL, own_status_at = NULL WHERE own_status IS NOT NULL AND person IN ({marks})",
            part,
        )


def _tell_statuses(cursor: Any, standing: Mapping[str, Sequence[str]]) -> None:
    """Give each line that stands for others the status that was told last of any of them."""
    statuses: dict[str, tuple[int, str, str | None]] = {}
    for part in in_parts(sorted({*standing, *(row for others in standing.values() for row in others)})):
        marks = ", ".join(["%s"] * len(part))
        cursor.execute(
            f"SELECT id, status_at, status FROM {LINES} WHERE id IN ({marks})",  # noqa: S608
            part,
        )
        statuses.update((key, (at or 0, key, status)) for key, at, status in cursor.fetchall())
    told = []
    for one, others in standing.items():
        at, _, status = max(statuses[row] for row in others)
        if at > statuses[one][0]:
            told.append((status, at, one))
    cursor.executemany(
        f"UPDATE {LINES} SET own_status = COALESCE(status, ''), own_status_at = status_at, "  # noqa: S608
        "status = %s, status_at = %s WHERE id = %s",
        sorted(told, key=itemgetter(2)),
    )
