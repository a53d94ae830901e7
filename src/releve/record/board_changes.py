"""Which boards changed: a number for each ward, so that a screen that shows nothing new is answered at once."""

from collections.abc import Collection
from typing import Any

from releve.views.parts import in_parts

__all__ = ["note_ward_changes"]

# A first fill touches everyone: then every ward is marked, which costs less than asking who is where.
PERSONS_MAX = 1_000


def note_ward_changes(cursor: Any, persons: Collection[str], version: int) -> None:
    """Mark the wards where these persons are, were, or are linked to someone who is."""
    if not persons:
        return
    wards: set[str] = set()
    listed = sorted(persons)
    if len(listed) > PERSONS_MAX:
        cursor.execute(
            "SELECT DISTINCT ward FROM record_encounter WHERE ward IS NOT NULL AND status IN ('present', 'leave')"
        )
        wards.update(ward for (ward,) in cursor.fetchall())
    else:
        for part in in_parts(listed):
            marks = ", ".join(["%s"] * len(part))
            cursor.execute(
                f"SELECT DISTINCT ward FROM record_movement WHERE ward IS NOT NULL AND person IN ({marks}) "  # noqa: S608
                "UNION SELECT e.ward FROM record_link l JOIN record_movement e ON e.person IN (l.person, l.other) "
                f"WHERE e.ward IS NOT NULL AND (l.person IN ({marks}) OR l.other IN ({marks}))",
                part * 3,
            )
            wards.update(ward for (ward,) in cursor.fetchall() if ward)
    cursor.executemany(
        "INSERT INTO record_ward_change (ward, version) VALUES (%s, %s) ON CONFLICT (ward) DO UPDATE "
        "SET version = CASE WHEN excluded.version > record_ward_change.version THEN excluded.version "
        "ELSE record_ward_change.version + 1 END",
        [(ward, version) for ward in sorted(wards)],
    )
