"""Medication lines and doses become rows. Pure."""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from releve.departments.prescribing.facts import (
    MedicationAdministered,
    MedicationRequested,
    MedicationSheetKept,
)
from releve.record.fold import said
from releve.views.reading import Context, Row

__all__ = ["FOLDS"]


def medication_requested(fact: MedicationRequested, context: Context) -> Iterable[Row]:
    """One row for each order number; what a change does not say stays."""
    columns = said(
        **{name: getattr(fact, name) for name in fact.__struct_fields__ if name not in ("person", "times")}
    )
    if fact.times is not None:
        columns["times"] = msgspec.json.encode(fact.times).decode()
    if fact.label is not None and fact.times is None:
        # A whole line was sent again without hours: the old hours no longer hold.
        columns["times"] = None
        columns.setdefault("interval_hours", None)
    if fact.status is not None:
        columns["status_at"] = context.stamp
    return [Row("prescribing_request", f"{fact.person}/{fact.placer}", columns)]


def medication_administered(fact: MedicationAdministered, context: Context) -> Iterable[Row]:
    """One row for each order, moment and product: the same message twice is one dose."""
    columns = said(
        **{
            name: getattr(fact, name)
            for name in fact.__struct_fields__
            if name not in ("person", "rank", "request")
        }
    )
    if fact.request:
        columns["request"] = f"{fact.person}/{fact.request}"
    key = f"{fact.person}/{fact.request or fact.code}/{fact.given_at}/{fact.rank}"
    return [Row("prescribing_administration", key, columns)]


def medication_sheet_kept(fact: MedicationSheetKept, context: Context) -> Iterable[Row]:
    """The last sheet of a ward or a person; older ones stay in the journal."""
    columns = {
        "ward": fact.ward, "person": fact.about, "media_type": fact.media_type,
        "dated_at": fact.dated_at if fact.dated_at is not None else context.recorded_at,
    }  # fmt: skip
    return [Row("prescribing_sheet", f"{fact.about or ''}/{fact.ward or ''}/{fact.media_type}", columns)]


FOLDS: dict[type, Callable[[Any, Context], Iterable[Row]]] = {
    MedicationRequested: medication_requested,
    MedicationAdministered: medication_administered,
    MedicationSheetKept: medication_sheet_kept,
}
