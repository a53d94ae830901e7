"""Queries whose SQL is put together once a process: on a ward's board that took longer than the database itself.

The SQL is Django's own for the database at hand, so it stays portable; only its numbers and keys change.
Needs Django.
"""

from collections import namedtuple
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from django.db import connections, router
from django.db.models import Model, QuerySet

__all__ = ["Fixed", "Prepared"]

Row = TypeVar("Row")

_FIRST_STAND_IN = 1 << 61  # no moment of a row comes near it


class _Statement:
    """SQL with the places of what changes from one call to the next."""

    def __init__(self, query: QuerySet[Any], keys: Sequence[str], moments: Sequence[int]) -> None:
        compiler = query.query.get_compiler(query.db)
        self.sql, parameters = compiler.as_sql()
        columns = [expression for expression, _, _ in compiler.select]
        assert not query.query.annotations
        assert not query.query.select_related
        # Truth values, on SQLite: column by column, as Django reads them.
        self._converters = compiler.get_converters(columns)
        names = [column.target.attname for column in columns]
        model: type[Model] = query.model
        alias = query.db
        if query._fields:  # type: ignore[attr-defined]  # values_list: columns without a model around them
            tuple_of: Any = namedtuple  # its columns are known here only
            self.make: Callable[[Sequence[Any]], Any] = tuple_of("Row", names)._make
        else:
            self.make = lambda row: model.from_db(alias, names, row)
        place = {key: number for number, key in enumerate(keys)}
        moment = {stand_in: number for number, stand_in in enumerate(moments)}
        # What stands at each place: a key or a moment by its number, or always the same value.
        self.parts: list[tuple[str, Any]] = [
            ("key", place[one])
            if one in place
            else ("moment", moment[one])
            if one in moment
            else ("value", one)
            for one in parameters
        ]
        used = [number for kind, number in self.parts if kind == "key"]
        assert sorted(used) == list(range(len(keys))), "expected each key once in the query"

    def rows(self, connection: Any, keys: Sequence[str], moments: Sequence[int]) -> list[list[Any]]:
        """Return the values of each row."""
        with connection.cursor() as cursor:
            cursor.execute(self.sql, self._parameters(keys, moments))
            found = [list(row) for row in cursor.fetchall()]
        for place, (converters, expression) in self._converters.items():
            for row in found:
                for convert in converters:
                    row[place] = convert(row[place], expression, connection)
        return found

    def _parameters(self, keys: Sequence[str], moments: Sequence[int]) -> list[Any]:
        values = {"key": keys, "moment": moments}
        return [one if kind == "value" else values[kind][one] for kind, one in self.parts]


class Prepared(Generic[Row]):
    """A query over rows of some keys: `Prepared(lambda keys, since: Result.objects.filter(person__in=keys, ...))`.

    The function is called with stand-ins for the keys and for each moment (int), once for each power of two of keys;
    it must use each key once, in an `__in`, and give a plain query of one table, whole rows or a `values_list`.
    """

    def __init__(self, build: Callable[..., QuerySet[Any]]) -> None:
        self._build = build
        self._statements: dict[tuple[str, int], _Statement] = {}
        self._model: type[Model] | None = None

    def __call__(self, keys: Sequence[str], *moments: int) -> list[Row]:
        """Return the rows of these keys; of a `values_list` as named tuples."""
        if not keys:
            return []
        width = 1 << (len(keys) - 1).bit_length()
        model = self._model
        alias = router.db_for_read(model) if model is not None else ""
        statement = self._statements.get((alias, width))
        if statement is None or model is None:
            stand_ins = [f"\x00key {number}" for number in range(width)]
            when = [_FIRST_STAND_IN + number for number in range(len(moments))]
            query = self._build(stand_ins, *when)
            self._model = model = query.model
            alias = query.db
            statement = self._statements[alias, width] = _Statement(query, stand_ins, when)
        # A key asked twice gives its rows once: the rest of the places are filled with the last.
        filled = [*keys, *[keys[-1]] * (width - len(keys))]
        rows = statement.rows(connections[alias], filled, moments)
        return [statement.make(row) for row in rows]


class Fixed(Generic[Row]):
    """A query that is the same each time: `Fixed(lambda: Sender.objects.all())`; plain and of one table, as above."""

    def __init__(self, build: Callable[[], QuerySet[Any]]) -> None:
        self._build = build
        self._statements: dict[str, _Statement] = {}
        self._model: type[Model] | None = None

    def __call__(self) -> list[Row]:
        """Return its rows; of a `values_list` as named tuples."""
        alias = router.db_for_read(self._model) if self._model is not None else ""
        statement = self._statements.get(alias)
        if statement is None:
            query = self._build()
            self._model, alias = query.model, query.db
            statement = self._statements[alias] = _Statement(query, (), ())
        return [statement.make(row) for row in statement.rows(connections[alias], (), ())]
