"""Reading the case and the plan a command is given, writing what it makes: what is wrong is said, and ends it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from releve.app.commands.output import fail
from releve.restoration.case import Case, CaseError, read_case
from releve.restoration.plan import Plan, read_plan

__all__ = ["AsJson", "CaseFile", "PlanFile", "case_of", "plan_of", "write_file"]

CaseFile = Annotated[Path, typer.Argument(metavar="CASE.json", help="The case: what is to come back.")]
PlanFile = Annotated[Path, typer.Argument(metavar="PLAN.json", help="A plan of that case.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]


def case_of(path: Path) -> Case:
    """Return the case in a file; ends the command when there is none."""
    try:
        return read_case(path.read_bytes())
    except OSError as error:
        fail(f"{path}: {error.strerror or 'cannot be read'}")
    except CaseError as error:
        fail(f"{path}: {error}")


def plan_of(path: Path) -> Plan:
    """Return the plan in a file; ends the command when there is none."""
    try:
        return read_plan(path.read_bytes())
    except OSError as error:
        fail(f"{path}: {error.strerror or 'cannot be read'}")
    except CaseError as error:
        fail(f"{path}: {error}")


def write_file(path: Path, data: bytes) -> None:
    """Write a file whole or not at all; ends the command when it cannot be written."""
    beside = path.with_name(f"{path.name}.part")
    try:
        beside.write_bytes(data)
        beside.replace(path)
    except OSError as error:
        fail(f"{path}: {error.strerror or 'cannot be written'}")
