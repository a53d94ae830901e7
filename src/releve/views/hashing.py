"""One number for what the views say, equal on every island that folded the same entries.

A sum of row hashes: the order of rows does not matter, and a row can be added or taken away. It covers what
was said, not when this island happened to receive it (log, index, recorded time), nor what is counted locally.
"""

import hashlib
from collections.abc import Callable
from typing import Any

import msgspec

from releve.views.columns import Told
from releve.views.database import views_models

__all__ = ["hash_of_views", "row_hash"]

LOCAL_COLUMNS = frozenset({"log", "index", "recorded_at", "content_log", "content_index"})
MODULUS = 1 << 128
_encode = msgspec.msgpack.Encoder(order="deterministic").encode


def row_hash(table: str, values: dict[str, Any]) -> int:
    """Return the hash of one row; unknown columns do not count, so a new empty column changes nothing.

    >>> row_hash("t", {"id": "a", "x": None}) == row_hash("t", {"id": "a"})
    True
    """
    said = {name: value for name, value in values.items() if value is not None}
    return int.from_bytes(hashlib.blake2b(_encode([table, said]), digest_size=16).digest(), "big")


def hash_of_views(connection: Any, progress: Callable[[str], None] | None = None) -> dict[str, Any]:
    """Return `hash` (32 hexadecimal digits), `rows`, and both for each table."""
    total, rows = 0, 0
    tables: dict[str, dict[str, Any]] = {}
    for model in views_models():
        if not issubclass(model, Told) or model._meta.app_label == "views":
            continue
        table = model._meta.db_table
        if progress is not None:
            progress(table)
        columns = sorted(
            field.column
            for field in model._meta.local_fields
            if field.column and field.column not in LOCAL_COLUMNS
        )
        names = ", ".join(f'"{column}"' for column in columns)
        subtotal = count = 0
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT {names} FROM "{table}"')  # noqa: S608
            while found := cursor.fetchmany(2000):
                for values in found:
                    subtotal = (subtotal + row_hash(table, dict(zip(columns, values, strict=True)))) % MODULUS
                count += len(found)
        tables[table] = {"rows": count, "hash": f"{subtotal:032x}"}
        total, rows = (total + subtotal) % MODULUS, rows + count
    return {"hash": f"{total:032x}", "rows": rows, "tables": tables}
