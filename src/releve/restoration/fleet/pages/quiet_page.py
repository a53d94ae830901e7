"""Before any machine is suspect: in words what of the fleet is ready, and what to prepare while there is time."""

from collections import Counter
from typing import Any

from django.db.models import Max

from releve.restoration.fleet.desk import Desk, batches_in_order, open_batch_of
from releve.restoration.fleet.facts import KINDS
from releve.restoration.fleet.tables import Described, MachineRow
from releve.restoration.fleet.words import counted_kind

__all__ = ["quiet_context"]

NAMES_SHOWN = 6


def quiet_context(desk: Desk) -> dict[str, Any]:
    """Return what the page says: the list, what is missing on it, the batches, the machines of each ward."""
    batch_of = open_batch_of(batches_in_order())
    rows = list(MachineRow.objects.values_list("id", "kind", "ward", "described_twice", "serial"))
    kinds = Counter(kind or "other" for _, kind, _, _, _ in rows)
    of_ward: dict[str, Counter[str]] = {}
    for tag, kind, ward, _, _ in rows:
        told = of_ward.setdefault(ward or "", Counter())
        told[kind or "other"] += 1
        told["batched"] += tag in batch_of
    wards = desk.directory.map.wards if desk.directory is not None else ()
    empty = [ward.name for ward in wards if ward.code not in of_ward]
    known = {ward.code for ward in wards}
    without = [ward for ward in wards if ward.code in of_ward and not of_ward[ward.code]["batched"]]
    return {
        "total": len(rows),
        "kinds": [(counted_kind(kind, kinds[kind]), kinds[kind]) for kind in KINDS if kinds[kind]],
        "listed_at": Described.objects.aggregate(at=Max("happened_at"))["at"],
        "no_ward": sum(
            1 for _, kind, ward, _, _ in rows if kind == "workstation" and (ward or "") not in known
        ),
        "twice": sum(bool(twice) for _, _, _, twice, _ in rows),
        "no_serial": sum(not serial for _, _, _, _, serial in rows),
        "empty": empty[:NAMES_SHOWN],
        "empty_count": len(empty),
        "batches": len({batch.id for batch in batch_of.values()}),
        "without": [ward.name for ward in without[:NAMES_SHOWN]],
        "without_count": len(without),
        "wards": [
            {
                "code": ward.code,
                "name": ward.name,
                "workstations": of_ward[ward.code]["workstation"],
                "others": sum(of_ward[ward.code][kind] for kind in KINDS if kind != "workstation"),
                "batched": of_ward[ward.code]["batched"],
            }
            for ward in wards
            if ward.code in of_ward
        ],
    }
