"""Entries whose bytes a signed act took: what was folded from them leaves the views as it left the journal."""

from collections.abc import Collection, Sequence
from functools import cache
from typing import Any

from releve.journal import facts
from releve.journal.errors import EntryError
from releve.views.columns import Told
from releve.views.database import views_models
from releve.views.projector import Placed, Projector

__all__ = ["removed_by", "take_out", "told_of"]

_REDACTION = "journal.redaction.1"
Place = tuple[str, int]  # log, index


def removed_by(cursor: Any, entries: Sequence[Placed], on_disk: Collection[str]) -> list[Place]:
    """Return the places that lost their bytes by these entries; `on_disk`: the logs that can still be read.

    An entry that restates one of a closed epoch takes the original with it once that epoch's file is gone.
    """
    found: list[Place] = []
    for log, entry in entries:
        if entry.kind != _REDACTION:
            continue
        try:
            index = facts.read_redaction(entry.body).index
        except EntryError:
            continue  # `releve journal verify` names it
        found.append((log, index))
        cursor.execute(
            'SELECT log, "index" FROM views_carried WHERE by_log = %s AND by_index = %s', [log, index]
        )
        found += [(original, at) for original, at in cursor.fetchall() if original not in on_disk]
    return found


def told_of(cursor: Any, places: Sequence[Place]) -> frozenset[str]:
    """Return whom the entries at these places told of."""
    persons: set[str] = set()
    for place in places:
        cursor.execute('SELECT subject FROM views_subject_entry WHERE log = %s AND "index" = %s', place)
        persons.update(subject for (subject,) in cursor.fetchall())
    return frozenset(persons)


def take_out(projector: Projector, cursor: Any, places: Sequence[Place], persons: frozenset[str]) -> None:
    """Fold these persons again without the entries at these places; rows that are of nobody go at once."""
    cursor.execute("PRAGMA secure_delete = ON")  # nor may it stay in a free page of the views
    for place in places:
        cursor.execute('DELETE FROM views_subject_entry WHERE log = %s AND "index" = %s', place)
        # Each of these rows is named after the one entry that told it.
        for table in _tables_of_nobody(frozenset(projector.person_tables)):
            cursor.execute(f'DELETE FROM "{table}" WHERE log = %s AND "index" = %s', place)  # noqa: S608
    for person in sorted(persons):
        _count_again(cursor, person)
        projector.fold_without(person)
    cursor.execute("PRAGMA secure_delete = OFF")


def _count_again(cursor: Any, person: str) -> None:
    """Let the subject end with the last entry that is left to it; without one there is no such subject."""
    cursor.execute(
        'SELECT stamp, log, "index" FROM views_subject_entry WHERE subject = %s '
        'ORDER BY stamp DESC, log DESC, "index" DESC',
        [person],
    )
    left = cursor.fetchall()
    if not left:
        cursor.execute("DELETE FROM views_subject WHERE key = %s", [person])
        return
    cursor.execute(
        'UPDATE views_subject SET stamp = %s, log = %s, "index" = %s, entries = %s WHERE key = %s',
        [*left[0], len(left), person],
    )


@cache
def _tables_of_nobody(of_persons: frozenset[str]) -> tuple[str, ...]:
    return tuple(
        model._meta.db_table
        for model in views_models()
        if issubclass(model, Told) and model._meta.db_table not in of_persons
    )
