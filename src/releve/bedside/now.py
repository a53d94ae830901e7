"""What the pages know of the island at this moment: map, declarations, feeds, read in three small queries.

A page reads anew. A screen that polls may be answered from what was read a second ago: two hundred screens then
cost one reading a second, and the act that a person just did still shows at once on the page she is sent to.
"""

import shutil
import socket
import threading
import time
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec
from django.db import connection
from django.http import HttpRequest

from releve.bedside.horizon import Freshness, feeds_now
from releve.bedside.hospital_now import directory_now, map_version
from releve.hospital.map import Directory
from releve.hospital.standing import declarations
from releve.hospital.status import StatusDeclaration, Statuses
from releve.hospital.tables import Sender
from releve.web.accounts.middleware import is_poll
from releve.web.database import data_folder
from releve.web.shell import now_ms

__all__ = ["IslandNow", "cannot_record", "island_now"]

POLL_SECONDS = 1.0
RECORDER_SECONDS = 2.0
# Under this the recorder cannot promise another group of entries (bytes).
DISK_BYTES_MIN = 32 * 1024 * 1024


class IslandNow(msgspec.Struct, frozen=True, kw_only=True):
    """Map, statuses and feeds as of `now_ms`. `version` changes with map, declarations and what is silent."""

    directory: Directory
    statuses: Statuses
    said: tuple[StatusDeclaration, ...]
    feeds: tuple[Freshness, ...]
    strangers: tuple[Sender, ...]
    now_ms: int
    version: str

    @property
    def zone(self) -> ZoneInfo:
        """The hospital's zone."""
        return ZoneInfo(self.directory.map.zone)


_kept: dict[object, tuple[float, IslandNow]] = {}
_lock = threading.Lock()


def island_now(request: HttpRequest | None = None) -> IslandNow | None:
    """Return the state of the island for this request, or None before any map was folded."""
    held: IslandNow | None = getattr(request, "_bedside_now", None)
    if held is not None:
        return held
    place = getattr(connection, "releve_place", None)
    if request is not None and is_poll(request):
        at, kept = _kept.get(place, (0.0, None))
        if kept is not None and time.monotonic() - at < POLL_SECONDS:
            return kept
    found = _read()
    if found is not None:
        with _lock:
            _kept.clear()
            _kept[place] = (time.monotonic(), found)
        if request is not None:
            request._bedside_now = found  # type: ignore[attr-defined]
    return found


def _read() -> IslandNow | None:
    directory = directory_now()
    if directory is None:
        return None
    now = now_ms()
    said = tuple(declarations())
    statuses = Statuses(said, directory, at_us=now * 1000)
    feeds, strangers = feeds_now(directory, now_ms=now)
    told = blake2b(digest_size=9)
    told.update(map_version().encode())
    for declaration in said:
        told.update(repr((declaration.id, declaration.confirmed, declaration.withdrawn)).encode())
    for fresh in feeds:
        told.update(f"{fresh.feed.code}{fresh.silent}{fresh.never}".encode())
    return IslandNow(
        directory=directory,
        statuses=statuses,
        said=said,
        feeds=tuple(feeds),
        strangers=tuple(strangers),
        now_ms=now,
        version=told.hexdigest(),
    )


_recorder: tuple[float, Path | None, Literal["", "recorder", "disk"]] = (0.0, None, "")


def cannot_record() -> Literal["", "recorder", "disk"]:
    """Return why nothing can be written on this island: recorder that does not answer, full disk, or ""."""
    global _recorder
    data = data_folder()
    at, place, known = _recorder
    if place == data and time.monotonic() - at < RECORDER_SECONDS:
        return known
    answer: Literal["", "recorder", "disk"] = ""
    with suppress(OSError):
        if shutil.disk_usage(data).free < DISK_BYTES_MIN:
            answer = "disk"
    if not answer and not _answers(data / "runtime" / "recorder.sock"):
        answer = "recorder"
    _recorder = (time.monotonic(), data, answer)
    return answer


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(0.2)
        try:
            probe.connect(str(path))
        except OSError:
            return False
    return True
