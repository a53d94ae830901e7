"""Persons of whom two corrections stand that had not seen one another: their identity is doubtful everywhere."""

from collections import defaultdict
from typing import Any

import msgspec

from releve.record.crossed import Saying, side_by_side, standing
from releve.views.parts import in_parts
from releve.views.reading import Touched

__all__ = ["derive_disputed"]

KIND = "identity.corrected.1"


def derive_disputed(cursor: Any, touched: Touched) -> None:
    """Write how many corrections of a person's identity stand side by side, NULL when they agree."""
    persons = sorted({values["person"] for _, values in touched.rows["record_statement"]})
    for part in in_parts(persons):
        marks = ", ".join(["%s"] * len(part))
        cursor.execute(
            'SELECT person, log, "index", seen, words FROM record_statement '  # noqa: S608
            f"WHERE kind = %s AND person IN ({marks})",
            [KIND, *part],
        )
        said: dict[str, list[Saying]] = defaultdict(list)
        for person, log, index, seen, words in cursor.fetchall():
            said[person].append(
                Saying(
                    entry=f"{log}#{index}",
                    log=log,
                    index=index,
                    about=person,
                    words=msgspec.json.decode(words, type=dict[str, str]),
                    seen=None if seen is None else tuple(seen.split()),
                )
            )
        cursor.executemany(
            "UPDATE record_person SET disputed = %s WHERE id = %s",
            [
                (len(side_by_side(standing(said[person]))) or None, person)
                for person in part
                if person in said
            ],
        )
