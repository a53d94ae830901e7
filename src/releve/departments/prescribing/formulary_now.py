"""The formulary and the checks in force, read from the views; kept until an entry replaces them."""

from typing import Any

import msgspec
from django.db import connection

from releve.departments.prescribing.checks import Switched, given_by_two
from releve.departments.prescribing.formulary import Formulary
from releve.departments.prescribing.tables import ChecksInForce, MedicationRequest
from releve.departments.prescribing.tables import Formulary as FormularyRow
from releve.hospital.standing import told_in_force

__all__ = ["formulary_in_force", "given_by_two_here", "switched_in_force"]

_kept: dict[str, tuple[Any, Formulary]] = {}


def formulary_in_force() -> Formulary | None:
    """Return the formulary, None when the hospital supplied none."""
    told = told_in_force(FormularyRow.objects.defer("body"))
    if told is None:
        return None
    place = (getattr(connection, "releve_place", None), told)
    kept = _kept.get("formulary")
    if kept is not None and kept[0] == place:
        return kept[1]
    body = FormularyRow.objects.filter(id=told).values_list("body", flat=True).first()
    if not body:
        return None
    found = msgspec.json.decode(body, type=Formulary)
    _kept["formulary"] = (place, found)
    return found


def switched_in_force() -> Switched:
    """Return which checks are on, who answers for them, and where two people are needed."""
    told = told_in_force(ChecksInForce.objects.defer("body"))
    body = ChecksInForce.objects.filter(id=told).values_list("body", flat=True).first() if told else None
    return msgspec.json.decode(body, type=Switched) if body else Switched()


def given_by_two_here(row: MedicationRequest) -> bool:
    """Tell whether two people give this line, as the hospital decided for its product or for all."""
    if not row.high_alert:
        return False
    formulary = formulary_in_force()
    drug = formulary.drug(row.code) if formulary is not None and row.code else None
    return given_by_two(switched_in_force(), drug, high_alert=True)
