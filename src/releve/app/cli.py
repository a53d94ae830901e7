"""The command line: `releve COMMAND --help` says more about each.

Sub-commands of a family stand in `commands/FAMILY.py`; `docs/reference/cli.md` describes all, and a test holds it.
"""

import logging
import sys

import typer

from releve.app.commands.account_changes import renew, sign
from releve.app.commands.accounts import app as accounts
from releve.app.commands.audit import app as audit
from releve.app.commands.ca import app as ca
from releve.app.commands.downtime import app as downtime
from releve.app.commands.exercise import app as exercise
from releve.app.commands.fleet import app as fleet
from releve.app.commands.hospital import app as hospital
from releve.app.commands.island import demo, init, serve
from releve.app.commands.islands import app as islands
from releve.app.commands.islands_cut import cutline
from releve.app.commands.islands_key import key
from releve.app.commands.islands_pull import pull
from releve.app.commands.islands_reseed import reseed
from releve.app.commands.islands_status import status as islands_status
from releve.app.commands.islands_stick import export, import_
from releve.app.commands.journal import app as journal
from releve.app.commands.keys import app as keys
from releve.app.commands.packs import app as packs
from releve.app.commands.restoration.family import app as restoration
from releve.app.commands.retention import app as epochs
from releve.app.commands.views import app as views
from releve.journal.keys import KeysLocked

__all__ = ["app", "main"]

app = typer.Typer(
    name="releve",
    help="Relève keeps a hospital working when its information system is cut, and brings it back in the right order.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command()(init)
app.command()(serve)
app.command()(demo)
accounts.command()(renew)
accounts.command()(sign)
islands.command()(cutline)
islands.command()(key)
islands.command("status")(islands_status)
islands.command()(pull)
islands.command()(export)
islands.command("import")(import_)
islands.command()(reseed)
for name, family in (
    ("accounts", accounts), ("audit", audit), ("ca", ca), ("downtime", downtime), ("islands", islands),
    ("journal", journal), ("views", views), ("packs", packs),
    ("hospital", hospital), ("exercise", exercise), ("keys", keys), ("epochs", epochs),
    ("restoration", restoration), ("fleet", fleet),
):  # fmt: skip
    app.add_typer(family, name=name)


def main() -> None:
    """Run the command line."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stderr)
    try:
        app()
    except KeysLocked as error:  # any command, at the first secret it needs
        sys.exit(f"releve: {error}")


if __name__ == "__main__":
    main()
