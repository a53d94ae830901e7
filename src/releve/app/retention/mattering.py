"""Whose entries still matter when an epoch is to go, by the views in force. Needs Django.

Whoever is carried is carried whole, and so is whoever shares an entry with her or was linked to her: half of a
person's entries would show a stay that nobody ended.
"""

from typing import Any, NamedTuple

from django.db import connections

__all__ = ["DAY_MS", "Mattering", "mattering"]

DAY_MS = 86_400_000
_PART = 500
_OWED = "SELECT person FROM record_act WHERE applications IS NOT NULL AND applications <> '[]'"
# Persons in whom something is under way or was lately; everything said of anybody else is carried whole.
_OPEN = (
    "SELECT key FROM views_subject s WHERE NOT EXISTS (SELECT 1 FROM record_person p WHERE p.id = s.key)",
    "SELECT key FROM views_subject WHERE stamp >= :recent",
    "SELECT person FROM record_encounter WHERE status IN ('planned', 'present', 'leave')",
    "SELECT person FROM record_service_request WHERE status IN ('requested', 'scheduled', 'in-progress', 'held')",
    "SELECT person FROM prescribing_request WHERE status IN ('active', 'suspended') "
    "AND (end_at IS NULL OR end_at >= :now)",
    "SELECT person FROM appointments_appointment WHERE start_at >= :now AND status IN ('booked', 'moved')",
    _OWED,
)


class Mattering(NamedTuple):
    """Subjects to carry; `persons` of them are patients, of `persons_known` in all.

    `in_part`: those of whom only what is still needed is carried (see `needed.py`); everybody else is carried whole.
    """

    subjects: frozenset[str]
    persons: int
    persons_known: int
    in_part: frozenset[str] = frozenset()


def mattering(leaving: frozenset[str], *, now_ms: int, recent_days: int, in_part: bool = False) -> Mattering:
    """Return whose entries in the logs `leaving` (ORIGIN/EPOCH) must be restated before these can go.

    `in_part`: of patients only what is still needed, unless an act is owed to an application or her entries are
    somebody else's too.
    """
    cursor = connections["default"].cursor()
    values = {"now": now_ms, "recent": now_ms - recent_days * DAY_MS}
    found: set[str] = set()
    for sentence in _OPEN:
        found |= _first(cursor, *_bound(sentence, values))
    # Whoever has an entry in a log that stays is folded from it: without the others it would be half a person.
    marks = ", ".join(["%s"] * len(leaving))
    found |= _first(
        cursor,
        f"SELECT DISTINCT subject FROM views_subject_entry WHERE log NOT IN ({marks})",  # noqa: S608
        sorted(leaving),
    )
    fresh = found
    while fresh:
        fresh = _beside(cursor, sorted(fresh)) - found
        found |= fresh
    known = _first(cursor, "SELECT id FROM record_person", [])
    part = (found & known) - _whole(cursor) if in_part else frozenset[str]()
    return Mattering(frozenset(found), len(found & known), len(known), frozenset(part))


def _whole(cursor: Any) -> set[str]:
    """Return those of whom nothing can be told apart: owed to somebody, linked, or in one entry with another."""
    return _first(cursor, _OWED, []) | _first(
        cursor,
        "SELECT person FROM record_link UNION SELECT other FROM record_link UNION "
        "SELECT e.subject FROM views_subject_entry e JOIN views_subject_entry o "
        'ON o.log = e.log AND o."index" = e."index" AND o.subject <> e.subject',
        [],
    )


def _beside(cursor: Any, subjects: list[str]) -> set[str]:
    """Return who shares an entry with one of these, or is linked to one."""
    found: set[str] = set()
    for start in range(0, len(subjects), _PART):
        part = subjects[start : start + _PART]
        marks = ", ".join(["%s"] * len(part))
        found |= _first(
            cursor,
            "SELECT DISTINCT o.subject FROM views_subject_entry e "  # noqa: S608
            'JOIN views_subject_entry o ON o.log = e.log AND o."index" = e."index" '
            f"WHERE e.subject IN ({marks}) AND o.subject <> e.subject",
            part,
        )
        found |= _first(cursor, f"SELECT other FROM record_link WHERE person IN ({marks})", part)  # noqa: S608
        found |= _first(cursor, f"SELECT person FROM record_link WHERE other IN ({marks})", part)  # noqa: S608
    return found


def _bound(sentence: str, values: dict[str, int]) -> tuple[str, list[int]]:
    names = [name for name in ("recent", "now") if f":{name}" in sentence]
    for name in names:
        sentence = sentence.replace(f":{name}", "%s")
    return sentence, [values[name] for name in names]


def _first(cursor: Any, sentence: str, values: Any) -> set[str]:
    cursor.execute(sentence, values)
    return {row[0] for row in cursor.fetchall() if row[0]}
