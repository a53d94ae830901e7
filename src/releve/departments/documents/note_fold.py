"""Notes written here become rows, and documents like any other. Pure."""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from releve.departments.documents.facts import DocumentReceived
from releve.departments.documents.note_facts import KINDS, NoteAdded, NoteWritten
from releve.journal.entry import Entry
from releve.record.acts import CareAct, done
from releve.views.reading import Context, NotRead, Row

__all__ = ["NOTE_FOLDS", "NOTE_KINDS", "read_note"]

NOTE_KINDS = ("note.written.1", "note.added.1")
_decoder = msgspec.msgpack.Decoder(NoteWritten | NoteAdded)


def read_note(entry: Entry, context: Context) -> Iterable[Any]:
    """Return what an entry says: the note, the line of the act, and the document that every list shows."""
    try:
        act: NoteWritten | NoteAdded = _decoder.decode(entry.body)
    except msgspec.MsgspecError:
        # Its text may quote what somebody wrote; the place is enough to find the entry.
        return [NotRead(reason=f"{entry.kind}: expected the fields of this version of Relève")]
    added = isinstance(act, NoteAdded)
    document = DocumentReceived(
        person=act.person,
        number=act.act,
        visit=act.visit or None,
        parent=act.note if isinstance(act, NoteAdded) else None,
        title=f"{act.title} +" if added else act.title,
        type_code=None if isinstance(act, NoteAdded) else KINDS.get(act.kind, ("", ""))[0] or None,
        author=act.by_name or act.by,
        written_at=act.happened_at,
        status="final",
        media_type="text/plain",
        body=act.text,
        size=len(act.text.encode("utf-8", "surrogatepass")),
    )
    facts: list[Any] = [act, done(act, context, about=f"documents_note:{act.person}/{act.act}"), document]
    if isinstance(act, NoteAdded) and act.withdraws:
        facts.append(DocumentReceived(person=act.person, number=act.note, status="cancelled"))
    return facts


def _common(act: CareAct) -> dict[str, Any]:
    return {
        "act": act.act, "visit": act.visit or None, "ward": act.ward or None, "happened_at": act.happened_at,
        "by": act.by, "by_name": act.by_name or None, "told_by": act.told_by or None, "paper": act.paper or None,
        "late": act.late, "offline": act.offline,
    }  # fmt: skip


def written(act: NoteWritten, context: Context) -> Iterable[Row]:
    """One row for each note."""
    columns = {
        "kind": act.kind, "title": act.title, "body": act.text, "recipient": act.to or None, "role": act.role or None,
    }  # fmt: skip
    return [Row("documents_note", f"{act.person}/{act.act}", _common(act) | columns)]


def added(act: NoteAdded, context: Context) -> Iterable[Row]:
    """One row for each addition; it names its note, and marks it when it withdraws it."""
    columns = {
        "kind": "added", "title": act.title, "body": act.text, "note": act.note, "role": act.role or None,
    }  # fmt: skip
    rows = [Row("documents_note", f"{act.person}/{act.act}", _common(act) | columns)]
    if act.withdraws:
        rows.append(Row("documents_note", f"{act.person}/{act.note}", {"withdrawn_by": act.act}))
    return rows


NOTE_FOLDS: dict[type, Callable[[Any, Context], Iterable[Row]]] = {NoteWritten: written, NoteAdded: added}
