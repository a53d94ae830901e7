"""Appointments told again under another number of the patient (see `releve.record.retold`): one of them stands."""

from typing import Any

from releve.record.retold import mark_retold
from releve.views.reading import Touched

__all__ = ["derive_retold"]


def derive_retold(cursor: Any, touched: Touched) -> None:
    """Mark the appointments that were told again: one that was cancelled or moved must not be kept by anybody."""
    mark_retold(cursor, touched, "appointments_appointment", ("cancelled",))
