"""Documents told again under another number of the patient (see `releve.record.retold`): one of them stands."""

from typing import Any

from releve.record.retold import mark_retold
from releve.views.reading import Touched

__all__ = ["derive_retold"]


def derive_retold(cursor: Any, touched: Touched) -> None:
    """Mark the documents told again; a word about the state alone hides no content, unless it withdraws it."""
    mark_retold(cursor, touched, "documents_document", ("replaced", "cancelled"), names="content_log")
