"""One cell of a hospital folder ↔ one value of the map.

Pure. A cell that cannot be read gives a problem and no value.
"""

import ipaddress
import re
from datetime import datetime
from difflib import get_close_matches
from typing import Any

from stdnum import luhn

from releve.hospital.columns import Column
from releve.hospital.problems import FoundKind, Problem
from releve.hospital.spreadsheet import looks_like_formula_error

TEXT_SIGNS_MAX = 200
CODE_SIGNS_MAX = 40

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/\-]*")
_SCIENTIFIC = re.compile(r"\d([.,]\d+)?E\+\d+", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffd]")
_KIND = re.compile(r"[A-Z][A-Z0-9]{2}(\^[A-Z][A-Z0-9]{2})?")
_PRINTER = re.compile(r"cups:[A-Za-z0-9._\-]+|(\[[0-9A-Fa-f:]+\]|[A-Za-z0-9][A-Za-z0-9.\-]*):(\d{1,5})")


class Place:
    """Where a cell stands, and the problems met there."""

    def __init__(self, file: str, line: int, column: str, problems: list[Problem]) -> None:
        self.file, self.line, self.column = file, line, column
        self._problems = problems

    def expected(self, key: str, found: FoundKind, **details: str | int) -> Any:
        """Note an error, and return None: the value that could not be read."""
        self._note(Problem(**self._where(), expected=key, found=found, details=details))
        return None

    def doubt(self, key: str, found: FoundKind, **details: str | int) -> None:
        """Note a warning: the value is accepted."""
        self._note(Problem(**self._where(), expected=key, found=found, severity="warning", details=details))

    def _where(self) -> dict[str, Any]:
        return {"file": self.file, "line": self.line, "column": self.column}

    def _note(self, problem: Problem) -> None:
        self._problems.append(problem)


def read_cell(column: Column, cell: str, place: Place) -> Any:
    """Return the value of a filled cell, None when it cannot be read (and the problem is noted)."""
    if looks_like_formula_error(cell):
        return place.expected("formula", "formula")
    if _CONTROL.search(cell):
        return place.expected("sign", "unreadable")
    if _SCIENTIFIC.fullmatch(cell) and column.kind not in ("text", "integer"):
        return place.expected("scientific", "number")
    return _READERS[column.kind](column, cell, place)


def found_in(cell: str) -> FoundKind:
    """Return what kind of value stands in a cell, without the value."""
    if not cell:
        return "nothing"
    return "number" if re.fullmatch(r"[\d\s.,+\-]+", cell) else "text"


def is_finess(number: str) -> bool:
    """Return whether a FINESS number has nine signs and a right check digit.

    Source: found on registry numbers (Luhn); in Corsica `A` counts as 1 and `B` as 2, on four numbers only,
    which is one more reason to warn and never to refuse.
    """
    digits = number.upper().replace("A", "1", 1).replace("B", "2", 1)
    return re.fullmatch(r"\d[\dABab]\d{7}", number) is not None and luhn.is_valid(digits)


def is_rpps(number: str) -> bool:
    """Return whether an RPPS number has eleven digits and a right check digit (Luhn)."""
    return re.fullmatch(r"\d{11}", number) is not None and luhn.is_valid(number)


def is_code(text: str) -> bool:
    """Return whether a text may name a thing of the map."""
    return len(text) <= CODE_SIGNS_MAX and _CODE.fullmatch(text) is not None


def _text(column: Column, cell: str, place: Place) -> str | None:
    if len(cell) > TEXT_SIGNS_MAX or "\n" in cell or "\r" in cell:
        return place.expected("text", "text")
    return cell


def _read_code(column: Column, cell: str, place: Place) -> str | None:
    return cell if is_code(cell) else place.expected("code", found_in(cell))


def _parts(cell: str) -> list[str]:
    return [part for part in re.split(r"[\s,;|]+", cell) if part]


def _codes(column: Column, cell: str, place: Place) -> tuple[str, ...] | None:
    codes = tuple(dict.fromkeys(_parts(cell)))
    return codes if all(is_code(code) for code in codes) else place.expected("code", found_in(cell))


def _read_choice(column: Column, cell: str, place: Place) -> str | None:
    if cell.casefold() in column.allowed:
        return cell.casefold()
    allowed = ", ".join(column.allowed)
    near = get_close_matches(cell.casefold(), column.allowed, n=1, cutoff=0.75)
    if near:
        return place.expected("choice-near", found_in(cell), allowed=allowed, nearest=near[0])
    return place.expected("choice", found_in(cell), allowed=allowed)


def _choices(column: Column, cell: str, place: Place) -> tuple[str, ...] | None:
    values = [_read_choice(column, part, place) for part in _parts(cell)]
    return None if None in values else tuple(dict.fromkeys(value for value in values if value))


def _integer(column: Column, cell: str, place: Place) -> int | None:
    if re.fullmatch(r"\d{1,9}", cell) and column.low <= int(cell) <= column.high:
        return int(cell)
    return place.expected("integer", found_in(cell), low=column.low, high=column.high)


def _addresses(column: Column, cell: str, place: Place) -> tuple[str, ...] | None:
    addresses = []
    for part in _parts(cell):
        try:
            addresses.append(str(ipaddress.ip_address(part)))
        except ValueError:
            return place.expected("address", found_in(part))
    return tuple(addresses)


def _printer(column: Column, cell: str, place: Place) -> str | None:
    match = _PRINTER.fullmatch(cell)
    if match is None or (match[2] and not 0 < int(match[2]) < 65536):
        return place.expected("printer-address", found_in(cell))
    return cell


def _finess(column: Column, cell: str, place: Place) -> str | None:
    number = re.sub(r"\s", "", cell)
    if not is_finess(number):
        place.doubt("finess", found_in(cell))
    return number


def _rpps(column: Column, cell: str, place: Place) -> str | None:
    number = re.sub(r"\s", "", cell)
    if not is_rpps(number):
        place.doubt("rpps", found_in(cell))
    return number


def _moment(column: Column, cell: str, place: Place) -> str | None:
    """A moment on the hospital's wall: `2026-11-21 20:00`, or as a French spreadsheet writes it."""
    for form in ("%Y-%m-%d %H:%M", "%d/%m/%Y %H:%M"):
        try:
            # A time on the wall has no zone: the list says what the clock of the hospital shows.
            return f"{datetime.strptime(cell.replace('T', ' '), form):%Y-%m-%dT%H:%M}"  # noqa: DTZ007
        except ValueError:
            continue
    return place.expected("moment", found_in(cell))


def _kinds(column: Column, cell: str, place: Place) -> tuple[str, ...] | None:
    kinds = tuple(_parts(cell.upper()))
    allowed = "ADT, ORU^R01, OMP^O09…"
    return (
        kinds
        if all(map(_KIND.fullmatch, kinds))
        else place.expected("choice", found_in(cell), allowed=allowed)
    )


_READERS: dict[str, Any] = {
    "text": _text,
    "code": _read_code,
    "codes": _codes,
    "choice": _read_choice,
    "choices": _choices,
    "integer": _integer,
    "addresses": _addresses,
    "printer": _printer,
    "finess": _finess,
    "rpps": _rpps,
    "kinds": _kinds,
    "moment": _moment,
}


def write_cell(value: Any) -> str:
    """Return the cell of a value, as `read_cell` reads it back."""
    if value is None:
        return ""
    if isinstance(value, tuple):
        return " ".join(value)
    return str(value)
