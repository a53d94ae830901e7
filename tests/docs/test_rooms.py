"""The house: each room explains itself at its door, and stays small enough to be read."""

import ast
import re
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "releve"

LINES_MAX = 500  # a file that is longer holds two nouns


def modules() -> list[Path]:
    """Return the files of code, without Django's generated migrations."""
    return [path for path in sorted(SOURCE.rglob("*.py")) if "migrations" not in path.parts]


def rooms() -> list[Path]:
    """Return the folders that hold code."""
    return sorted({path.parent for path in modules()})


def short(path: Path) -> str:
    """Return a file's name inside the house."""
    return str(path.relative_to(SOURCE))


@pytest.mark.parametrize("room", rooms(), ids=short)
def test_a_room_explains_itself_and_imports_nothing_at_its_door(room: Path) -> None:
    """Walls are checked between packages; and a door that imports makes every pure file of the room impure."""
    door = room / "__init__.py"
    tree = ast.parse(door.read_text(encoding="utf-8")) if door.exists() else ast.Module([], [])

    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]

    assert door.exists()
    assert not imports
    assert ast.get_docstring(tree)


def test_no_file_is_longer_than_one_sitting() -> None:
    """What cannot be read in one sitting is changed without being understood."""
    lengths = {short(path): len(path.read_text(encoding="utf-8").splitlines()) for path in modules()}

    too_long = {name: length for name, length in lengths.items() if length > LINES_MAX}

    assert not too_long


def test_no_module_is_called_utils() -> None:
    """It is a noun not found yet, and everything ends there."""
    unnamed = {"utils.py", "util.py", "helpers.py", "misc.py", "common.py"}

    assert not [short(path) for path in modules() if path.name in unnamed]


def test_nothing_is_left_for_later_in_the_code() -> None:
    """A promise in a comment is kept by nobody; an issue is."""
    promised = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|raise NotImplementedError")

    found = [
        f"{short(path)}:{number}"
        for path in modules()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if promised.search(line)
    ]

    assert not found


RUN_EXAMPLES = """
import doctest, importlib, sys
from pathlib import Path
from releve.app.django_setup import prepare_django

prepare_django(Path(sys.argv[1]))
signs = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
failed = [name for name in sys.argv[2:] if doctest.testmod(importlib.import_module(name), optionflags=signs).failed]
sys.exit(1 if failed else 0)
"""


def test_the_examples_in_docstrings_are_true(tmp_path: Path) -> None:
    """An example is what people copy."""
    with_examples = [path for path in modules() if ">>> " in path.read_text(encoding="utf-8")]
    names = [".".join(path.relative_to(SOURCE.parent).with_suffix("").parts) for path in with_examples]

    # A process of its own: Django is told its data folder once, and other tests have theirs.
    ran = subprocess.run(
        [sys.executable, "-c", RUN_EXAMPLES, str(tmp_path), *names],
        capture_output=True,
        text=True,
        check=False,
    )

    assert names
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_test_files_have_names_of_their_own() -> None:
    """Two files of one name hide each other, and half of the tests never run."""
    seen: dict[str, Path] = {}
    twice = []

    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        if path.name in seen:
            twice.append((str(seen[path.name].parent.name), path.parent.name, path.name))
        seen[path.name] = path

    assert not twice


def test_what_the_code_imports_is_installed_with_an_island() -> None:
    """A library that only the tests bring along is missing on the day of the cut."""
    locked = {
        re.split("[= ]", line)[0].lower()
        for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
        if line[:1].isalnum()
    }
    brought_by = packages_distributions()

    missing = {
        f"{short(path)}: {top}"
        for path in modules()
        for top in imported(path)
        if top not in sys.stdlib_module_names
        and top != "releve"
        and not any(name.lower() in locked for name in brought_by.get(top, []))
    }

    assert not missing


def imported(path: Path) -> set[str]:
    """Return the top names of what a file imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return names
