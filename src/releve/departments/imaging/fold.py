"""Imaging reports become rows. Pure."""

from collections.abc import Callable, Iterable
from typing import Any

from releve.departments.imaging.facts import ImagingReported
from releve.record.fold import said
from releve.views.reading import Context, Row

__all__ = ["FOLDS"]


def imaging_reported(fact: ImagingReported, context: Context) -> Iterable[Row]:
    """One row for each report number; the last text received stands."""
    columns = said(
        **{name: getattr(fact, name) for name in fact.__struct_fields__ if name not in ("person", "number")}
    )
    return [Row("imaging_report", f"{fact.person}/{fact.number}", columns)]


FOLDS: dict[type, Callable[[Any, Context], Iterable[Row]]] = {ImagingReported: imaging_reported}
