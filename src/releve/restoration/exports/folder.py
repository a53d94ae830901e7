"""A case as a folder of CSV files, for people who correct it in a spreadsheet, and back. Pure: bytes in and out.

What a spreadsheet does to a file is undone by `releve.hospital.spreadsheet`: `;` or `,`, BOM or Windows-1252.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from releve.hospital.spreadsheet import Line, fold_name, read_lines, write_rows
from releve.restoration.case import Case, Uncertainty
from releve.restoration.exports.cells import CellError, Column, read_cell, write_cell
from releve.restoration.exports.columns import CASE_KEYS, TABLES, Table
from releve.restoration.exports.remarks import Remark

__all__ = ["FolderReading", "read_folder", "write_folder"]

_CASE_FILE = "case.csv"


class FolderReading(msgspec.Struct, frozen=True):
    """A case, or None when the folder does not say when it starts, and what was wrong, line by line."""

    case: Case | None
    remarks: tuple[Remark, ...]


def write_folder(case: Case, *, language: str = "fr") -> dict[str, bytes]:
    """Return the files of a case by name: UTF-8 with BOM and `;`, decimal commas for `fr`."""
    comma = language.startswith("fr")
    files = {_CASE_FILE: write_rows([("key", "value"), *_settings(case, comma=comma)])}
    for table in TABLES:
        rows = []
        for owner, item in _items(case, table):
            values = {table.owner: owner} if table.owner else {}
            for column in table.columns:
                if column.name != table.owner:
                    values[column.name] = getattr(item, table.fields.get(column.name, column.name))
            rows.append([write_cell(column, values[column.name], comma=comma) for column in table.columns])
        files[table.file] = write_rows([[column.name for column in table.columns], *rows])
    return files


def _settings(case: Case, *, comma: bool) -> list[list[str]]:
    rows = []
    for column in CASE_KEYS:
        of = case.uncertainty if column.name in Uncertainty.__struct_fields__ else case
        rows.append([column.name, write_cell(column, getattr(of, column.name), comma=comma)])
    return rows


def _items(case: Case, table: Table) -> list[tuple[str, Any]]:
    """Return the lines of a table with the id of what they belong to."""
    if not table.within:
        return [("", item) for item in getattr(case, table.list)]
    return [(owner.id, item) for owner in getattr(case, table.list) for item in getattr(owner, table.within)]


def read_folder(files: Mapping[str, bytes], *, starts_at: datetime | None = None) -> FolderReading:
    """Return the case in these files, by name; `starts_at` where the folder does not say.

    A line that cannot be read is left out and said with file, line, column and what was expected; the rest is kept.
    """
    remarks: list[Remark] = []
    allowed = ", ".join([_CASE_FILE, *(table.file for table in TABLES)])
    known = {_CASE_FILE, *(table.file for table in TABLES)}
    for name in sorted(files):
        if name.casefold() not in known:
            remarks.append(Remark(code="csv-file", severity="lost", file=name, facts={"allowed": allowed}))
    contents = {name.casefold(): data for name, data in files.items()}
    settings = _read_settings(contents.get(_CASE_FILE), remarks)
    lists: dict[str, list[Any]] = {table.list: [] for table in TABLES}
    within: dict[tuple[str, str, str], list[Any]] = {}
    owners: dict[str, set[str]] = {}
    for table in TABLES:
        if table.file not in contents:
            continue
        for number, values in _rows(table, contents[table.file], remarks):
            owner = values.pop(table.owner) if table.owner else ""
            item = {table.fields.get(name, name): value for name, value in values.items()}
            if not table.within:
                lists[table.list].append(item)
                owners.setdefault(table.list, set()).add(item.get("id", ""))
            elif owner not in owners.get(table.list, ()):
                where = {"column": table.owner, "other": f"{table.list}.csv"}
                remarks.append(
                    Remark(code="csv-reference", severity="lost", file=table.file, line=number, facts=where)
                )
            else:
                within.setdefault((table.list, owner, table.within), []).append(table.struct(**item))
    started = settings.pop("starts_at", starts_at)
    if started is None:
        facts = {"column": "starts_at"}
        remarks.append(Remark(code="csv-required", severity="lost", file=_CASE_FILE, facts=facts))
        return FolderReading(None, tuple(remarks))
    return FolderReading(_case(started, settings, lists, within), tuple(remarks))


def _case(
    starts_at: datetime,
    settings: dict[str, Any],
    lists: dict[str, list[Any]],
    within: dict[tuple[str, str, str], list[Any]],
) -> Case:
    made: dict[str, Any] = {}
    for table in TABLES:
        if table.within:
            continue
        inner = [each for each in TABLES if each.list == table.list and each.within]
        items = []
        for values in lists[table.list]:
            for each in inner:
                found = within.get((table.list, values["id"], each.within))
                if found is not None or each.needed:
                    values[each.within] = tuple(found or ())
            items.append(table.struct(**_told(table.struct, values)))
        made[table.list] = tuple(items)
    told = {name: settings.pop(name) for name in Uncertainty.__struct_fields__ if name in settings}
    return Case(starts_at=starts_at, uncertainty=Uncertainty(**told), **settings, **made)


def _told(struct: Any, values: dict[str, Any]) -> dict[str, Any]:
    """Return the values that are not the default of their field: a case written as JSON leaves those out."""
    default = {field.name: field.default for field in msgspec.structs.fields(struct)}
    return {name: value for name, value in values.items() if default[name] != value}


def _read_settings(data: bytes | None, remarks: list[Remark]) -> dict[str, Any]:
    settings: dict[str, Any] = {}
    if data is None:
        return settings
    columns = {column.name: column for column in CASE_KEYS}
    for line in _lines(_CASE_FILE, data, frozenset(("key", "value")), remarks)[1:]:
        key, cell = (*line.cells, "", "")[:2]
        column = columns.get(fold_name(key))
        if column is None:
            facts = {"column": "key", "allowed": ", ".join(columns)}
            remarks.append(
                Remark(code="csv-column", severity="lost", file=_CASE_FILE, line=line.number, facts=facts)
            )
        elif cell:
            value = _value(column, cell, _CASE_FILE, line.number, remarks)
            if value is not None:
                settings[column.name] = value
    return settings


def _lines(file: str, data: bytes, known: frozenset[str], remarks: list[Remark]) -> list[Line]:
    lines, problems = read_lines(file, data, known)
    for problem in problems:
        if problem.expected != "file-empty":
            remarks.append(Remark(code="csv-unreadable", severity="lost", file=file, line=problem.line or 0))
    return lines


def _rows(table: Table, data: bytes, remarks: list[Remark]) -> list[tuple[int, dict[str, Any]]]:
    """Return the lines of a file as values by column, with their line numbers; empty cells are left out."""
    columns = {column.name: column for column in table.columns}
    lines = _lines(table.file, data, frozenset(columns), remarks)
    if not lines:
        return []
    header = [fold_name(cell) for cell in lines[0].cells]
    while header and not header[-1]:
        header.pop()
    for name in header:
        if name not in columns:
            facts = {"column": name[:40], "allowed": ", ".join(columns)}
            remarks.append(
                Remark(code="csv-column", severity="lost", file=table.file, line=lines[0].number, facts=facts)
            )
    missing = [column.name for column in table.columns if column.required and column.name not in header]
    for name in missing:
        remarks.append(
            Remark(
                code="csv-missing",
                severity="lost",
                file=table.file,
                line=lines[0].number,
                facts={"column": name},
            )
        )
    if missing:
        return []
    rows = []
    for line in lines[1:]:
        if any(line.cells[len(header) :]):
            remarks.append(Remark(code="csv-wide", severity="lost", file=table.file, line=line.number))
        cells = dict(zip(header, line.cells, strict=False))
        values = _line_values(table, cells, line.number, remarks)
        if values is not None:
            rows.append((line.number, values))
    return rows


def _line_values(
    table: Table, cells: dict[str, str], number: int, remarks: list[Remark]
) -> dict[str, Any] | None:
    """Return the values of one line, None when one that it needs is not there or cannot be read."""
    values: dict[str, Any] = {}
    whole = True
    for column in table.columns:
        cell = cells.get(column.name, "")
        if not cell:
            if column.required:
                remarks.append(
                    Remark(
                        code="csv-required",
                        severity="lost",
                        file=table.file,
                        line=number,
                        facts={"column": column.name},
                    )
                )
                whole = False
            if column.kind in ("ids", "team", "uses"):
                values[column.name] = ()
            continue
        value = _value(column, cell, table.file, number, remarks)
        if value is not None:
            values[column.name] = value
        else:
            # A cell that says something and cannot be read: what it meant is not guessed, and its line left out.
            whole = False
    return values if whole else None


def _value(column: Column, cell: str, file: str, number: int, remarks: list[Remark]) -> Any:
    try:
        return read_cell(column, cell)
    except CellError as error:
        remarks.append(
            Remark(
                code="csv-cell",
                severity="lost",
                file=file,
                line=number,
                facts={"column": column.name, "expected": str(error)},
            )
        )
        return None
