"""What one file of a folder says about another: codes that exist, codes used once, no circles.

Pure.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from releve.hospital.care import WARD_FUNCTIONS
from releve.hospital.cells import Place
from releve.hospital.columns import SETTINGS_FILE, TABLES, Column, Table
from releve.hospital.problems import Problem

# Field of the map → line number → fields of the line that could be read.
Rows = dict[str, dict[int, dict[str, Any]]]

_WARD_FUNCTIONS = {function.code for function in WARD_FUNCTIONS}


def check_references(rows: Rows, settings: Mapping[str, Any], problems: list[Problem]) -> None:
    """Note every code used twice, every code that stands nowhere, every circle of needs, and what looks odd."""
    # A file that is missing or unreadable is one problem, not one for each line that points at it.
    codes = {
        table.file: {row["code"] for row in rows[table.field].values() if "code" in row}
        for table in TABLES
        if table.field in rows
    }
    rows = {table.field: rows.get(table.field, {}) for table in TABLES}
    for table in TABLES:
        _check_codes_once(table, rows[table.field], problems)
        _check_codes_exist(table, rows[table.field], codes, problems)
    _check_settings(settings, rows, codes, problems)
    _check_rooms_and_beds(rows, problems)
    _check_needs(rows["applications"], problems)
    _check_senders(rows["feeds"], problems)
    _look_at_staff(rows["staff"], problems)
    _look_at_wards(rows, problems)
    _look_at_applications(rows["applications"], problems)
    for line, one in rows["on_call"].items():
        if one.get("start") and one.get("end", "9") <= one["start"]:
            Place("on-call.csv", line, "end", problems).expected("after-start", "text")


def _check_codes_once(table: Table, rows: Mapping[int, Mapping[str, Any]], problems: list[Problem]) -> None:
    seen: dict[str, int] = {}
    folded: dict[str, int] = {}
    for line, row in rows.items():
        code = row.get("code")
        if code is None:
            continue
        place = Place(table.file, line, "code", problems)
        if code in seen:
            place.expected("duplicate", "repeated", line=seen[code])
        elif code.casefold() in folded:
            place.doubt("duplicate-case", "repeated", line=folded[code.casefold()])
        seen.setdefault(code, line)
        folded.setdefault(code.casefold(), line)


def _check_codes_exist(
    table: Table,
    rows: Mapping[int, Mapping[str, Any]],
    codes: Mapping[str, set[str]],
    problems: list[Problem],
) -> None:
    for column in table.columns:
        if column.refers_to:
            for line, row in rows.items():
                place = Place(table.file, line, column.name, problems)
                for code in _codes_in(row, column):
                    _check_code(code, column.refers_to, codes, place)


def _codes_in(row: Mapping[str, Any], column: Column) -> Iterable[str]:
    value = row.get(column.name)
    if value is None:
        return ()
    return value if isinstance(value, tuple) else (value,)


def _check_code(code: str, file: str, codes: Mapping[str, set[str]], place: Place) -> None:
    if file not in codes or code in codes[file]:
        return
    zeros = any("0" * count + code in codes[file] for count in (1, 2, 3))
    found = "number" if code.isdigit() else "text"
    place.expected("reference-zero" if zeros else "reference", found, file=file)  # type: ignore[arg-type]


def _check_settings(
    settings: Mapping[str, Any], rows: Rows, codes: Mapping[str, set[str]], problems: list[Problem]
) -> None:
    for ward in settings.get("confidential.wards", ()):
        place = Place(SETTINGS_FILE, settings["#confidential.wards"], "confidential.wards", problems)
        _check_code(ward, "wards.csv", codes, place)
    if "identity.feed" not in settings:
        return
    authority = settings["identity.feed"]
    place = Place(SETTINGS_FILE, settings["#identity.feed"], "identity.feed", problems)
    _check_code(authority, "feeds.csv", codes, place)
    for line, feed in rows["feeds"].items():
        kinds = feed.get("kinds", ())
        if feed.get("code") == authority and kinds and not any(kind.startswith("ADT") for kind in kinds):
            Place("feeds.csv", line, "kinds", problems).doubt("identity-kinds", "text")


def _check_rooms_and_beds(rows: Rows, problems: list[Problem]) -> None:
    """PV1-3 says ward, room and bed by name: two of the same name cannot be told apart."""
    _check_once(rows["rooms"], ("ward", "name"), "rooms.csv", problems)
    ward_of_room = {room.get("code"): room.get("ward") for room in rows["rooms"].values()}
    for line, bed in rows["beds"].items():
        ward = ward_of_room.get(bed.get("room"))
        if ward is None:
            continue
        if bed.setdefault("ward", ward) != ward:
            Place("beds.csv", line, "ward", problems).doubt("other-ward", "text")
    named = {line: bed for line, bed in rows["beds"].items() if bed.get("name")}
    _check_once(named, ("room", "name"), "beds.csv", problems)


def _check_once(
    rows: Mapping[int, Mapping[str, Any]], fields: tuple[str, str], file: str, problems: list[Problem]
) -> None:
    seen: dict[tuple[str, str], int] = {}
    for line, row in rows.items():
        if all(field in row for field in fields):
            key = row[fields[0]], row[fields[1]]
            if key in seen:
                place = Place(file, line, fields[1], problems)
                place.expected("same-place", "repeated", where=fields[0], line=seen[key])
            seen.setdefault(key, line)


def _check_needs(rows: Mapping[int, Mapping[str, Any]], problems: list[Problem]) -> None:
    needs = {row["code"]: row.get("needs", ()) for row in rows.values() if "code" in row}
    lines = {row["code"]: line for line, row in reversed(list(rows.items())) if "code" in row}
    for circle in _circles(needs):
        place = Place("applications.csv", lines[circle[0]], "needs", problems)
        place.expected("cycle", "repeated", path=" → ".join((*circle, circle[0])))


def _circles(needs: Mapping[str, Iterable[str]]) -> list[tuple[str, ...]]:
    """Each circle met on a walk in depth, once; walked without recursion, for a list may be long."""
    done: set[str] = set()
    circles: list[tuple[str, ...]] = []
    for start in needs:
        path: list[str] = []
        on_path: set[str] = set()
        waiting: list[tuple[str, bool]] = [(start, False)]
        while waiting:
            code, leaving = waiting.pop()
            if leaving:
                path.pop()
                on_path.discard(code)
                done.add(code)
            elif code in on_path:
                circles.append(tuple(path[path.index(code) :]))
            elif code not in done and code in needs:
                path.append(code)
                on_path.add(code)
                waiting.append((code, True))
                waiting += [(need, False) for need in needs[code]]
    return circles


def _check_senders(rows: Mapping[int, Mapping[str, Any]], problems: list[Problem]) -> None:
    known: list[tuple[int, Mapping[str, Any]]] = []
    for line, feed in rows.items():
        if "sending_application" not in feed:
            continue
        for earlier_line, earlier in known:
            same = all(
                feed.get(key) == earlier.get(key) for key in ("sending_application", "sending_facility")
            )
            addresses, others = feed.get("addresses", ()), earlier.get("addresses", ())
            if same and (addresses == others or set(addresses) & set(others)):
                place = Place("feeds.csv", line, "sending_application", problems)
                place.expected("same-sender", "repeated", line=earlier_line)
        known.append((line, feed))


def _look_at_staff(rows: Mapping[int, Mapping[str, Any]], problems: list[Problem]) -> None:
    seen: dict[str, int] = {}
    for line, person in rows.items():
        number = person.get("rpps")
        if number is not None and number in seen:
            Place("staff.csv", line, "rpps", problems).doubt("rpps-twice", "repeated", line=seen[number])
        elif number is not None:
            seen[number] = line


def _look_at_wards(rows: Rows, problems: list[Problem]) -> None:
    with_beds = {bed.get("ward") for bed in rows["beds"].values()}
    papers = [printer for printer in rows["printers"].values() if printer.get("kind", "a4") == "a4"]
    first = {printer.get("ward") for printer in papers}
    second = {printer.get("second_for") for printer in papers}
    for line, ward in rows["wards"].items():
        place = Place("wards.csv", line, "code", problems)
        inpatient = ward.get("kind", "inpatient") in ("inpatient", "critical")
        if inpatient and ward.get("code") not in with_beds:
            place.doubt("no-beds", "nothing")
        if papers and inpatient and ward.get("code") not in first:
            place.doubt("no-printer", "nothing")
        elif papers and inpatient and ward.get("code") not in second:
            place.doubt("no-second-printer", "nothing")


def _look_at_applications(rows: Mapping[int, Mapping[str, Any]], problems: list[Problem]) -> None:
    """A ward has one place to write: two applications for the same act make the second one the first's stand-in."""
    carrier: dict[str, int] = {}
    for line, application in rows.items():
        functions = application.get("care_functions", ())
        place = Place("applications.csv", line, "care_functions", problems)
        if not functions:
            place.doubt("no-function", "nothing")
        for function in functions if not application.get("wards") else ():
            if function in _WARD_FUNCTIONS and function in carrier:
                place.doubt("second-carrier", "repeated", function=function, line=carrier[function])
            carrier.setdefault(function, line)
