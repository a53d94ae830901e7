"""Dispenses become rows. Pure."""

from collections.abc import Callable, Iterable
from typing import Any

from releve.departments.pharmacy.facts import MedicationDispensed
from releve.record.fold import said
from releve.views.reading import Context, Row

__all__ = ["FOLDS"]


def medication_dispensed(fact: MedicationDispensed, context: Context) -> Iterable[Row]:
    """One row for each prescription number and order."""
    columns = said(
        **{
            name: getattr(fact, name)
            for name in fact.__struct_fields__
            if name not in ("person", "number", "request")
        }
    )
    if fact.request:
        columns["request"] = f"{fact.person}/{fact.request}"
    return [Row("pharmacy_dispense", f"{fact.person}/{fact.request or ''}/{fact.number}", columns)]


FOLDS: dict[type, Callable[[Any, Context], Iterable[Row]]] = {MedicationDispensed: medication_dispensed}
