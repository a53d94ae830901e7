"""The page that people fill their spreadsheet by says what the code reads, neither more nor less."""

import re
from pathlib import Path

import pytest

from releve.hospital.care import CARE_FUNCTIONS
from releve.hospital.cells import Place, read_cell
from releve.hospital.columns import SETTINGS, TABLES, Table
from releve.hospital.folder import read_folder

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "hospital-folder.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    """Return what stands under a heading, up to the next one."""
    return PAGE.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0].split("\n### ", 1)[0]


def rows(title: str) -> list[list[str]]:
    """Return the cells of the table in a section, without its heading."""
    lines = [line for line in section(title).splitlines() if line.startswith("|")]
    return [
        [re.sub(r"^`([^`]+)`$", r"\1", cell.strip()) for cell in line.strip("|").split("|")]
        for line in lines[2:]
    ]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.file)
def test_each_column_is_described_as_it_is_read(table: Table) -> None:
    """A column that the page forgets stays empty in every hospital."""
    described = {row[0]: row for row in rows(table.file)}

    assert list(described) == [column.name for column in table.columns]
    for column in table.columns:
        _, french, needed, meaning, example = described[column.name]
        assert french == column.french
        assert (needed == "yes") == column.required
        assert example
        assert all(f"`{value}`" in meaning for value in column.allowed if column.kind == "choice")
        if column.refers_to:
            assert f"`{column.refers_to}`" in meaning


def test_each_example_of_the_page_is_accepted_by_its_column() -> None:
    """People copy examples."""
    for table in TABLES:
        examples = {row[0]: row[4] for row in rows(table.file)}
        for column in table.columns:
            problems: list = []
            read_cell(column, examples[column.name], Place(table.file, 1, column.name, problems))
            assert problems == [], (table.file, column.name)


def test_each_setting_is_described() -> None:
    """The same, for hospital.toml."""
    assert [row[0] for row in rows("hospital.toml")] == list(SETTINGS)


def test_the_settings_shown_are_accepted() -> None:
    """The block on the page is what people start from."""
    shown = re.search(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    assert shown is not None

    problems = [
        p for p in read_folder({"hospital.toml": shown[1].encode()}).problems if p.file == "hospital.toml"
    ]

    assert problems == []


def test_each_care_function_is_described() -> None:
    """A code nobody can look up is a code nobody uses."""
    assert rows("Care functions") == [
        [function.code, function.english, function.french, "yes" if function.at_ward else ""]
        for function in CARE_FUNCTIONS.values()
    ]
