"""A case as a folder of CSV files, for people who correct it in a spreadsheet, and back. Pure: bytes in and out.

What a spreadsheet does to a file is undone by `releve.hospital.spreadsheet`: `;` or `,`, BOM or Windows-1252.
"""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any

import msgspec

from releve.hospital.spreadsheet import Line, fold_name, read_lines, write_rows
from releve.restoration.case import Case, Uncertainty
from releve.restoration.catalogue.values import YEARS
from releve.restoration.exports.cells import CellError, Column, read_cell, write_cell
from releve.restoration.exports.columns import CASE_KEYS, TABLES, Table
from releve.restoration.exports.moments import Moments
from releve.restoration.exports.remarks import Remark

__all__ = ["FolderReading", "read_folder", "write_folder"]

_CASE_FILE = "case.csv"
_ZONE = "Europe/Paris"  # as a case that names none


class FolderReading(msgspec.Struct, frozen=True):
    """A case, or None when the folder does not say when it starts, and what was wrong, line by line.

    `places`: file and line by list, id, and the list within it ("" for the line itself).
    """

    case: Case | None
    remarks: tuple[Remark, ...]
    places: Mapping[tuple[str, str, str], tuple[str, int]] = msgspec.field(default_factory=dict)


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


def read_folder(
    files: Mapping[str, bytes], *, starts_at: datetime | None = None, base: Case | None = None
) -> FolderReading:
    """Return the case in these files, by name; `starts_at` where the folder does not say.

    `base`: the catalogue that stands; a file of absences alone is of its people.
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
    started = settings.pop("starts_at", starts_at)
    zone = settings.get("zone") or (base.zone if base is not None else _ZONE)
    clock = Moments(started, zone) if started is not None else None
    lists: dict[str, list[Any]] = {table.list: [] for table in TABLES}
    within: dict[tuple[str, str, str], list[Any]] = {}
    owners: dict[str, dict[str, int]] = {}
    places: dict[tuple[str, str, str], tuple[str, int]] = {}
    for table in TABLES:
        if table.file not in contents:
            continue
        if table.within and base is not None and table.list not in owners and not _has_own(table, contents):
            lists[table.list] = _standing(base, table.list, contents)
            owners[table.list] = dict.fromkeys((item["id"] for item in lists[table.list]), 0)
        for number, values in _rows(table, contents[table.file], clock, remarks):
            owner = values.pop(table.owner) if table.owner else ""
            item = {table.fields.get(name, name): value for name, value in values.items()}
            id_ = owner if table.within else item.get("id", "") if table.columns[0].name == "id" else ""
            if not table.within and id_ in owners.get(table.list, {}):
                other = {"other": owners[table.list][id_]}
                remarks.append(
                    Remark(code="csv-twice", severity="lost", file=table.file, line=number, facts=other)
                )
                continue
            places.setdefault((table.list, id_, table.within), (table.file, number))
            if not table.within:
                lists[table.list].append(item)
                if id_:
                    owners.setdefault(table.list, {})[id_] = number
            elif owner not in owners.get(table.list, ()):
                where = {"column": table.owner, "other": f"{table.list}.csv"}
                remarks.append(
                    Remark(code="csv-reference", severity="lost", file=table.file, line=number, facts=where)
                )
            else:
                within.setdefault((table.list, owner, table.within), []).append(table.struct(**item))
    if started is None:
        facts = {"column": "starts_at"}
        remarks.append(Remark(code="csv-required", severity="lost", file=_CASE_FILE, facts=facts))
        return FolderReading(None, tuple(remarks), places)
    return FolderReading(_case(started, settings, lists, within), tuple(remarks), places)


def _has_own(table: Table, contents: Mapping[str, bytes]) -> bool:
    """Tell whether the file of the lines that a table belongs to came too."""
    return any(each.file in contents for each in TABLES if each.list == table.list and not each.within)


def _standing(base: Case, list_: str, contents: Mapping[str, bytes]) -> list[dict[str, Any]]:
    """Return the lines of a list as they stand, without what a file that came says of them."""
    told = {each.within for each in TABLES if each.list == list_ and each.within and each.file in contents}
    return [msgspec.structs.asdict(one) | dict.fromkeys(told, ()) for one in getattr(base, list_)]


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
                if found is not None or (each.needed and each.within not in values):
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
            value = _value(column, cell, _CASE_FILE, line.number, None, remarks)
            if value is not None:
                settings[column.name] = value
    return settings


def _lines(file: str, data: bytes, known: frozenset[str], remarks: list[Remark]) -> list[Line]:
    lines, problems = read_lines(file, data, known)
    for problem in problems:
        if problem.expected != "file-empty":
            remarks.append(Remark(code="csv-unreadable", severity="lost", file=file, line=problem.line or 0))
    return lines


def _rows(
    table: Table, data: bytes, clock: Moments | None, remarks: list[Remark]
) -> list[tuple[int, dict[str, Any]]]:
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
        values = _line_values(table, cells, line.number, clock, remarks)
        if values is not None:
            rows.append((line.number, values))
    return rows


def _line_values(
    table: Table, cells: dict[str, str], number: int, clock: Moments | None, remarks: list[Remark]
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
        value = _value(column, cell, table.file, number, clock, remarks)
        if value is not None:
            values[column.name] = value
        else:
            # A cell that says something and cannot be read: what it meant is not guessed, and its line left out.
            whole = False
    return values if whole else None


def _value(
    column: Column, cell: str, file: str, number: int, clock: Moments | None, remarks: list[Remark]
) -> Any:
    try:
        value = read_cell(column, cell)
        if column.kind != "hour" or not isinstance(value, datetime):
            return value
        if clock is None or value.year not in YEARS:
            raise CellError("a whole number of hours, or a date such as 21/11/2026 14:00")
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
    if column.name != "to_hour":
        return clock.hour_from(value)
    if value.time() == time(0) and not _says_an_hour(cell):
        # Away from the 1st to the 5th: on the 5th too.
        value += timedelta(days=1)
        facts = {"column": column.name}
        remarks.append(Remark(code="csv-day", severity="changed", file=file, line=number, facts=facts))
    return clock.hour_to(value)


def _says_an_hour(cell: str) -> bool:
    return any(sign in cell for sign in ":hH")
