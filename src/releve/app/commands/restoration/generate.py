"""`releve restoration generate`: a hospital that does not exist, to try plans on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from releve.app.commands.output import fail, say
from releve.app.commands.restoration.files import AsJson, write_file
from releve.restoration.case import write_case

__all__ = ["generate"]


def generate(
    out: Annotated[Path, typer.Option("--out", metavar="CASE.json", help="Where the case is written.")],
    applications: Annotated[
        int,
        typer.Option("--applications", metavar="N", help="How many; about six tasks each.", min=5, max=5000),
    ] = 200,
    seed: Annotated[
        int, typer.Option("--seed", metavar="S", help="The same numbers give the same case.", min=0)
    ] = 1,
    tight: Annotated[bool, typer.Option("--tight", help="Six people where there would be ten.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write a case of an imaginary hospital: applications, people with skills and hours, vendors, what a day costs.

    Example: releve restoration generate --applications 200 --seed 1 --out case.json
    """
    from releve.restoration.invented import generate as generated

    try:
        case = generated(applications, seed, tight=tight)
    except ValueError as error:
        fail(str(error))
    write_file(out, write_case(case))
    result = {
        "case": str(out), "applications": len(case.applications), "tasks": len(case.tasks),
        "people": len(case.people), "services": len(case.services),
    }  # fmt: skip
    text = "{applications} applications, {tasks} tasks, {people} people, {services} services: {case}"
    say(result, json=as_json, text=text.format(**result))
