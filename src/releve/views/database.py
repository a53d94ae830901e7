"""The file of the views: made from the tables, named by a link, swapped whole.

`DATA/views.sqlite3` is a link to the generation in force, `DATA/views.GENERATION.sqlite3`: a rebuild fills
another file beside it and moves the link, so that boards never stop. SQLite names its `-wal` after the file
behind the link, so an old log is never read with a new file.
"""

import contextlib
import fcntl
import hashlib
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from django.db import connections, models

from releve.views.turns import turn

__all__ = [
    "LINK",
    "RebuildRunning",
    "create_tables",
    "generation_in_force",
    "new_generation",
    "open_views",
    "put_in_force",
    "rebuild_lock",
    "remove_generation",
    "remove_orphans",
    "schema_digest",
    "views_lock",
    "views_models",
]

LINK = "views.sqlite3"
# Pages of 4 KiB kept by the fold: 64 MiB holds the index pages of a year of one hospital.
CACHE_PAGES = 16_384
# From here on (64 MiB) a commit moves the write-ahead log into the file itself, because nobody did beside it: moving
# 16,000 pages takes hardly longer than moving 4,000 (measured: 150 and 100 ms), and whoever writes waits meanwhile.
WAL_PAGES = 16_000


def views_models() -> list[type[models.Model]]:
    """Return the models of all views: every table but those of the web's own runtime."""
    from django.apps import apps

    outside = {"runtime", "sessions", "contenttypes", "auth"}
    return [
        model for model in apps.get_models() if model._meta.app_label not in outside and model._meta.managed
    ]


def schema_digest() -> str:
    """Return eight digits that change whenever a table or a column of the views does: they are then folded again."""
    described = sorted(
        f"{model._meta.db_table}({','.join(sorted(field.column or '' for field in model._meta.local_fields))})"
        for model in views_models()
    )
    return hashlib.sha256("\n".join(described).encode()).hexdigest()[:8]


def generation_in_force(data: Path) -> Path | None:
    """Return the file behind the link, or None when there is none."""
    link = data / LINK
    return link.resolve() if link.exists() else None


def new_generation(data: Path) -> Path:
    """Return the name of a generation of which nothing exists yet.

    A write-ahead log left behind by a file that was thrown away would be read with the new one.
    """
    number = 1
    while any(data.glob(f"views.{number}.sqlite3*")):
        number += 1
    return data / f"views.{number}.sqlite3"


def open_views(path: Path, alias: str = "fold") -> Any:
    """Return a Django connection that may write `path`; tables are made when the file is new."""
    settings = dict(connections.settings["default"])
    settings["NAME"] = str(path)
    settings["OPTIONS"] = {
        "timeout": 30,
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA temp_store=MEMORY; "
            f"PRAGMA cache_size={CACHE_PAGES}; PRAGMA wal_autocheckpoint={WAL_PAGES}"
        ),
    }
    settings["CONN_MAX_AGE"] = None
    connections.settings[alias] = settings
    with contextlib.suppress(AttributeError):
        delattr(connections._connections, alias)  # type: ignore[attr-defined]
    fresh = not path.exists()
    connection = connections[alias]
    if fresh:
        create_tables(connection)
    return connection


def create_tables(connection: Any) -> None:
    """Make every table of the views in an empty database."""
    with connection.schema_editor() as editor:
        for model in views_models():
            editor.create_model(model)


def put_in_force(data: Path, generation: Path) -> None:
    """Move the link to `generation`; readers follow at their next request."""
    link = data / LINK
    swap = data / f".{LINK}.new"
    swap.unlink(missing_ok=True)
    swap.symlink_to(generation.name)
    swap.replace(link)


def remove_generation(generation: Path) -> None:
    """Remove a generation no longer in force; who still reads it keeps the open file."""
    for suffix in ("", "-wal", "-shm"):
        generation.with_name(generation.name + suffix).unlink(missing_ok=True)


def remove_orphans(data: Path) -> None:
    """Remove what rebuilds that were cut short left behind. Call only while holding `rebuild_lock`."""
    current = generation_in_force(data)
    for path in data.glob("views.*.sqlite3*"):
        generation = path.with_name(path.name.removesuffix("-wal").removesuffix("-shm"))
        # By name: the link is resolved, the folder may have been given relative or through a link of its own.
        if generation.name != LINK and (current is None or generation.name != current.name):
            remove_generation(generation)


class RebuildRunning(Exception):
    """Another process is rebuilding these views."""


@contextlib.contextmanager
def rebuild_lock(data: Path) -> Iterator[None]:
    """Hold the right to make another generation.

    Raises:
        RebuildRunning: another process holds it.
    """
    (data / "runtime").mkdir(parents=True, exist_ok=True)
    with (data / "runtime" / "rebuild.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RebuildRunning("views: another rebuild is running; wait until it is done") from None
        yield


def views_lock(data: Path) -> AbstractContextManager[None]:
    """Return the right to write the views: the fold takes it for each batch, a rebuild for its swap."""
    return turn(data, "views")
