"""What a start leaves out, so that the first page comes before somebody thinks it is broken."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from releve.app import supervisor as supervising
from releve.app.django_setup import prepare_django
from releve.app.supervisor import Supervisor, parse_address
from releve.web import database


def test_the_tables_of_sessions_are_made_again_only_for_another_version(tmp_path: Path) -> None:
    """Asking Django each time costs the better part of a second; not asking after an upgrade costs the sign-in."""
    before = database.runtime_is_prepared(tmp_path)
    prepare_django(tmp_path)
    database.prepare_runtime()
    after = database.runtime_is_prepared(tmp_path)
    with closing(sqlite3.connect(tmp_path / "runtime.sqlite3")) as runtime:
        runtime.execute("PRAGMA user_version = 1")

    assert (before, after, database.runtime_is_prepared(tmp_path)) == (False, True, False)


@pytest.mark.parametrize(("only", "at_once"), [((), False), (("packs",), True)])
def test_packs_wait_for_the_first_page_but_not_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, only: tuple[str, ...], at_once: bool
) -> None:
    """Setting packs would take the processors from the page; a page that never comes must not take away the paper."""

    def packs_are_wanted() -> bool:
        address = parse_address("127.0.0.1:0")
        children = Supervisor(
            tmp_path, http=address, mllp=(address,), tls=False, environment={}, only=only
        )._children
        return next(child for child in children if child.name == "packs").wanted()

    first = packs_are_wanted()
    monkeypatch.setattr(supervising, "PACKS_SECONDS_MAX", -1.0)

    assert (first, packs_are_wanted()) == (at_once, True)


def test_a_command_loads_its_own_family_only() -> None:
    """All families together were most of a second of each start, and of each command of a script."""
    program = (
        "import sys\n"
        "from typer.testing import CliRunner\n"
        "from releve.app import cli\n"
        "assert CliRunner().invoke(cli.app, ['serve', '--help']).exit_code == 0\n"
        "others = [name for family in cli._FAMILIES.values() for name in family]\n"
        "print(len(others) > 15, *(name for name in others if f'releve.app.commands.{name}' in sys.modules))\n"
        "print('django.db' in sys.modules, 'releve.exercise' in sys.modules)\n"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout

    assert told.splitlines() == ["True", "False False"]
