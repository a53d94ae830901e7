"""What stands declared now, read from the views: the status of every application in every ward."""

import msgspec

from releve.hospital.map import Directory
from releve.hospital.status import Place, StatusDeclaration, Statuses
from releve.hospital.tables import Declaration

__all__ = ["declarations", "statuses_now"]


def declarations() -> list[StatusDeclaration]:
    """Return all declarations, withdrawn ones included, as `releve.hospital.status` wants them."""
    found = []
    for row in Declaration.objects.exclude(applications=None).order_by("order"):
        places = msgspec.json.decode(row.places or "[]", type=tuple[Place, ...])
        log, _, index = row.id.rpartition("#")
        found.append(
            StatusDeclaration(
                id=row.id,
                applications=tuple(msgspec.json.decode(row.applications or "[]")),
                places=places,
                status=row.status,
                since_us=(row.since_at or 0) * 1000,
                declared_us=(row.declared_at or 0) * 1000,
                order_key=(log, int(index)),
                by=row.declared_by or "",
                confirmed=row.confirmed_by is not None,
                withdrawn=row.withdrawn_by is not None,
                switch_us=row.switch_at * 1000 if row.switch_at is not None else None,
            )
        )
    return found


def statuses_now(directory: Directory, *, now_us: int) -> Statuses:
    """Return who may write where at this moment."""
    return Statuses(declarations(), directory, at_us=now_us)
