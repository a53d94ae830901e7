"""A case as a folder of spreadsheets: nothing is lost on the way out and back, and each wrong cell is named."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace
from told_case import told_case

from releve.exercise.demo import demo_hospital
from releve.restoration.catalogue.first import first_case
from releve.restoration.exports.cells import shielded
from releve.restoration.exports.columns import TABLES
from releve.restoration.exports.folder import read_folder, write_folder
from releve.restoration.exports.remarks import line


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_case_comes_back_from_its_folder_word_for_word(language: str) -> None:
    """What the spreadsheet loses, the plan no longer knows."""
    reading = read_folder(write_folder(told_case(), language=language))

    assert reading.remarks == ()
    assert reading.case == told_case()


def test_the_case_of_a_whole_hospital_comes_back() -> None:
    """A thousand tasks hold more kinds of text than a small case."""
    case = first_case(demo_hospital(), datetime(2026, 11, 22, 3, 10, tzinfo=ZoneInfo("Europe/Paris")))

    assert read_folder(write_folder(case)).case == case


def test_files_saved_by_a_french_spreadsheet_are_read() -> None:
    """It saves as Windows-1252, without BOM, with `;`, commas in numbers, empty lines and trailing separators."""
    files = write_folder(told_case(), language="fr")
    as_saved = {
        name: (
            data.decode("utf-8-sig").replace("\r\n", ";;\r\n").encode("cp1252", errors="replace")
            + b";;;\r\n\r\n"
        )
        for name, data in files.items()
    }

    reading = read_folder(as_saved)

    assert reading.remarks == ()
    assert reading.case == told_case()


def test_files_with_commas_and_tabs_are_read() -> None:
    """An English spreadsheet writes commas, a copied table tabs."""
    case = told_case()
    files = write_folder(case, language="en")
    files["needs.csv"] = b"application,needs,before\nPACS,AD,\nPACS,RIS,PACS-test\nRIS,AD,RIS-1\n"
    files["resources.csv"] = "id\tname\tunits\nbandwidth\tDébit\t3\n".encode()

    assert read_folder(files).case == case


def test_a_wrong_cell_is_named_with_file_line_and_column_and_the_rest_is_kept() -> None:
    """Two hundred lines are not typed again for one letter in a number."""
    files = write_folder(told_case())
    files["tasks.csv"] = files["tasks.csv"].replace(b";rebuild;", b";rebiuld;").replace(b";30;", b";trente;")

    reading = read_folder(files)

    assert [line(remark) for remark in reading.remarks] == [
        "tasks.csv, line 2: kind: expected one of contain, rebuild, restore, scan, harden, test, reopen, catch-up, "
        "gate, workstations, other",
        "tasks.csv, line 4: work_hours: expected a whole number",
    ]
    assert reading.case is not None
    assert {task.id for task in reading.case.tasks} == {"AD-gate", "PACS-test", "RIS-1"}
    assert line(reading.remarks[1], "fr") == (
        "tasks.csv, ligne 4\u00a0: work_hours\u00a0: attendu un nombre entier"
    )


def test_a_column_keeps_its_name_in_a_french_sentence() -> None:
    """“la tâche” stands in no heading of the file."""
    files = write_folder(told_case())
    files["states.csv"] = b"task;started\n;5\n"

    (remark,) = read_folder(files).remarks

    assert line(remark, "fr") == "states.csv, ligne 2\u00a0: task\u00a0: attendu une valeur"


def test_what_a_folder_should_not_hold_is_said() -> None:
    """A column somebody added is work somebody did: it must not vanish in silence."""
    files = write_folder(told_case())
    files["plan.xlsx"] = b"PK"
    files["skills.csv"] = b"id;name;colour\nsystems;S;red;more\n"
    files["resources.csv"] = b"id;name\nbandwidth;B\n"
    files["impacts.csv"] = b"service;from_day;per_day\nghost;0;1\nimages;0;1\n"
    files["people.csv"] = b"PK\x03\x04\x00"

    found = {(remark.file, remark.line, remark.code) for remark in read_folder(files).remarks}

    assert found >= {
        ("plan.xlsx", 0, "csv-file"),
        ("skills.csv", 1, "csv-column"),
        ("skills.csv", 2, "csv-wide"),
        ("resources.csv", 1, "csv-missing"),
        ("impacts.csv", 2, "csv-reference"),
        ("people.csv", 0, "csv-unreadable"),
    }


def test_a_folder_that_does_not_say_when_it_starts_is_no_case_unless_told() -> None:
    """Hours counted from nowhere are no dates."""
    files = write_folder(told_case())
    del files["case.csv"]

    assert read_folder(files).case is None
    told = read_folder(files, starts_at=told_case().starts_at).case
    assert told is not None
    assert told.tasks == told_case().tasks


def test_no_cell_is_taken_for_a_formula() -> None:
    """A task named `=HYPERLINK(…)` would call home from the spreadsheet of the crisis cell."""
    case = told_case()
    named = replace(case, tasks=(replace(case.tasks[0], name="=1+1", evidence="'-x"), *case.tasks[1:]))

    files = write_folder(named)

    assert b";'=1+1;" in files["tasks.csv"]
    assert read_folder(files).case == named
    assert [shielded(text) for text in ("", "a", "-1", "@x", "'x")] == ["", "a", "'-1", "'@x", "''x"]


def test_every_field_of_a_case_has_its_column() -> None:
    """A field added to the format and forgotten here would be lost by whoever corrects a case in a spreadsheet."""
    for table in TABLES:
        written = {table.fields.get(column.name, column.name) for column in table.columns}
        inner = {each.within for each in TABLES if each.list == table.list and each.within}
        fields = set(table.struct.__struct_fields__)
        if not table.within:
            assert fields - written == inner, table.file
        else:
            assert fields <= written, table.file
