"""`releve ca`: the island's own authority."""

import typer

__all__ = ["app"]

app = typer.Typer(name="ca", no_args_is_help=True)
