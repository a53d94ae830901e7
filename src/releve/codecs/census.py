"""The list of present patients as a CSV file: what the hospital itself says about who lies where.

    ipp;encounter;family;given;birth_date;sex;ward;bed;admitted_at

Columns in any order, more columns are ignored, `;` or `,` or tab, UTF-8 or Windows-1252. Only `ipp` and `ward` must be
there; `birth_date` is written as in ISO 8601 (`1954-02-28`, `1954-02`, `1954`) or `YYYYMMDD`, `admitted_at` as
`2026-11-21T03:10` (hospital time) or as HL7 DTM; both are kept as text. Pure.
"""

from __future__ import annotations

import csv
import io

import msgspec

COLUMNS = ("ipp", "encounter", "family", "given", "birth_date", "sex", "ward", "bed", "admitted_at")
REQUIRED = ("ipp", "ward")
# A census of the largest hospital has 3,000 lines; a field of a megabyte is another file.
_FIELD_CHARS_MAX = 4096
_BOM = b"\xef\xbb\xbf"


class CensusError(ValueError):
    """The file cannot be read as a census at all; says which line and what was expected, never what was found."""


class CensusRow(msgspec.Struct, frozen=True, kw_only=True):
    """One present patient, as text. `line` is the line of the file, the header being line 1."""

    line: int
    ipp: str
    ward: str
    encounter: str = ""
    family: str = ""
    given: str = ""
    birth_date: str = ""
    sex: str = ""
    bed: str = ""
    admitted_at: str = ""


class Census(msgspec.Struct, frozen=True, kw_only=True):
    """Every line that can be read; `problems` name the lines that cannot (`line 12: expected a value in ipp`)."""

    rows: tuple[CensusRow, ...]
    problems: tuple[str, ...] = ()


def read_census(raw: bytes) -> Census:
    r"""Return the census in `raw`. A line that cannot be read is named and left out; the others stand.

    Raises:
        CensusError: no header, or a header without `ipp` or `ward`.

    >>> read_census(b"ipp;ward;bed\n800123;2140;12P\n").rows[0].bed
    '12P'
    """
    text = _decode(raw)
    first = text.partition("\n")[0]
    separator = max(";,\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    header = [name.strip().strip('"').lower() for name in next(reader, [])]
    missing = [name for name in REQUIRED if name not in header]
    if missing:
        raise CensusError(f"line 1: expected the columns {', '.join(missing)} in the header")
    places = {name: header.index(name) for name in COLUMNS if name in header}
    rows: list[CensusRow] = []
    problems: list[str] = []
    try:
        for fields in reader:
            if not any(field.strip() for field in fields):
                continue
            values = {name: fields[place].strip() for name, place in places.items() if place < len(fields)}
            lacking = [name for name in REQUIRED if not values.get(name)]
            if lacking:
                problems.append(f"line {reader.line_num}: expected a value in {', '.join(lacking)}")
            elif any(len(value) > _FIELD_CHARS_MAX for value in values.values()):
                problems.append(f"line {reader.line_num}: expected shorter values")
            else:
                rows.append(CensusRow(line=reader.line_num, **values))
    except csv.Error:
        problems.append(f"line {reader.line_num}: expected quotation marks in pairs")
    return Census(rows=tuple(rows), problems=tuple(problems))


def _decode(raw: bytes) -> str:
    raw = raw.removeprefix(_BOM)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        # Spreadsheets of French Windows stations write this; every byte stands for something.
        return raw.decode("cp1252", errors="replace")
