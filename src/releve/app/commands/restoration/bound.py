"""`releve restoration bound`: care that every plan of a case loses, proven."""

from __future__ import annotations

from typing import Annotated

import typer

from releve.app.commands.output import say
from releve.app.commands.restoration.complaints import tell_problems
from releve.app.commands.restoration.files import AsJson, CaseFile, case_of

__all__ = ["bound"]


def bound(
    case_file: CaseFile,
    seconds: Annotated[
        float, typer.Option("--seconds", metavar="N", help="How long may be reckoned.", min=0.1)
    ] = 30.0,
    as_json: AsJson = False,
) -> None:
    """Prove how much care is lost whatever the order: what a plan loses above this is the most that could be gained.

    Example: releve restoration bound case.json --seconds 30
    """
    from releve.restoration.planner.bound import lower_bound

    case = case_of(case_file)
    tell_problems(case)
    found = lower_bound(case, seconds=seconds)
    say({"bound": found}, json=as_json, text=f"every plan loses at least {found:,.1f} units of care")
