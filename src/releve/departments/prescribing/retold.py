"""Lines that their application told again under another number of the patient, and the doses charted on them.

See `releve.record.retold`: what stood under the number of before would be given for ever. A dose charted on a line that
no longer stands is a dose of the one that does, so that nobody gives it twice.
"""

from typing import Any

from releve.record.retold import mark_retold
from releve.record.together import together_of, touched_persons
from releve.views.parts import in_parts
from releve.views.reading import Touched

__all__ = ["derive_retold"]

LINES, DOSES = "prescribing_request", "prescribing_administration"
OVER = ("suspended", "stopped", "completed", "cancelled")


def derive_retold(cursor: Any, touched: Touched) -> None:
    """Mark the lines that were told again under another number, and the doses charted on them."""
    mark_retold(cursor, touched, LINES, OVER)
    together = together_of(cursor, touched_persons(touched, LINES, DOSES))
    for part in in_parts(sorted({*together.persons, *touched_persons(touched)})):
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
