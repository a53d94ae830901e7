"""Documents become rows. Pure."""

from collections.abc import Callable, Iterable
from typing import Any

from releve.departments.documents.facts import DocumentReceived
from releve.record.fold import said
from releve.views.reading import Context, Row

__all__ = ["FOLDS"]


def document_received(fact: DocumentReceived, context: Context) -> Iterable[Row]:
    """One row for each document number."""
    columns = said(**{name: getattr(fact, name) for name in fact.__struct_fields__ if name != "person"})
    return [Row("documents_document", f"{fact.person}/{fact.number}", columns)]


FOLDS: dict[type, Callable[[Any, Context], Iterable[Row]]] = {DocumentReceived: document_received}
