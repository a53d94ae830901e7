"""The hospital map in force, read once for each version and kept."""

import msgspec
from django.db import DatabaseError

from releve.hospital.map import Directory, HospitalMap
from releve.hospital.standing import map_told
from releve.hospital.tables import MapTold
from releve.web.database import data_folder

__all__ = ["directory_now", "map_version", "ward_called"]

_kept: tuple[tuple[str, str], Directory] | None = None


def directory_now() -> Directory | None:
    """Return the map in force with its indexes, or None before any map was folded."""
    global _kept
    try:
        told = map_told()
    except DatabaseError:
        return None
    if told is None:
        return None
    # Of which island: a process may be pointed at another folder, whose map stands at the same place.
    version = (str(data_folder()), told)
    if _kept is None or _kept[0] != version:
        body = MapTold.objects.values_list("body", flat=True).get(id=told)
        _kept = (version, Directory(msgspec.json.decode(body or "{}", type=HospitalMap)))
    return _kept[1]


def ward_called(code: str) -> str:
    """Return the name of a ward of the map in force, its code when there is none."""
    directory = directory_now()
    ward = directory.ward(code) if directory is not None else None
    return ward.name if ward is not None else code


def map_version() -> str:
    """Return which entry the map last read came from, as "LOG#INDEX"; "" before any."""
    return "" if _kept is None else _kept[0][1]
