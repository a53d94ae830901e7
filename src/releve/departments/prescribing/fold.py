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
from releve.views.numbers import number_alone
from releve.views.reading import Context, Row

__all__ = ["FOLDS"]

DOSE = ("dose_value", "dose_unit", "dose_text", "form", "rate", "note", "substance", "drug_class")
HOURS = ("times", "interval_hours", "schedule_text", "as_needed", "condition", "start_at", "end_at")
FLAGS = ("person", "times", "whole", "timed", "status_if_new")


def medication_requested(fact: MedicationRequested, context: Context) -> Iterable[Row]:
    """One row for each order number; what a change does not say stays."""
    columns = said(**{name: getattr(fact, name) for name in fact.__struct_fields__ if name not in FLAGS})
    columns["placer"] = number_alone(fact.placer)
    if fact.times is not None:
        columns["times"] = msgspec.json.encode(fact.times).decode()
    # A dose, an hour or an end that a line no longer has must not live on from what it was before.
    for name in (*(DOSE if fact.whole else ()), *(HOURS if fact.timed else ())):
        columns.setdefault(name, None)
    if fact.status is not None:
        columns |= {"status_at": context.stamp, "own_status": None, "own_status_at": None}
    fills = {"status": fact.status_if_new} if fact.status is None and fact.status_if_new else None
    return [Row("prescribing_request", f"{fact.person}/{fact.placer}", columns, fills)]


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
    key = f"{fact.person}/{fact.request or ''}/{fact.code or fact.label}/{fact.given_at}/{fact.rank}"
    return [Row("prescribing_administration", key, columns)]


def medication_sheet_kept(fact: MedicationSheetKept, context: Context) -> Iterable[Row]:
    """One row for each sheet kept: the newest is chosen where it is read, so any order gives the same."""
    columns = {
        "ward": fact.ward, "person": fact.about, "media_type": fact.media_type,
        "dated_at": fact.dated_at if fact.dated_at is not None else context.recorded_at,
    }  # fmt: skip
    return [Row("prescribing_sheet", f"{context.log}#{context.index}", columns)]


FOLDS: dict[type, Callable[[Any, Context], Iterable[Row]]] = {
    MedicationRequested: medication_requested,
    MedicationAdministered: medication_administered,
    MedicationSheetKept: medication_sheet_kept,
}
