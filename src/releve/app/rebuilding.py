"""Folding the whole journal again into a new generation, beside the one that is read; the link moves at the end.

Needs Django (`prepare_django`) before it is imported.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from releve.app.folding import ENTRIES_BULK, ENTRIES_LIVE, Folder
from releve.app.generation import places_of_present
from releve.app.present_first import Place
from releve.hospital.in_force import latest_map
from releve.hospital.map import HospitalMap
from releve.journal.folder import logs
from releve.journal.reader import LogReader
from releve.views.database import (
    generation_in_force,
    new_generation,
    put_in_force,
    rebuild_lock,
    remove_generation,
    remove_orphans,
    views_lock,
)

__all__ = ["Interrupted", "begin_again", "let_go", "rebuild"]

_OF_ACCOUNTS = ("account.", "carried.act.")
LINK_SECONDS = 1.0  # between a reader's look at the link and its opening of the file; a page takes far less


class Interrupted(Exception):
    """The island stops: what was folded beside the live views is thrown away."""


def rebuild(
    data: Path,
    progress: Callable[[str, int, int], None] | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> dict[str, Any]:
    """Fold the whole journal into a new generation beside the live one, present patients first; swap at the end.

    `progress` is called with a phase ("present", "journal"), how many entries are done, and how many there are.

    Raises:
        RebuildRunning: another process does it already.
        Interrupted: `stop()` said so; the live views stay as they are.
    """
    with rebuild_lock(data):
        remove_orphans(data)
        return _rebuild(data, progress, stop)


def _rebuild(
    data: Path, progress: Callable[[str, int, int], None] | None, stop: Callable[[], bool]
) -> dict[str, Any]:
    started = time.monotonic()
    hospital = latest_map(data)
    old = generation_in_force(data)
    path = new_generation(data)
    folder = Folder(data, path, hospital, alias=f"rebuild{path.stem}", shown=False)
    try:
        places = places_of_present(old) if old is not None else []
        done = 0

        def ahead(count: int) -> None:
            nonlocal done
            if stop():
                raise Interrupted
            done += count
            if progress is not None:
                progress("present", done, len(places))

        folder.fold_ahead(places, ahead)
        total = folder.behind()
        while folder.behind() > ENTRIES_LIVE:
            if stop():
                raise Interrupted
            folder.step(ENTRIES_BULK)
            if progress is not None:
                progress("journal", total - folder.behind(), total)
        with views_lock(data):
            while folder.step(ENTRIES_BULK):
                pass
            positions = folder.positions
            folder.close()
            old = generation_in_force(data)
            put_in_force(data, path)
    except BaseException:
        folder.abandon()
        remove_generation(path)
        raise
    if old is not None and old != path:
        let_go(old)
    return {
        "entries": sum(positions.values()),
        "seconds": round(time.monotonic() - started, 1),
        "positions": positions,
    }


def begin_again(data: Path, old: Path, hospital: HospitalMap) -> None:
    """Put a new generation in force as soon as the present patients are in it, and whoever may sign in.

    These pages cannot read the tables of the old one; the rest of the journal follows while they are read, every end
    of a stay before what it ends (`present_first`).
    """
    with rebuild_lock(data):
        remove_orphans(data)
        path = new_generation(data)
        folder = Folder(data, path, hospital, alias="again")
        folder.fold_ahead(_places_of_accounts(data), lambda count: None)
        folder.fold_ahead(places_of_present(old), lambda count: None)
        folder.close()
        with views_lock(data):
            put_in_force(data, path)
        let_go(old)


def _places_of_accounts(data: Path) -> list[Place]:
    """Return where all that is said of accounts stands, in every log; acts that a later epoch restates among them."""
    found: list[Place] = []
    for log in logs(data):
        with LogReader(log.path) as reader:
            start = 0
            while acts := reader.read(start, ENTRIES_BULK, lane="act"):
                start = acts[-1].index + 1
                found += [(log.name, act.index) for act in acts if act.kind.startswith(_OF_ACCOUNTS)]
    return found


def let_go(generation: Path) -> None:
    """Remove a generation; who has read the link but not opened the file yet gets the time to do so."""
    time.sleep(LINK_SECONDS)
    remove_generation(generation)
