"""Reports told again under another number of the patient (see `releve.record.retold`): one of them stands."""

from typing import Any

from releve.record.retold import mark_retold
from releve.views.reading import Touched

__all__ = ["derive_retold"]


def derive_retold(cursor: Any, touched: Touched) -> None:
    """Mark the reports that were told again, a correction for example; one without a text hides none."""
    mark_retold(cursor, touched, "imaging_report", names="body")
