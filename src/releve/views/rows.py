"""Rows on their way to the database: merged in memory, written in few statements."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from releve.views.reading import Context, Row

__all__ = ["RowBuffer", "told_by"]


def told_by(context: Context, person: str = "") -> dict[str, Any]:
    """Return the columns that say whose a row is and which entry told it; the same for all rows of an entry."""
    told = {
        "log": context.log,
        "index": context.index,
        "source": context.source,
        "stamp": context.stamp,
        "recorded_at": context.recorded_at,
    }
    if person:
        told["person"] = person
    return told


class RowBuffer:
    """Collect rows of one batch of entries, then write them.

    The rows of a subject arrive in the order of its entries; a later value replaces an earlier one, and a
    `fill` only takes a place that nothing has taken.
    """

    def __init__(self) -> None:
        self._rows: dict[str, dict[str, tuple[dict[str, Any], dict[str, Any]]]] = defaultdict(dict)

    def __len__(self) -> int:
        return sum(len(rows) for rows in self._rows.values())

    def add(self, row: Row, told: Mapping[str, Any]) -> None:
        """Merge one row, and write on it what `told_by` says of its entry."""
        table, key, columns, further = row
        rows = self._rows[table]
        kept = rows.get(key)
        if kept is None:
            kept = rows[key] = ({}, {})
        values, fills = kept
        if further:
            for column, value in further.items():
                if value is None:
                    continue
                if column not in values:
                    fills.setdefault(column, value)
                elif values[column] is None:
                    # Emptied in this batch, then filled: what the table holds from before must not win.
                    values[column] = value
        if columns:
            values.update(columns)
            values.update(told)
            if fills:
                for column in (*columns, *told):
                    fills.pop(column, None)
        else:
            for column, value in told.items():
                if column not in values:
                    fills.setdefault(column, value)

    def drop_person(self, person: str, tables: Iterable[str]) -> None:
        """Forget what this batch already held for a person that is about to be folded again."""
        for table in tables:
            rows = self._rows.get(table)
            if rows:
                prefix = person + "/"
                found = [key for key in rows if key == person or key.startswith(prefix)]
                # "CHV:80" owns nothing of "CHV:80/02".
                for key in [key for key in found if _owner(rows[key]) == person]:
                    del rows[key]

    def touched(self, table: str) -> Iterable[tuple[str, dict[str, Any]]]:
        """Yield id and set columns of the rows of `table` in this batch."""
        for key, (values, _) in self._rows.get(table, {}).items():
            yield key, values

    def merged(self) -> dict[tuple[str, str], dict[str, Any]]:
        """Return what the rows of this batch would be in empty tables, by table and id."""
        return {
            (table, key): {**fills, **values}
            for table, rows in self._rows.items()
            for key, (values, fills) in rows.items()
        }

    def write(self, cursor: Any) -> int:
        """Write everything, return the number of rows, and be empty again."""
        written = 0
        for table, rows in self._rows.items():
            groups: dict[tuple[tuple[str, ...], tuple[str, ...]], list[list[Any]]] = defaultdict(list)
            for key, (values, fills) in rows.items():
                groups[tuple(values), tuple(fills)].append([key, *values.values(), *fills.values()])
                written += 1
            for (set_columns, fill_columns), parameters in groups.items():
                cursor.executemany(_upsert(table, set_columns, fill_columns), parameters)
        self._rows.clear()
        return written


def _owner(row: tuple[dict[str, Any], dict[str, Any]]) -> Any:
    values, fills = row
    return values.get("person", fills.get("person"))


@lru_cache(maxsize=1024)
def _upsert(table: str, set_columns: tuple[str, ...], fill_columns: tuple[str, ...]) -> str:
    columns = ["id", *set_columns, *fill_columns]
    names = ", ".join(f'"{column}"' for column in columns)
    updates = [f'"{column}" = excluded."{column}"' for column in set_columns]
    updates += [
        f'"{column}" = COALESCE("{table}"."{column}", excluded."{column}")' for column in fill_columns
    ]
    action = f"UPDATE SET {', '.join(updates)}" if updates else "NOTHING"
    places = ", ".join(["%s"] * len(columns))
    return f'INSERT INTO "{table}" ({names}) VALUES ({places}) ON CONFLICT ("id") DO {action}'  # noqa: S608
