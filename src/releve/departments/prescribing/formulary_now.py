"""The formulary and the checks in force, read from the views; kept until an entry replaces them."""

from typing import Any

import msgspec
from django.db import connection

from releve.departments.prescribing.checks import Switched, given_by_two
from releve.departments.prescribing.formulary import Formulary
from releve.departments.prescribing.tables import ChecksInForce, MedicationRequest
from releve.departments.prescribing.tables import Formulary as FormularyRow
from releve.hospital.standing import told_in_force
from releve.web.accounts.trust import own_origin

__all__ = ["formulary_in_force", "given_by_two_here", "switched_elsewhere", "switched_in_force"]

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


def switched_elsewhere() -> list[tuple[str, Switched]]:
    """Return the logs of other islands whose last choice of checks differs from the one in force here, with it.

    Such a choice holds on its own island only: it counts here once two managers signed it.
    """
    here, own = switched_in_force(), own_origin()
    if own is None:
        return []
    told = told_in_force(ChecksInForce.objects.defer("body"))
    latest: dict[str, ChecksInForce] = {}
    for row in ChecksInForce.objects.order_by("recorded_at", "log", "index"):
        latest[(row.log or "").partition("/")[0]] = row
    found = []
    for origin, row in sorted(latest.items()):
        if origin == own or row.id == told or not row.body:
            continue
        said = msgspec.json.decode(row.body, type=Switched)
        if (said.checks, said.second_at) != (here.checks, here.second_at):
            found.append((row.log or "", said))
    return found


def given_by_two_here(row: MedicationRequest) -> bool:
    """Tell whether two people give this line, as the hospital decided for its product or for all."""
    if not row.high_alert:
        return False
    formulary = formulary_in_force()
    drug = formulary.drug(row.code) if formulary is not None and row.code else None
    return given_by_two(switched_in_force(), drug, high_alert=True)
