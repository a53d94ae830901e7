"""The command line: `releve COMMAND --help` says more about each.

Sub-commands of a family stand in `commands/FAMILY.py`; `docs/reference/cli.md` describes all, and a test holds it.
Only the family that was asked for is loaded: all of them cost most of a second, before an island even begins to start.
"""

import functools
import importlib
import os
import sys
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_group

from releve.app.commands import starting
from releve.app.shared_folder import leaving_it_to_its_accounts
from releve.journal.logged import say_on_stderr

__all__ = ["app", "main"]

_ALONE = ("init", "serve", "demo")  # commands of `commands/island.py`
# Each family, in the order of the help, and the modules that make it: the first holds `app`, the others add to it.
_FAMILIES = {
    "accounts": ("accounts", "account_changes"),
    "audit": ("audit",),
    "ca": ("ca",),
    "downtime": ("downtime",),
    "islands": (
        "islands", "islands_cut", "islands_key", "islands_status", "islands_pull", "islands_stick", "islands_reseed",
    ),
    "managers": ("managers",),
    "journal": ("journal", "journal_redact"),
    "views": ("views",),
    "packs": ("packs",),
    "hospital": ("hospital",),
    "exercise": ("exercise",),
    "keys": ("keys",),
    "epochs": ("retention",),
    "restoration": ("restoration.family",),
    "fleet": ("fleet",),
}  # fmt: skip


class _Families(TyperGroup):
    """The commands, each imported once somebody asks for it."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names, in the order of the help."""
        return [*_ALONE, *_FAMILIES]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return the command or family of that name, None when there is none."""
        return _command(cmd_name) if cmd_name in _ALONE or cmd_name in _FAMILIES else None


@functools.cache
def _command(name: str) -> Any:
    """Return the command or family of that name, loaded."""
    if name in _ALONE:
        return get_group(_module("island").app).commands[name]
    family, *_ = map(_module, _FAMILIES[name])
    whole = typer.Typer(rich_markup_mode=None)  # a family takes the manner of what holds it
    whole.add_typer(family.app, name=name)
    return get_group(whole).commands[name]


def _module(name: str) -> Any:
    return importlib.import_module(f"releve.app.commands.{name}")


app = typer.Typer(
    cls=_Families,
    name="releve",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def releve() -> None:
    """Relève keeps a hospital working when its information system is cut, and brings it back in the right order."""


def main() -> None:
    """Run the command line."""
    starting.note()
    say_on_stderr("releve")
    try:
        with leaving_it_to_its_accounts(sys.argv[1:], os.environ):
            # Not before: it looks at what the line above says of who shares the folder.
            from releve.journal.keys import KeysLocked

            try:
                app()
            except KeysLocked as error:  # any command, at the first secret it needs
                sys.exit(f"releve: {error}")
    except SystemExit as end:
        starting.leave(end.code)
        raise


if __name__ == "__main__":
    main()
