"""The page of the catalogue says what the code holds."""

from pathlib import Path

import pytest

from releve.restoration.catalogue.matching import TEMPLATES
from releve.restoration.catalogue.templates.impacts import IMPACTS
from releve.restoration.catalogue.templates.tolerance import MTPD_HOURS
from releve.restoration.exports.columns import CASE_KEYS, TABLES

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "restoration-catalogue.md"


@pytest.fixture(scope="module")
def page() -> str:
    """Return the page."""
    return PAGE.read_text(encoding="utf-8")


def test_every_template_stands_on_the_page_with_its_hours(page: str) -> None:
    """These are estimates to be corrected: whoever corrects them must see them all."""
    for template in TEMPLATES:
        functions = " ".join(f"`{code}`" for code in template.functions)
        hours = sum(task.work_hours for task in template.tasks)
        row = (
            f"| `{template.code}` | {template.name.english} | {template.name.french} | {template.tier} | {functions} | "
            f"{len(template.tasks)} | {hours} | {MTPD_HOURS[template.code]} |"
        )
        assert row in page, template.code


def test_every_impact_stands_on_the_page(page: str) -> None:
    """The order of a plan follows from these figures and from nothing else."""
    costs = page[page.index("### What a day costs") :].splitlines()
    for code, cost in IMPACTS.items():
        (row,) = [line for line in costs if line.startswith(f"| `{code}` | ")]
        for step in cost.impact:
            assert f"{step.per_day:g}" in row, code
        for cover in cost.coverage:
            assert f"{cover.share:g}" in row, code


def test_every_file_and_column_stands_on_the_page(page: str) -> None:
    """A spreadsheet is filled by the page, not by the code."""
    for table in TABLES:
        (row,) = [line for line in page.splitlines() if line.startswith(f"| `{table.file}` |")]
        for column in table.columns:
            assert (f"**`{column.name}`**" if column.required else f"`{column.name}`") in row
    for key in CASE_KEYS:
        assert f"`{key.name}`" in page
