"""`releve restoration replan`: the plan after what happened, and what moved and why."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from releve.app.commands.output import fail, say
from releve.app.commands.restoration.files import AsJson, CaseFile, PlanFile, case_of, plan_of, write_file
from releve.app.commands.restoration.told import care, events_of, moment_of, why
from releve.restoration.case import write_case
from releve.restoration.plan import write_plan
from releve.restoration.replanning.events import Event, EventError
from releve.web.words import counted

if TYPE_CHECKING:
    from releve.restoration.replanning.moves import Move
    from releve.restoration.replanning.replan import Replan

__all__ = ["replan"]

_LINES = 12  # of each kind of move, for a person; a script asks for --json


def replan(
    case_file: CaseFile,
    plan_file: PlanFile,
    events_file: Annotated[Path, typer.Option("--events", metavar="EVENTS.json", help="What happened.")],
    now: Annotated[int, typer.Option("--now", metavar="HOUR", help="Hours since the start of the case.")],
    as_planned: Annotated[
        bool, typer.Option("--as-planned", help="What no event speaks of went as the plan said.")
    ] = False,
    freeze_hours: Annotated[
        int,
        typer.Option("--freeze-hours", min=0, help="What begins within these hours moves only if it must."),
    ] = 72,
    seconds: Annotated[float, typer.Option("--seconds", min=0.0, help="For all of it.")] = 1.7,
    iterations: Annotated[
        int | None, typer.Option("--iterations", min=0, help="Moves of the search, instead of a time.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Another seed is another search.")] = 1,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="PLAN.json", help="Where the plan goes.")
    ] = None,
    case_out: Annotated[
        Path | None,
        typer.Option("--case-out", metavar="CASE.json", help="Where the case after the events goes."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make the plan after what happened: kept as far as it can be, then better where nobody is disturbed.

    Example: releve restoration replan case.json plan.json --events events.json --now 240 --out next.json
    """
    from releve.restoration.replanning.progress import as_planned as told_as_planned
    from releve.restoration.replanning.replan import replan as replanned

    case, plan, told = case_of(case_file), plan_of(plan_file), events_of(events_file, "events")
    before: tuple[Event, ...] = told_as_planned(case, plan, now, told) if as_planned else ()
    began = time.monotonic()
    try:
        found = replanned(
            case, plan, told, before=before, now=now, freeze_hours=freeze_hours, seconds=seconds, seed=seed,
            iterations=iterations,
        )  # fmt: skip
    except EventError as error:
        fail(str(error))
    took = time.monotonic() - began
    if out is not None:
        write_file(out, write_plan(found.plan))
    if case_out is not None:
        write_file(case_out, write_case(found.case))
    result: dict[str, Any] = {
        "loss": {
            "before": found.loss_before, "repaired": found.repaired.loss, "now": found.plan.loss,
            "gained": found.gained,
        },
        "forced": msgspec.to_builtins(found.forced), "chosen": msgspec.to_builtins(found.chosen),
        "dates": msgspec.to_builtins(found.dates), "in_window": list(found.in_window),
        "never": list(found.never),
        "seconds": round(took, 3), "plan": msgspec.to_builtins(found.plan),
    }  # fmt: skip
    say(result, json=as_json, text="\n".join(_lines(found, took)))


def _lines(found: Replan, took: float) -> list[str]:
    from releve.restoration.replanning.promises import TOLERANCE_HOURS

    said = moment_of(found.case)
    moved = [date for date in found.dates if date.now - date.published > TOLERANCE_HOURS]
    chosen = [date for date in moved if date.chosen]
    lines = [
        f"care lost: {care(found.loss_before)} before, {care(found.repaired.loss)} with what happened, "
        f"{care(found.plan.loss)} in this plan ({care(found.gained)} saved, {took:.1f} s)",
        f"moved by what happened: {counted(len(found.forced), 'task')}; by this plan: {len(found.chosen)}, "
        f"of those within the frozen hours: {len(found.in_window)}",
    ]
    lines += [f"{id}: can never be back, and its care is in none of these sums" for id in found.never]
    if found.dates:
        lines.append(
            f"dates announced: {len(found.dates)}; to be announced anew: {len(moved)}, "
            f"{len(chosen)} of them by this plan"
        )
    lines += [
        f"  {date.kind} {date.id}: {said(date.published)} announced, {said(date.now)} now"
        + (" (by this plan)" if date.chosen else "")
        for date in sorted(moved, key=lambda date: (not date.chosen, date.now))[:_LINES]
    ]
    for title, moves in (("moved by what happened", found.forced), ("moved by this plan", found.chosen)):
        if moves:
            lines.append(f"{title}, the first {min(_LINES, len(moves))}:")
            lines += [f"  {_move(move, said)}" for move in moves[:_LINES]]
    return lines


def _move(move: Move, said: Callable[[int | None], str]) -> str:
    hours = [said(each.start if each is not None else None) for each in (move.before, move.after)]
    people = [each.people if each is not None else () for each in (move.before, move.after)]
    text = f"{move.task}: {hours[0]} → {hours[1]}" if hours[0] != hours[1] else f"{move.task}: {hours[0]}"
    if hours[0] == hours[1] and move.after is not None:
        text += f", ends {said(move.after.end)}"
    if set(people[0]) != set(people[1]):
        text += f", {', '.join(people[0]) or 'nobody'} → {', '.join(people[1]) or 'nobody'}"
    reason = move.reason
    words = {
        "event": f"event {', '.join(str(each) for each in reason.events)}",
        "waits": why(reason.binding),
        "follows": why(reason.binding),
        "gives-way": f"{reason.id} goes first",
        "gains": f"{care(reason.gain)} less care lost in {', '.join(reason.services[:3])}",
    }[reason.kind]
    return f"{text} ({words})"
