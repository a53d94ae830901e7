"""The hospital map in force: the last one that any log on this disk holds."""

from pathlib import Path

from releve.hospital.facts import MAP_KIND, read_map
from releve.hospital.map import HospitalMap
from releve.journal.folder import logs
from releve.journal.store import LogReader

__all__ = ["MapMissing", "latest_body", "latest_map"]


class MapMissing(Exception):
    """No map was ever imported on this island."""


def latest_map(data: Path) -> HospitalMap:
    """Return the map recorded last.

    Raises:
        MapMissing: none was imported; `releve hospital import DIR --data DATA` does it.
    """
    body = latest_body(data, MAP_KIND)
    if body is None:
        raise MapMissing("no hospital map: expected one imported by `releve hospital import DIR --data DATA`")
    return read_map(body).map


def latest_body(data: Path, kind: str) -> bytes | None:
    """Return the body of the act of a kind that was recorded last, None when there is none."""
    best: tuple[int, str, int] | None = None
    body: bytes | None = None
    for log in logs(data):
        reader = LogReader(log.path)
        start = 0
        while acts := reader.read(start, 500, lane="act"):
            for entry in acts:
                order = (entry.recorded_at_us, log.name, entry.index)
                if entry.kind == kind and (best is None or order > best):
                    best, body = order, entry.body
            start = acts[-1].index + 1
        reader.close()
    return body
