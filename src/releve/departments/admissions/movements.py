"""The movements of a stay as a person reads them: in their order, which one stands, who wrote it."""

from collections.abc import Sequence

import msgspec

from releve.departments.admissions.rules import UNDONE_BY
from releve.hospital.map import Directory
from releve.record.tables import Act, Encounter, Movement
from releve.web.opaque import seal

__all__ = ["Line", "last_standing", "movements_of", "place_of"]

SHOWN = frozenset(UNDONE_BY) | {"A04", "A05", "A06", "A07", "A14", "Z99"}


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One movement. `by` is who wrote it here, "" for one received from `feed`; `handle` names it in an address."""

    row: Movement
    event: str
    ward: str
    bed: str
    standing: bool
    by: str
    feed: str  # its name on the map, as everywhere else; the sender's code where nobody announced it
    handle: str

    @property
    def at(self) -> int | None:
        """When it really happened, as far as anybody said."""
        return self.row.happened_at


def movements_of(stay: Encounter, directory: Directory) -> list[Line]:
    """Return every movement of a stay, oldest first, cancelled ones too."""
    rows = [
        row
        for row in Movement.objects.filter(person=stay.person, visit=stay.visit)
        if row.number not in ("seen", "account")
    ]
    rows.sort(
        key=lambda row: (
            row.happened_at or row.stamp or 0,
            row.first_stamp or row.stamp or 0,
            row.number or "",
        )
    )
    acts = {
        act.about: act.by_name or act.by or ""
        for act in Act.objects.filter(about__in=[row.id for row in rows]).order_by("stamp", "id")
    }
    return [_line(row, directory, acts.get(row.id, "")) for row in rows]


def _line(row: Movement, directory: Directory, by: str) -> Line:
    ward = directory.ward(row.ward) if row.ward else None
    return Line(
        row=row,
        event=row.event or "",
        ward=ward.name if ward is not None else row.ward or "",
        bed=row.bed or row.room or "",
        standing=row.status != "cancelled" and (row.event or "") in SHOWN,
        by=by,
        feed=directory.told_by(row.source),
        handle=seal(row.id, "movement"),
    )


def last_standing(lines: Sequence[Line]) -> Line | None:
    """Return the movement that decides where she is now, None when none stands."""
    return next((line for line in reversed(lines) if line.standing), None)


def place_of(lines: Sequence[Line]) -> str:
    """Return the newest entry that said something of these movements, as "ORIGIN/EPOCH#INDEX".

    A form carries it: when it changed at submission, somebody else wrote in the meantime.
    """
    newest = max(
        (line.row for line in lines),
        key=lambda row: (row.recorded_at or 0, row.log or "", row.index or 0),
        default=None,
    )
    return f"{newest.log}#{newest.index}" if newest is not None else ""
