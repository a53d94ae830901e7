"""Views that hold all that the journal holds, for a command that prints from them.

While the island runs its fold keeps them; while it is stopped the command folds what is left itself.
Needs Django (`prepare_django`) before it is imported.
"""

import time
from collections.abc import Callable
from pathlib import Path

from releve.app.folding import ENTRIES_BULK, Folder, version_now
from releve.app.generation import built_with, positions_of
from releve.app.rebuilding import rebuild
from releve.hospital.in_force import latest_map
from releve.journal.client import Recorder
from releve.journal.errors import JournalError
from releve.journal.folder import logs
from releve.journal.store import LogReader
from releve.views.database import generation_in_force, open_views, views_lock
from releve.web.words import counted

__all__ = ["ViewsBehind", "acts_behind", "bring_views_up", "entries_behind"]

WAIT_SECONDS_MAX = 10.0


class ViewsBehind(Exception):
    """The fold of a running island does not keep up; what is printed says how old it is."""


def bring_views_up(
    data: Path,
    progress: Callable[[str, int, int], None],
    *,
    waits: Callable[[int], None] = lambda behind: None,
    acts_only: bool = False,
) -> None:
    """Return when the views hold all that was recorded before the call.

    `waits` is told at once behind how many entries of a running island's fold this waits. `acts_only`: acts alone are
    waited for, which the fold takes before a long backlog of messages: what gives power is one.

    Raises:
        ViewsBehind: the island runs, and its fold did not catch up within ten seconds.
        MapMissing: no map was ever imported.
    """
    if island_runs(data):
        sizes = _sizes(data)
        count = acts_behind if acts_only else entries_behind
        deadline = time.monotonic() + WAIT_SECONDS_MAX
        if total := count(data, sizes):
            waits(total)
        while (behind := count(data, sizes)) and time.monotonic() < deadline:
            progress("waits for the fold", max(0, total - behind), total)
            time.sleep(0.2)
        if behind:
            raise ViewsBehind(
                f"the views are {counted(behind, 'entry')} behind the journal: look at the fold process"
            )
        return
    hospital = latest_map(data)
    generation = generation_in_force(data)
    if generation is None or built_with(generation) not in (None, version_now(data, hospital)):
        rebuild(data, progress)
        return
    if not entries_behind(data, _sizes(data)):
        return
    with views_lock(data):
        folder = Folder(data, generation, hospital, alias="catch-up")
        total = folder.behind()
        while folder.step(ENTRIES_BULK):
            progress("journal", total - folder.behind(), total)
        folder.close()


def island_runs(data: Path) -> bool:
    """Return whether a recorder answers: then the other processes of the island are there, or come back."""
    try:
        with Recorder(data) as recorder:
            recorder.state()
    except JournalError:
        return False
    return True


def entries_behind(data: Path, sizes: dict[str, int]) -> int:
    """Return how many of these entries the views in force do not hold yet."""
    generation = generation_in_force(data)
    if generation is None:
        return sum(sizes.values())
    connection = open_views(generation, "behind")
    try:
        positions = positions_of(connection)
    finally:
        connection.close()
    return sum(max(0, size - positions.get(name, 0)) for name, size in sizes.items())


def acts_behind(data: Path, sizes: dict[str, int]) -> int:
    """Return how many acts among these entries the views in force do not hold yet, in their turn or before it."""
    generation = generation_in_force(data)
    positions: dict[str, int] = {}
    ahead: set[tuple[str, int]] = set()
    if generation is not None:
        connection = open_views(generation, "behind")
        try:
            positions = positions_of(connection)
            with connection.cursor() as cursor:
                cursor.execute('SELECT log, "index" FROM views_ahead')
                ahead = set(cursor.fetchall())
        finally:
            connection.close()
    behind = 0
    for log in logs(data):
        if log.name in sizes:
            with LogReader(log.path) as reader:
                acts = reader.connection.execute(
                    "SELECT idx FROM entry INDEXED BY acts WHERE lane = 1 AND idx >= ? AND idx < ?",
                    (positions.get(log.name, 0), sizes[log.name]),
                )
                behind += sum((log.name, index) not in ahead for (index,) in acts)
    return behind


def _sizes(data: Path) -> dict[str, int]:
    sizes = {}
    for log in logs(data):
        with LogReader(log.path) as reader:
            sizes[log.name] = reader.size
    return sizes
