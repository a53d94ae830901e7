"""Cells of a spreadsheet ↔ values of a case. Pure."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec

from releve.hospital.spreadsheet import shielded, unshielded
from releve.restoration.exports.lists import (
    read_ids,
    read_team,
    read_uses,
    write_ids,
    write_team,
    write_uses,
)

__all__ = ["Column", "read_cell", "write_cell"]

_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?([eE][+-]?\d+)?")
_INTEGER = re.compile(r"[+-]?\d{1,12}")
_DATE = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})(?:[ T,à]+(\d{1,2})[:hH](\d{2})?(?::\d{2})?)?")
_TRUE = {"1", "true", "yes", "oui", "vrai", "x"}
_FALSE = {"0", "false", "no", "non", "faux"}


class Column(msgspec.Struct, frozen=True):
    """A column: its name, the field of the struct it fills, its kind, and whether a line needs it."""

    name: str
    kind: str = "text"
    required: bool = False
    allowed: tuple[str, ...] = ()


class CellError(ValueError):
    """A cell is not what its column holds: the text says what was expected."""


def write_cell(column: Column, value: Any, *, comma: bool) -> str:
    """Return the cell of a value; with `comma`, numbers as French spreadsheets read them."""
    if value is None:
        return ""
    if column.kind in ("number", "integer", "hour"):
        # Whole numbers without a point; else the shortest text that reads back as the same number.
        text = str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(float(value))
        return text.replace(".", ",") if comma else text
    if column.kind == "boolean":
        return "1" if value else "0"
    if column.kind == "moment":
        return str(value.isoformat())
    writers: dict[str, Callable[[Any], str]] = {
        "ids": write_ids, "days": " ".join, "team": write_team, "uses": write_uses,
    }  # fmt: skip
    return shielded(writers.get(column.kind, str)(value))


def read_cell(column: Column, cell: str) -> Any:
    """Return the value of a filled cell.

    Raises:
        CellError: it is none of this column; the text says what was expected, never what stood there.
    """
    return _READERS[column.kind](column, cell)


def _text(column: Column, cell: str) -> str:
    return unshielded(cell)


def _integer(column: Column, cell: str) -> int:
    bare = re.sub(r"[\s\u00a0\u202f]", "", cell)
    if not _INTEGER.fullmatch(bare):
        raise CellError("a whole number")
    return int(bare)


def _hour(column: Column, cell: str) -> int | datetime:
    """Return hours since the start, or the date that stands there: day/month/year, or as ISO 8601 writes it."""
    if _INTEGER.fullmatch(re.sub(r"[\s\u00a0\u202f]", "", cell)):
        return _integer(column, cell)
    try:
        found = _DATE.fullmatch(cell)
        if found is None:
            return datetime.fromisoformat(cell)
        day, month, year, hour, minute = (int(part or 0) for part in found.groups())
        return datetime(year, month, day, hour, minute)  # noqa: DTZ001 - in the zone of the case
    except ValueError as error:
        raise CellError("a whole number of hours, or a date such as 21/11/2026 14:00") from error


def _number(column: Column, cell: str) -> float:
    bare = re.sub(r"[\s\u00a0\u202f]", "", cell)
    if not _NUMBER.fullmatch(bare) or len(bare) > 40:
        raise CellError("a number such as 0.5")
    return float(bare.replace(",", "."))


def _boolean(column: Column, cell: str) -> bool:
    if cell.casefold() in _TRUE:
        return True
    if cell.casefold() in _FALSE:
        return False
    raise CellError("1 or 0")


def _choice(column: Column, cell: str) -> str:
    if cell.casefold() not in column.allowed:
        raise CellError(f"one of {', '.join(column.allowed)}")
    return cell.casefold()


def _days(column: Column, cell: str) -> tuple[str, ...]:
    days = tuple(dict.fromkeys(re.split(r"[\s,;]+", cell.casefold().strip())))
    if any(day not in column.allowed for day in days):
        raise CellError(f"days among {' '.join(column.allowed)}")
    return days


def _moment(column: Column, cell: str) -> datetime:
    try:
        moment = datetime.fromisoformat(cell)
    except ValueError as error:
        raise CellError("a date and time with its zone, such as 2026-11-22T03:10:00+01:00") from error
    if moment.tzinfo is None:
        raise CellError("a date and time with its zone, such as 2026-11-22T03:10:00+01:00")
    return moment


_READERS: dict[str, Callable[[Column, str], Any]] = {
    "text": _text,
    "integer": _integer,
    "hour": _hour,
    "number": _number,
    "boolean": _boolean,
    "choice": _choice,
    "days": _days,
    "moment": _moment,
    "ids": lambda column, cell: read_ids(unshielded(cell)),
    "team": lambda column, cell: read_team(unshielded(cell)),
    "uses": lambda column, cell: read_uses(unshielded(cell)),
}
