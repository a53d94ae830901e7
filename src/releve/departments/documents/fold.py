"""Documents become rows. Pure."""

from collections.abc import Callable, Iterable
from typing import Any

from releve.departments.documents.facts import DocumentReceived
from releve.record.fold import said
from releve.views.reading import Context, Row

__all__ = ["FOLDS"]

CONTENT = ("media_type", "body", "size", "unreadable", "place")


def document_received(fact: DocumentReceived, context: Context) -> Iterable[Row]:
    """One row for each document number."""
    columns = said(**{name: getattr(fact, name) for name in fact.__struct_fields__ if name != "person"})
    if any(getattr(fact, name) is not None for name in CONTENT):
        # A new content replaces the old one whole; a new state alone leaves it, and where to find it.
        columns |= {name: getattr(fact, name) for name in CONTENT}
        columns |= {"content_log": context.log, "content_index": context.index}
    return [Row("documents_document", f"{fact.person}/{fact.number}", columns)]


FOLDS: dict[type, Callable[[Any, Context], Iterable[Row]]] = {DocumentReceived: document_received}
