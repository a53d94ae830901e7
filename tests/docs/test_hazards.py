"""The list of hazards is true: every control has its test, and every removal still fits the code."""

import ast
import re
import tomllib
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
ROW = re.compile(r"^\| (\d+) \| (.+?) \| (.+?) \| (.+?) \| `([^`]+)` \|$", re.MULTILINE)
HAZARDS_LEAST = 140


def rows() -> list[tuple[str, ...]]:
    """Return the rows of the page: number, hazard, cause, control, test."""
    return ROW.findall((ROOT / "docs" / "safety" / "hazards.md").read_text("utf-8"))


@cache
def names_in(path: Path) -> frozenset[str]:
    """Return the names of the tests that a file holds."""
    tree = ast.parse(path.read_text("utf-8"))
    return frozenset(
        node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )


def test_each_hazard_names_a_test_that_exists() -> None:
    """A control whose test is gone is a hope."""
    found = rows()

    assert len(found) >= HAZARDS_LEAST
    assert [int(row[0]) for row in found] == list(range(1, len(found) + 1))
    for number, _, _, control, test in found:
        file, _, name = test.partition("::")
        path = ROOT / "tests" / file
        assert control.strip(), number
        assert path.exists(), f"hazard {number}: {file}"
        assert name in names_in(path), f"hazard {number}: {name}"


def test_each_removal_fits_the_code_as_it_is() -> None:
    """What takes a control out must find it: else the proof has silently become nothing."""
    controls = tomllib.loads((ROOT / "docs" / "safety" / "controls.toml").read_text("utf-8"))["control"]
    named = {row[0]: row[4] for row in rows()}

    for control in controls:
        text = (ROOT / control["file"]).read_text("utf-8")
        assert str(control["hazard"]) in named, control
        assert text.count(control["remove"]) == 1, f"hazard {control['hazard']}: {control['file']}"
        assert control["put"] != control["remove"]
