"""Results become rows. Pure.

A correction has the same series and sample: its own row, and `current` tells which of them stands
(`releve.departments.laboratory.standing`).
"""

from collections.abc import Callable, Iterable
from typing import Any

from releve.departments.laboratory.facts import ResultReported
from releve.views.reading import Context, Row

__all__ = ["FOLDS", "result_reported"]

GROWN = {"preliminary": 1, "final": 2, "corrected": 3, "cancelled": 4}


def result_reported(fact: ResultReported, context: Context) -> Iterable[Row]:
    """One row for each report of a result: status and value make two reports different."""
    columns = {name: getattr(fact, name) for name in fact.__struct_fields__ if name != "person"}
    # Two reports of one second are told apart, and stand in the order in which a result grows up.
    grown = GROWN.get(fact.status, 0)
    key = f"{fact.person}/{fact.series}/{fact.sample}/{context.stamp}/{grown}"
    return [Row("laboratory_result", key, columns)]


FOLDS: dict[type, Callable[[Any, Context], Iterable[Row]]] = {ResultReported: result_reported}
