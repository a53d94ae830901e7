"""`releve restoration simulate`: dates that hold, by playing the plan many times over."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer

from releve.app.commands.output import fail, say
from releve.app.commands.restoration.files import AsJson, CaseFile, PlanFile, case_of, plan_of

__all__ = ["simulate"]


def simulate(
    case_file: CaseFile,
    plan_file: PlanFile,
    runs: Annotated[int, typer.Option("--runs", min=1, help="How many times the plan is played.")] = 2000,
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same forecast.")] = 1,
    learn: Annotated[
        bool,
        typer.Option("--learn/--as-estimated", help="Learn first from the tasks that have ended."),
    ] = True,
    as_json: AsJson = False,
) -> None:
    """Say within which dates applications and services are back, in half, 80 % and 95 % of so many runs.

    Example: releve restoration simulate case.json plan.json --runs 2000 --seed 1 --json
    """
    from releve.restoration.forecast.calibration import calibrate
    from releve.restoration.forecast.simulate import simulate as play

    case, plan = case_of(case_file), plan_of(plan_file)
    if not plan.tasks:
        fail(f"{plan_file}: tasks: expected at least one with a date")
    forecast = play(calibrate(case) if learn else case, plan, runs=runs, seed=seed)
    lines = [
        f"{each.id}: P50 {_day(each.p50)}, P80 {_day(each.p80)}, P95 {_day(each.p95)}"
        + ("" if each.kept is None else f", announced date kept: {each.kept:.0%}")
        for each in (*forecast.services, *forecast.applications)
    ]
    lines += [f"{name}: no date can be given" for name in forecast.never]
    loss = forecast.loss
    lines.append(f"care lost: {loss.mean:.1f} on average, at most {loss.p80:.1f} in 80 % of {runs} runs")
    say(msgspec.to_builtins(forecast), json=as_json, text="\n".join(lines))


def _day(hour: int | None) -> str:
    return "not within the hours looked at" if hour is None else f"day {hour / 24:.1f}"
