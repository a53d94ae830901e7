"""What every island of the tests begins with, made once a process: empty tables; and codes that cost nothing.

An island of its own for each test is what keeps tests apart. Making its tables takes longer than most tests, and they
are the same each time: they are made once, by the product, and then copied. A code's hash is slow so that nobody tries
a million of them; nobody does here. Islands that run in processes of their own make and hash everything themselves.
"""

import functools
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher

__all__ = ["begin", "product_hasher"]

_product: list[PasswordHasher] = []


def begin() -> None:
    """Let islands of this process copy what was made before; call it before a room is imported."""
    from typer import testing

    from releve.journal import cards
    from releve.views import database as views
    from releve.web import database as web
    from releve.web.accounts import verifier

    _product.append(verifier._hasher)
    verifier._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    # A command that lets others go first would slow every test after it in this process.
    os.nice = lambda increment: 0
    # The same card is opened for every act that managers sign: its passphrase is made a key once, at the full cost.
    cards._key = functools.cache(cards._key)
    # The command line is described anew for every command that is typed; here it stays the same.
    testing._get_command = functools.cache(testing._get_command)
    views.create_tables = _Tables(views.create_tables)
    web.prepare_runtime = _Runtime(web.prepare_runtime)


def product_hasher() -> PasswordHasher:
    """Return what hashes codes outside the tests."""
    return _product[0]


class _Tables:
    """Empty tables of the views: made by the product the first time, then by the same statements."""

    def __init__(self, make: Any) -> None:
        self._make = make
        self._statements: list[str] = []

    def __call__(self, connection: Any) -> None:
        cursor = connection.cursor()
        if not self._statements:
            self._make(connection)
            cursor.execute(
                "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY rowid"
            )
            self._statements = [sql for (sql,) in cursor.fetchall()]
            return
        cursor.execute("BEGIN")
        for statement in self._statements:
            cursor.execute(statement)
        cursor.execute("COMMIT")


class _Runtime:
    """The tables of sessions and counters: migrated by the product the first time, then that file again."""

    def __init__(self, prepare: Any) -> None:
        self._prepare = prepare
        self._made: Path | None = None

    def __call__(self) -> None:
        from django.db import connections

        from releve.web.database import data_folder

        place = data_folder() / "runtime.sqlite3"
        if self._made is None and not place.exists():
            self._prepare()
            connections["runtime"].close()  # the last one to close brings what its log holds into the file
            self._made = Path(tempfile.mkdtemp(prefix="releve-made-once-")) / place.name
            shutil.copyfile(place, self._made)
        elif self._made is None or place.exists():
            self._prepare()  # an island that is there already: what an upgrade finds
        else:
            (data_folder() / "keys").mkdir(mode=0o700, parents=True, exist_ok=True)
            shutil.copyfile(self._made, place)
            place.chmod(0o600)
