"""`releve restoration plan`: the plan that loses the least care, and how far it can be from the best there is."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from releve.app.commands.output import progress
from releve.app.commands.restoration.complaints import tell_problems
from releve.app.commands.restoration.files import AsJson, CaseFile, case_of, write_file
from releve.restoration.case import Application, Case, Impact, Service, Task
from releve.restoration.plan import Plan, write_plan
from releve.web.words import counted

__all__ = ["plan"]


def plan(
    case_file: CaseFile,
    seconds: Annotated[
        float,
        typer.Option(
            "--seconds",
            metavar="N",
            help="For the search and the proof together; loading comes on top.",
            min=0.1,
        ),
    ] = 10.0,
    seed: Annotated[int, typer.Option("--seed", metavar="S", help="Of the search.", min=0)] = 1,
    iterations: Annotated[
        int | None,
        typer.Option(
            "--iterations",
            metavar="N",
            help="Moves instead of seconds: gives the same plan each time.",
            min=0,
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="PLAN.json", help="Write the plan there.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Find the order of applications that loses the least care, with dates and people, and prove how good it is.

    What is wrong with the case is said line by line; a plan is made for the rest. The dates are not for publication:
    `simulate` gives those. The first run after an installation takes some seconds more: the planner is compiled once.

    Example: releve restoration plan case.json --seconds 30 --out plan.json
    """
    from releve.restoration.planner.proven import solve_and_prove
    from releve.restoration.planner.solve import solve

    case = case_of(case_file)
    tell_problems(case)
    if iterations is None:
        solve(
            _nothing_yet(case), iterations=1
        )  # loads the planner: the time given is for the search and the proof
    with progress() as steps:

        def show(share: float, _loss: float) -> None:
            steps.show("searching", round(share * 100), 100)

        if iterations is None:
            found = solve_and_prove(case, seed=seed, seconds=seconds, progress=show)
        else:
            found = solve(case, seed=seed, iterations=iterations, progress=show)
    if out is not None:
        write_file(out, write_plan(found))
    typer.echo(_said(found), err=as_json)
    if as_json:
        typer.echo(write_plan(found), nl=False)


def _nothing_yet(case: Case) -> Case:
    """Return a case of two applications with a task each, of the same start."""
    names = "first", "second"
    return Case(
        starts_at=case.starts_at,
        applications=tuple(Application(id=name) for name in names),
        tasks=tuple(Task(id=name, application=name, work_hours=1) for name in names),
        services=tuple(
            Service(id=name, requires=(name,), impact=(Impact(from_day=0, per_day=1),)) for name in names
        ),
    )


def _said(plan: Plan) -> str:
    last = max((line.end for line in plan.tasks), default=0)
    words = f"{counted(len(plan.tasks), 'task')}, the last ends at hour {last:,}; care lost: {plan.loss:,.1f}"
    if plan.bound:
        words += (
            f"; every plan loses at least {plan.bound:,.1f} (gap {100 * (plan.loss / plan.bound - 1):.1f} %)"
        )
    if plan.left_out:
        words += f"; left out, without a date: {counted(len(plan.left_out), 'task')}"
    return words
