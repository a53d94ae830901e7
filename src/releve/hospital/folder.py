"""A folder filled in a spreadsheet → the map of the hospital, or every reason why not.

Pure: file names and bytes in, a map or problems out. Nothing is accepted unless all of it is valid.
`columns.py` describes the files; `references.py` checks what one file says about another.
"""

import csv
import re
import tomllib
from collections.abc import Mapping
from typing import Any

import msgspec

from releve.hospital.cells import Place, found_in, is_code, is_finess, read_cell, write_cell
from releve.hospital.columns import DEPARTMENT_FILES, FILES, SETTINGS, SETTINGS_FILE, TABLES, Column, Table
from releve.hospital.map import ConfidentialRule, ConfidentialRules, HospitalMap, IdentityAuthority
from releve.hospital.problems import Problem
from releve.hospital.references import Rows, check_references
from releve.hospital.spreadsheet import Line, decode, fold_name, looks_secret, read_lines
from releve.hospital.zones import is_zone

_HL7_ADDRESS = re.compile(r"[A-Z][A-Z0-9]{2}-\d{1,2}(\.\d{1,2}){0,2}")


class FolderReading(msgspec.Struct, frozen=True, kw_only=True):
    """What a folder says: the map when there is no error, and all problems in the order of files and lines."""

    map: HospitalMap | None
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """What must be corrected."""
        return tuple(problem for problem in self.problems if problem.severity == "error")

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What is accepted, and worth a look."""
        return tuple(problem for problem in self.problems if problem.severity == "warning")


def read_folder(files: Mapping[str, bytes]) -> FolderReading:
    """Return the map written in the files of a folder, or the problems that stand in the way."""
    problems: list[Problem] = []
    _check_files(files, problems)
    settings = _read_settings(files[SETTINGS_FILE], problems) if SETTINGS_FILE in files else {}
    rows: Rows = {}
    for table in TABLES:
        if table.file in files and (read := read_table(table, files[table.file], problems)) is not None:
            rows[table.field] = read
    check_references(rows, settings, problems)
    order = {file: place for place, file in enumerate(FILES)}
    problems.sort(key=lambda problem: (order.get(problem.file, len(order)), problem.file, problem.line))
    if any(problem.severity == "error" for problem in problems):
        return FolderReading(map=None, problems=tuple(problems))
    return FolderReading(map=_map(settings, rows), problems=tuple(problems))


def write_folder(
    hospital: HospitalMap, *, delimiter: str = ";", encoding: str = "utf-8-sig"
) -> dict[str, bytes]:
    """Return the files of a folder that reads back as this map."""
    files = {SETTINGS_FILE: _written_settings(hospital).encode("utf-8")}
    for table in TABLES:
        lines = [_csv_line([column.name for column in table.columns], delimiter)]
        lines += [
            _csv_line([write_cell(getattr(item, column.name)) for column in table.columns], delimiter)
            for item in getattr(hospital, table.field)
        ]
        files[table.file] = "".join(lines).encode(encoding)
    return files


def _check_files(files: Mapping[str, bytes], problems: list[Problem]) -> None:
    for name in sorted(files):
        if looks_secret(name.rpartition(".")[0]):
            problems.append(Problem(file=name, expected="secret", found="secret"))
        elif (
            name not in FILES
            and name not in DEPARTMENT_FILES
            and not name.startswith((".", "~$"))
            and not name.lower().endswith((".md", ".txt"))
        ):
            details: dict[str, str | int] = {"allowed": ", ".join(FILES)}
            problems.append(
                Problem(file=name, expected="file-unknown", found="file", severity="warning", details=details)
            )
    if SETTINGS_FILE not in files:
        problems.append(Problem(file=SETTINGS_FILE, expected="file-missing", found="nothing"))
    for table in TABLES:
        if table.file not in files and table.required:
            problems.append(Problem(file=table.file, expected="file-missing", found="nothing"))
        elif table.file not in files:
            problems.append(
                Problem(file=table.file, expected="file-absent", found="nothing", severity="warning")
            )


# ---------------------------------------------------------------------------------------------
# CSV
# ---------------------------------------------------------------------------------------------


def read_table(table: Table, data: bytes, problems: list[Problem]) -> dict[int, dict[str, Any]] | None:
    """Return the readable fields of each line, by line number; None when the file cannot be read."""
    names = {fold_name(name): column for column in table.columns for name in (column.french, column.name)}
    lines, unreadable = read_lines(table.file, data, frozenset(names))
    problems += unreadable
    if unreadable or not lines:
        return None
    header = _read_header(table, lines[0], names, problems)
    rows = {}
    for line in lines[1:]:
        if any(line.cells[len(header) :]):
            problems.append(Problem(file=table.file, line=line.number, expected="cell-outside"))
        rows[line.number] = _read_row(table, line, header, problems)
    return rows


def _read_header(
    table: Table, line: Line, names: Mapping[str, Column], problems: list[Problem]
) -> list[Column | None]:
    header: list[Column | None] = []
    titles = list(line.cells)
    while titles and not titles[-1]:  # trailing separators
        titles.pop()
    for title in titles:
        column = names.get(fold_name(title))
        place = Place(table.file, line.number, title[:40], problems)
        if looks_secret(title):
            place.expected("secret", "secret")
        elif column is None and title:
            place.doubt("column-unknown", "text", allowed=", ".join(known.name for known in table.columns))
        elif column is not None and column in header:
            place.expected("column-repeated", "repeated")
        header.append(column)
    for column in table.columns:
        if column.required and column not in header:
            Place(table.file, line.number, column.name, problems).expected("column-missing", "nothing")
    return header


def _read_row(
    table: Table, line: Line, header: list[Column | None], problems: list[Problem]
) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for position, column in enumerate(header):
        if column is None:
            continue
        cell = line.cells[position] if position < len(line.cells) else ""
        place = Place(table.file, line.number, column.name, problems)
        if cell:
            value = read_cell(column, cell, place)
            if value is not None:
                row[column.name] = value
        elif column.required:
            place.expected("required", "nothing")
    return row


def _csv_line(cells: list[str], delimiter: str) -> str:
    written: list[str] = []

    class _Sink:
        def write(self, text: str) -> None:
            written.append(text)

    csv.writer(_Sink(), delimiter=delimiter, lineterminator="\r\n").writerow(cells)
    return "".join(written)


# ---------------------------------------------------------------------------------------------
# hospital.toml
# ---------------------------------------------------------------------------------------------


def _read_settings(data: bytes, problems: list[Problem]) -> dict[str, Any]:
    """The keys of `hospital.toml` that are right, flat: `identity.feed`; each with its line in `#identity.feed`."""
    text = decode(data)
    if text is None:
        problems.append(Problem(file=SETTINGS_FILE, expected="encoding", found="unreadable"))
        return {}
    try:
        document = tomllib.loads(text.replace("\r\n", "\n"))
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"at line (\d+)", str(error))
        line = int(at[1]) if at else text.count("\n") + 1
        problems.append(Problem(file=SETTINGS_FILE, line=line, expected="toml", found="unreadable"))
        return {}
    settings: dict[str, Any] = {}
    lines = _lines_of_keys(text)
    for key, value in _flat(document):
        place = Place(SETTINGS_FILE, lines.get(key, 0), key, problems)
        if looks_secret(key):
            place.expected("secret", "secret")
        elif key not in SETTINGS:
            place.doubt("column-unknown", "text", allowed=", ".join(SETTINGS))
        elif (read := _setting(key, value, place)) is not None:
            settings[key] = read
            settings["#" + key] = lines.get(key, 0)
    for key in ("name", "identity.feed", "identity.namespace"):
        if not any(key == given for given, _ in _flat(document)):
            Place(SETTINGS_FILE, 0, key, problems).expected("required", "nothing")
    return settings


def _flat(document: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    keys: list[tuple[str, Any]] = []
    for key, value in document.items():
        path = prefix + key
        keys += (
            _flat(value, path + ".") if isinstance(value, dict) and path not in SETTINGS else [(path, value)]
        )
    return keys


def _lines_of_keys(text: str) -> dict[str, int]:
    """The line of each key, as far as a reader of lines can tell; good enough to point at it."""
    lines: dict[str, int] = {}
    table = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if head := re.match(r"\s*\[\s*([\w.\-]+)\s*\]", line):
            table = head[1] + "."
            lines.setdefault(head[1], number)
        elif key := re.match(r"\s*([\w.\-]+)\s*=", line):
            lines.setdefault(table + key[1], number)
    return lines


def _setting(key: str, value: Any, place: Place) -> Any:
    if key == "exercise":
        return value if isinstance(value, bool) else place.expected("boolean", _found(value))
    if key == "confidential.values":
        return _confidential_values(value, place)
    if key == "confidential.wards":
        if isinstance(value, list) and all(isinstance(code, str) and is_code(code) for code in value):
            return tuple(value)
        return place.expected("list", _found(value))
    if not isinstance(value, str) or not 0 < len(value.strip()) <= 200:
        return place.expected("text", _found(value))
    value = value.strip()
    if key == "zone" and not is_zone(value):
        return place.expected("zone", "text")
    if key == "language" and value not in ("fr", "en"):
        return place.expected("choice", "text", allowed="fr, en")
    if key == "identity.ipp" and not _is_shape(value):
        return place.expected("shape", "text")
    if key == "finess" and not is_finess(value):
        place.doubt("finess", found_in(value))
    return value


def _is_shape(value: str) -> bool:
    """Tell whether a text is a regular expression without repetition in repetition, which may take hours to match."""
    if len(value) > 60 or re.search(r"[+*}]\)?[+*{]|\)[+*{]", value):
        return False
    try:
        re.compile(value)
    except re.error:
        return False
    return True


def _confidential_values(value: Any, place: Place) -> tuple[ConfidentialRule, ...] | None:
    if not isinstance(value, dict):
        return place.expected("hl7-address", _found(value))
    rules: list[ConfidentialRule] = []
    for address, values in value.items():
        if not _HL7_ADDRESS.fullmatch(address):
            return place.expected("hl7-address", "text")
        if not isinstance(values, list) or not all(isinstance(one, str) and one for one in values):
            return place.expected("list", _found(values))
        rules += [ConfidentialRule(address=address, value=one) for one in values]
    return tuple(rules)


def _found(value: Any) -> Any:
    if isinstance(value, (dict, list)):
        return "table"
    if isinstance(value, str):
        return found_in(value.strip())
    return "number"


def _map(settings: Mapping[str, Any], rows: Rows) -> HospitalMap:
    structs: dict[str, Any] = {
        table.field: tuple(table.struct(**row) for row in rows.get(table.field, {}).values())
        for table in TABLES
    }
    plain = {
        key: settings[key] for key in ("name", "finess", "zone", "language", "exercise") if key in settings
    }
    rules = {
        field: settings["confidential." + key]
        for field, key in (("rules", "values"), ("wards", "wards"), ("cover_name", "cover_name"))
        if "confidential." + key in settings
    }
    identity = IdentityAuthority(
        feed=settings["identity.feed"],
        namespace=settings["identity.namespace"],
        oid=settings.get("identity.oid", ""),
        ipp=settings.get("identity.ipp", ""),
    )
    return HospitalMap(**plain, **structs, identity=identity, confidential=ConfidentialRules(**rules))


def _written_settings(hospital: HospitalMap) -> str:
    lines = [f"name = {_quoted(hospital.name)}"]
    if hospital.finess:
        lines.append(f"finess = {_quoted(hospital.finess)}")
    lines += [f"zone = {_quoted(hospital.zone)}", f"language = {_quoted(hospital.language)}"]
    lines.append(f"exercise = {'true' if hospital.exercise else 'false'}")
    lines += ["", "[identity]", f"feed = {_quoted(hospital.identity.feed)}"]
    lines.append(f"namespace = {_quoted(hospital.identity.namespace)}")
    if hospital.identity.oid:
        lines.append(f"oid = {_quoted(hospital.identity.oid)}")
    if hospital.identity.ipp:
        lines.append(f"ipp = {_quoted(hospital.identity.ipp)}")
    rules = hospital.confidential
    lines += ["", "[confidential]", f"cover_name = {_quoted(rules.cover_name)}"]
    lines.append("wards = [" + ", ".join(map(_quoted, rules.wards)) + "]")
    values: dict[str, list[str]] = {}
    for rule in rules.rules:
        values.setdefault(rule.address, []).append(rule.value)
    if values:
        lines += ["", "[confidential.values]"]
        lines += [
            f"{_quoted(address)} = [{', '.join(map(_quoted, given))}]" for address, given in values.items()
        ]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    # JSON's strings are TOML's basic strings, once non-ASCII letters are left as they are.
    return msgspec.json.encode(text).decode("utf-8")
