"""The two databases of the web: the views, which another process folds, and `runtime.sqlite3`, which is ours.

`DATA/views.sqlite3` is a link to the generation in force (`views.GEN.sqlite3`); a rebuild swaps it.
"""

import contextlib
import secrets
import sqlite3
import tomllib
import zlib
from pathlib import Path
from typing import Any
from urllib.parse import quote

from releve.journal.errors import JournalError
from releve.journal.folder import own_log
from releve.journal.keys import keep_secret, secret

__all__ = [
    "Router", "data_folder", "follow_views", "origin_of", "prepare_runtime", "read_or_make_key",
    "runtime_is_prepared", "setting", "use_data_folder", "views_name",
]  # fmt: skip

_RUNTIME_LABELS = frozenset({"runtime", "sessions"})


def views_name(data: Path) -> str:
    """Return the database name of the views: never created from here, an empty file would hide the link."""
    return f"file:{quote(str(data / 'views.sqlite3'))}?mode=rw"


def read_or_make_key(path: Path) -> str:
    """Return the web's signing key, made at first use with mode 0600 when the keys folder is there.

    Without a data folder (checks, catalogues of words) the key lives only as long as the process.

    Raises:
        KeysLocked: the island is wrapped and not open.
    """
    try:
        return secret(path.parent.parent, path.name).decode("ascii").strip()
    except FileNotFoundError:
        pass
    key = secrets.token_urlsafe(48)
    if not path.parent.is_dir():
        return key
    try:
        keep_secret(path.parent.parent, path.name, key.encode(), replace=False)
    except FileExistsError:  # two workers started together
        return secret(path.parent.parent, path.name).decode("ascii").strip()
    return key


def data_folder() -> Path:
    """Return the data folder this process serves."""
    folder: Path = setting("RELEVE_DATA")
    return folder


def setting(name: str) -> Any:
    """Return one of our own settings, which Django's types do not know."""
    from django.conf import settings

    return getattr(settings, name)


class Router:
    """Sessions and counters go to `runtime`, everything else is a view; only `runtime` is migrated."""

    def db_for_read(self, model: Any, **hints: Any) -> str:
        """Return the database a model is read from."""
        return "runtime" if model._meta.app_label in _RUNTIME_LABELS else "default"

    db_for_write = db_for_read

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        """Tell whether a migration may run there: views are folded again, never migrated."""
        return db == "runtime" and app_label in _RUNTIME_LABELS


def origin_of(data: Path) -> str | None:
    """Return the name in the journal of the island in `data`, None when nothing there says it.

    By the log's key; a process from which the keys are hidden goes by the settings.
    """
    try:
        return own_log(data).origin
    except JournalError:
        pass
    try:
        said = tomllib.loads((data / "releve.toml").read_text("utf-8")).get("island", {}).get("origin", "a")
    except (OSError, ValueError, AttributeError):
        return None
    return said if isinstance(said, str) and (data / "journal" / said).is_dir() else None


def follow_views() -> None:
    """Close this thread's connection to the views when the link names another generation than the one it opened."""
    from django.db import connection

    try:
        found = (data_folder() / "views.sqlite3").stat()
    except OSError:
        place = None
    else:
        place = (found.st_dev, found.st_ino)
    if getattr(connection, "releve_place", None) != place:
        connection.close()
        connection.releve_place = place  # type: ignore[attr-defined]


def use_data_folder(data: Path) -> None:
    """Point both databases of this process at another data folder (commands with `--data`, tests)."""
    from django.conf import settings
    from django.db import connections

    settings.RELEVE_DATA = data
    for alias, name in (("default", views_name(data)), ("runtime", str(data / "runtime.sqlite3"))):
        connections[alias].close()
        connections.settings[alias]["NAME"] = name
        connections[alias].settings_dict["NAME"] = name


def prepare_runtime() -> None:
    """Create or bring up to date the tables of `runtime.sqlite3`; safe to call at each start."""
    from django.core.management import call_command

    (data_folder() / "keys").mkdir(mode=0o700, parents=True, exist_ok=True)
    call_command("migrate", database="runtime", verbosity=0, interactive=False)
    path = data_folder() / "runtime.sqlite3"
    with contextlib.closing(sqlite3.connect(path)) as runtime:
        runtime.execute(f"PRAGMA user_version = {_runtime_version()}")
    # Sessions are as good as passwords while they last.
    path.chmod(0o600)


def runtime_is_prepared(data: Path) -> bool:
    """Tell whether `prepare_runtime` was done by this same version: it costs a start the better part of a second."""
    try:
        name = f"file:{quote(str(data / 'runtime.sqlite3'))}?mode=rw"
        with contextlib.closing(sqlite3.connect(name, uri=True)) as runtime:
            return bool(runtime.execute("PRAGMA user_version").fetchone() == (_runtime_version(),))
    except sqlite3.Error:
        return False


def _runtime_version() -> int:
    """Return a number of Django and of our migrations; another of either asks for the tables to be looked at."""
    import django

    ours = sorted(path.name for path in (Path(__file__).parent / "runtime" / "migrations").glob("0*.py"))
    return zlib.crc32(" ".join((django.__version__, *ours)).encode()) >> 1  # SQLite keeps 31 bits and a sign
