"""What one generation of the views says of itself: how far it came, with what it was folded, who is present.

Needs Django (`prepare_django`) before it is imported.
"""

import contextlib
from pathlib import Path
from typing import Any

from django.db import DatabaseError

from releve.views.database import new_generation, open_views, put_in_force

__all__ = ["built_with", "first_generation", "places_of_present", "positions_of"]


def positions_of(connection: Any) -> dict[str, int]:
    """Return how many entries of each log these views hold."""
    with connection.cursor() as cursor:
        cursor.execute('SELECT log, "index" FROM views_position')
        return dict(cursor.fetchall())


def built_with(generation: Path) -> str | None:
    """Return the fold version a generation was built with, or None when it says nothing."""
    connection = open_views(generation, "glance")
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT value FROM views_meta WHERE key = 'fold_version'")
            row = cursor.fetchone()
        return row[0] if row else None
    finally:
        connection.close()


def places_of_present(generation: Path) -> list[tuple[str, int]]:
    """Return where the entries of all who are present stand, restated ones where a later epoch restates them."""
    connection = open_views(generation, "present")
    try:
        with connection.cursor() as cursor, contextlib.suppress(DatabaseError):  # tables of an older version
            cursor.execute(
                'SELECT DISTINCT COALESCE(c.by_log, e.log), COALESCE(c.by_index, e."index") FROM views_subject_entry e '
                "JOIN record_encounter v ON v.person = e.subject "
                'LEFT JOIN views_carried c ON c.log = e.log AND c."index" = e."index" '
                "WHERE v.status IN ('present', 'leave') ORDER BY 1, 2"
            )
            return list(cursor.fetchall())
        return []
    finally:
        connection.close()


def first_generation(data: Path) -> Path:
    """Put an empty generation in force, its tables made before anybody can look for them; return it."""
    generation = new_generation(data)
    open_views(generation, "make").close()
    put_in_force(data, generation)
    return generation
