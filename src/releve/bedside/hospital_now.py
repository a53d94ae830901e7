"""The hospital map in force, read once for each version and kept."""

import msgspec
from django.db import DatabaseError

from releve.hospital.map import Directory, HospitalMap
from releve.hospital.tables import MapInForce
from releve.web.database import data_folder

__all__ = ["directory_now", "map_version"]

_kept: tuple[tuple[str, str | None, int | None], Directory] | None = None


def directory_now() -> Directory | None:
    """Return the map in force with its indexes, or None before any map was folded."""
    global _kept
    try:
        row = MapInForce.objects.only("log", "index").filter(id="map").first()
    except DatabaseError:
        return None
    if row is None:
        return None
    # Of which island: a process may be pointed at another folder, whose map stands at the same place.
    version = (str(data_folder()), row.log, row.index)
    if _kept is None or _kept[0] != version:
        body = MapInForce.objects.values_list("body", flat=True).get(id="map")
        _kept = (version, Directory(msgspec.json.decode(body or "{}", type=HospitalMap)))
    return _kept[1]


def map_version() -> str:
    """Return which entry the map last read came from, as "LOG#INDEX"; "" before any."""
    return "" if _kept is None else f"{_kept[0][1]}#{_kept[0][2]}"
