"""Whose rows are one patient's, for what a department derives: linked numbers, and visits moved from one to another.

A row stays under the number it was told with (nothing is moved); its key begins with that number. What the sender told
again under the number that was kept has another key: only together do they say what stands.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple

from releve.views.parts import in_parts
from releve.views.reading import Touched

__all__ = ["Together", "together_of", "touched_persons"]


class Together(NamedTuple):
    """Persons some of whose rows may be another's; `heads` and `moved` say whose a row is."""

    heads: dict[str, str]  # person -> who stands for all linked numbers
    moved: dict[tuple[str, str], str]  # (visit, person under whom it was told) -> to whom A44 moved it

    @property
    def persons(self) -> list[str]:
        """Return all of them, in order."""
        return sorted(self.heads)

    def owner(self, person: str, visit: str | None) -> str:
        """Return who stands for the patient that a row is of."""
        person = self.moved.get((visit or "", person), person)
        return self.heads.get(person, person)


def touched_persons(touched: Touched, *tables: str) -> set[str]:
    """Return the persons of these tables' touched rows, and whom a touched link or a moved visit joins or parts."""
    found = {
        values["person"]
        for table in tables
        for _, values in touched.rows.get(table, ())
        if values.get("person")
    }
    for _, values in touched.rows.get("record_link", ()):
        if values.get("kind") != "mother":
            found |= {values[name] for name in ("person", "other") if values.get(name)}
    for _, values in touched.rows.get("record_encounter", ()):
        found |= {values[name] for name in ("moved_to", "moved_from") if values.get(name)}
    return found


def together_of(cursor: Any, persons: Iterable[str]) -> Together:
    """Return these persons with everybody they stand together with; nobody who stands alone and whose visits stayed.

    Links lead to moved visits and these to further links: they are followed to the end, so that the answer is the same
    whichever of the persons is asked about.
    """
    asked = set(persons)
    known: set[str] = set()
    moved: dict[tuple[str, str], str] = {}
    heads: dict[str, str] = {}
    while asked:
        known |= asked
        moved.update(_moved_of(cursor, sorted(asked)))
        for part in in_parts(sorted(asked | {*moved.values(), *(person for _, person in moved)})):
            marks = ", ".join(["%s"] * len(part))
            cursor.execute(
                "SELECT p.id, p.cluster FROM record_person p WHERE p.cluster IN "  # noqa: S608
                f"(SELECT k.cluster FROM record_person k WHERE k.id IN ({marks}))",
                part,
            )
            heads.update(cursor.fetchall())
        asked = heads.keys() - known
    joined = {*moved.values(), *(person for _, person in moved)}
    sizes = Counter(heads.values())
    return Together(
        {person: head for person, head in heads.items() if sizes[head] > 1 or person in joined}, moved
    )


def _moved_of(cursor: Any, persons: list[str]) -> dict[tuple[str, str], str]:
    """Return to whom visits told under these persons were moved, and from whom theirs came."""
    moved: dict[tuple[str, str], str] = {}
    for part in in_parts(persons):
        marks = ", ".join(["%s"] * len(part))
        cursor.execute(
            "SELECT visit, person, moved_to, moved_from FROM record_encounter "  # noqa: S608
            f"WHERE person IN ({marks}) AND (moved_to IS NOT NULL OR moved_from IS NOT NULL)",
            part,
        )
        for visit, person, to, came_from in cursor.fetchall():
            if to and to != person:
                moved[visit, person] = to
            if came_from and came_from != person:
                moved[visit, came_from] = person
    return moved
