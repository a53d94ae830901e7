"""`releve views`: the tables folded from the journal, made again or compared."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from releve.app.commands.output import fail, progress, say
from releve.app.django_setup import prepare_django
from releve.web.words import counted

__all__ = ["app"]

app = typer.Typer(
    help="The tables folded from the journal: rebuild them, compare them.", no_args_is_help=True
)
Data = Annotated[Path, typer.Option("--data", help="The island's data folder.", metavar="DIR")]
Json = Annotated[bool, typer.Option("--json", help="One line of JSON.")]


@app.command()
def rebuild(data: Data, json: Json = False) -> None:
    """Fold the whole journal again beside the live views, present patients first; swap at the end.

    Boards never stop. Example: releve views rebuild --data /srv/releve
    """
    prepare_django(data)
    from releve.app.rebuilding import rebuild as fold_again
    from releve.hospital.in_force import MapMissing
    from releve.views.database import RebuildRunning

    try:
        with progress() as steps:
            result = fold_again(data, steps.show)
    except (MapMissing, RebuildRunning) as error:
        fail(str(error))
    say(
        result,
        json=json,
        text=f"{counted(result['entries'], 'entry')} folded in {result['seconds']} s; the new views are in force",
    )


@app.command("hash")
def hash_(data: Data, json: Json = False) -> None:
    """Print one number for what the views say; equal on every island that folded the same entries.

    Example: releve views hash --data /srv/releve --json
    """
    prepare_django(data)
    from releve.app.generation import positions_of
    from releve.views.database import generation_in_force, open_views
    from releve.views.hashing import hash_of_views

    generation = generation_in_force(data)
    if generation is None:
        fail(
            "views: expected them to have been folded once; start the island, or `releve views rebuild --data DIR`"
        )
    connection = open_views(generation, "hash")
    with progress() as steps:
        result = hash_of_views(connection, lambda table: steps.show(table, 0, 1))
    result["positions"] = positions_of(connection)
    connection.close()
    places = ", ".join(f"{log}:{index}" for log, index in sorted(result["positions"].items()))
    say(result, json=json, text=f"{result['hash']}  {counted(result['rows'], 'row')} at {places}")
