"""What an outsider must read to believe the journal: counted, and closed under import."""

import ast
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def lines() -> ModuleType:
    """Return the script that counts the core."""
    loader = SourceFileLoader("core_lines", str(ROOT / "scripts/core-lines"))
    spec = spec_from_loader("core_lines", loader)
    assert spec is not None
    module = module_from_spec(spec)
    loader.exec_module(module)
    return module


def imported(path: Path) -> set[str]:
    """Return the files of releve a file imports, as the script names them."""
    found = set()
    for node in ast.walk(ast.parse(path.read_bytes())):
        match node:
            case ast.ImportFrom(module=str(module)) if module.startswith("releve."):
                names = [module, *(f"{module}.{name.name}" for name in node.names)]
                found |= {f"{name.removeprefix('releve.').replace('.', '/')}.py" for name in names}
    return found


def test_the_core_stands_without_what_is_left_out_of_its_audit(lines: ModuleType) -> None:
    """Whatever the core calls decides with it what is believed: it may not be outside."""
    for path in lines.core():
        assert not imported(path) & set(lines.OUTSIDE), path.name


def test_the_page_of_the_journal_says_what_is_left_out(lines: ModuleType) -> None:
    """An auditor must not have to look for what we would rather not show."""
    page = (ROOT / "docs/reference/journal.md").read_text()
    for name in lines.OUTSIDE:
        assert (lines.ROOT / "src/releve" / name).is_file()
        assert f"`{name}`" in page, name


def test_lines_are_counted_without_blanks_comments_and_docstrings(lines: ModuleType, tmp_path: Path) -> None:
    """A figure that shrinks when comments go would be bought with understanding."""
    path = tmp_path / "counted.py"
    text = ['"""One.', "", 'Two."""', "# three", "x = (", "    1,", ")  # four", "", "def f():"]
    path.write_text("\n".join([*text, '    """Five."""', '    return """6', '7"""', ""]))
    assert lines.count(path) == (12, 6)
