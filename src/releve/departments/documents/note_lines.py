"""The notes of one person, each with what was added to it."""

from collections.abc import Sequence

import msgspec
from django.http import Http404

from releve.departments.documents.note_words import KIND_LABELS
from releve.departments.documents.tables import Note
from releve.record.chart import Chart
from releve.web.opaque import open_handle, seal

__all__ = ["NoteLine", "note_line", "note_lines"]


class NoteLine(msgspec.Struct, frozen=True, kw_only=True):
    """A note with what was added to it, oldest addition first."""

    row: Note
    kind: str
    handle: str
    additions: tuple[Note, ...]


def note_lines(persons: Sequence[str]) -> list[NoteLine]:
    """Return every note under these numbers, newest first."""
    rows = list(Note.objects.filter(person__in=list(persons)).order_by("happened_at", "recorded_at", "id"))
    added: dict[str | None, list[Note]] = {}
    for row in rows:
        if row.kind == "added":
            added.setdefault(row.note, []).append(row)
    return [
        NoteLine(
            row=row,
            kind=str(KIND_LABELS.get(row.kind or "", row.kind or "")),
            handle=seal(row.id, "note"),
            additions=tuple(added.get(row.act, ())),
        )
        for row in reversed(rows)
        if row.kind != "added"
    ]


def note_line(chart: Chart, note_handle: str) -> NoteLine:
    """Return one note of a person.

    Raises:
        Http404: it is a note of somebody else, or this reader sees a cover name.
    """
    key = open_handle(note_handle, "note")
    line = next((line for line in note_lines(chart.persons) if line.row.id == key), None)
    # A note of somebody else, or of a covered stay, is no page of this person.
    if line is None or chart.covered:
        raise Http404
    return line
