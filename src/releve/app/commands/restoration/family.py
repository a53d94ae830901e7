"""The family `releve restoration`: each command stands in a file of its own and is registered here."""

import typer

from releve.app.commands.restoration.bound import bound
from releve.app.commands.restoration.check import check
from releve.app.commands.restoration.dates import dates
from releve.app.commands.restoration.explain import explain
from releve.app.commands.restoration.export import export
from releve.app.commands.restoration.generate import generate
from releve.app.commands.restoration.import_ import import_
from releve.app.commands.restoration.plan import plan
from releve.app.commands.restoration.problems import problems
from releve.app.commands.restoration.replan import replan
from releve.app.commands.restoration.simulate import simulate
from releve.app.commands.restoration.solve import solve
from releve.app.commands.restoration.template import template
from releve.app.commands.restoration.what_if import what_if

app = typer.Typer(
    help="Bring applications back in the order that loses the least care.", no_args_is_help=True
)
app.command()(generate)
app.command()(plan)
app.command()(bound)
app.command()(check)
app.command()(simulate)
app.command()(problems)
app.command()(template)
app.command()(solve)
app.command()(export)
app.command("import")(import_)
app.command()(dates)
app.command()(replan)
app.command()(explain)
app.command()(what_if)
