"""`releve restoration`: plans of the restoration, made, checked, forecast and made again; a command a file."""

import typer

app = typer.Typer(
    help="Bring applications back in the order that loses the least care.", no_args_is_help=True
)
