"""`releve restoration what-if`: what a change would do, before anybody decides it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from releve.app.commands.output import fail, say
from releve.app.commands.restoration.files import AsJson, CaseFile, PlanFile, case_of, plan_of, write_file
from releve.app.commands.restoration.told import care, events_of, moment_of
from releve.restoration.case import CaseError
from releve.restoration.plan import write_plan

if TYPE_CHECKING:
    from releve.restoration.replanning.what_if import Comparison

__all__ = ["what_if"]


def what_if(
    case_file: CaseFile,
    plan_file: PlanFile,
    changes_file: Annotated[
        Path, typer.Argument(metavar="CHANGES.json", help="What would change, told as events are.")
    ],
    seconds: Annotated[float, typer.Option("--seconds", min=0.0, help="For planning anew.")] = 1.5,
    iterations: Annotated[
        int | None, typer.Option("--iterations", min=0, help="Moves of the search, instead of a time.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Another seed is another search.")] = 1,
    runs: Annotated[int, typer.Option("--runs", min=0, help="Simulations for the P80s; 0: none.")] = 0,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="PLAN.json", help="The plan made anew.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Compare a plan before and after a change: one more person, a vendor late, a backup infected.

    Example: releve restoration what-if case.json plan.json changes.json
    """
    from releve.restoration.replanning.what_if import what_if as compared

    case, plan, changes = case_of(case_file), plan_of(plan_file), events_of(changes_file, "changes")
    try:
        found = compared(case, plan, changes, seconds=seconds, seed=seed, iterations=iterations, runs=runs)
    except CaseError as error:
        fail(str(error))
    if out is not None:
        write_file(out, write_plan(found.plan))
    result = msgspec.to_builtins(found)
    del result["case"]
    say(result, json=as_json, text="\n".join(_lines(found)))


def _lines(found: Comparison) -> list[str]:
    said = moment_of(found.case)
    verb = "saves" if found.gained >= 0 else "costs"
    lines = [
        f"care lost: {care(found.loss_before)} before, {care(found.loss_same_order)} in the same order, "
        f"{care(found.loss_anew)} planned anew: the change {verb} {care(abs(found.gained))}"
    ]
    lines += [f"  {id}: is never back, and its care is in none of these sums" for id in found.never]
    shown = len(lines)
    for each in found.services:
        line = f"  {each.id}: {said(each.before)} → {said(each.same_order)} → {said(each.anew)}"
        if each.p80_before is not None or each.p80_anew is not None:
            line += f"; P80 {said(each.p80_before)} → {said(each.p80_anew)}"
        if each.id not in found.never and len({each.before, each.same_order, each.anew}) > 1:
            lines.append(line)
    unmoved = len(found.services) - (len(lines) - shown) - len(found.never)
    if unmoved:
        lines.append(f"  {unmoved} services at the same hours")
    return lines
