"""`releve restoration solve`: the shortest schedule of a project file of the field (PSPLIB, Patterson, MiniZinc)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from releve.app.commands.output import fail, say
from releve.app.commands.restoration.files import AsJson
from releve.app.commands.starting import seconds_ago

if TYPE_CHECKING:
    from releve.restoration.makespan.minizinc import DatedProject, SkilledProject
    from releve.restoration.makespan.project import Project, Schedule

__all__ = ["solve"]

_SECONDS_MAX = 86_400.0
# A start that took longer, on a busy machine, is taken from the search, but for a part of it.
_START_SECONDS, _LEAST_SHARE = 0.5, 0.25


def solve(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="A project: .sm (PSPLIB), .rcp (Patterson) or .dzn (MiniZinc)."),
    ],
    seconds: Annotated[
        float,
        typer.Option("--seconds", min=0.1, max=_SECONDS_MAX, help="How long to load and search at most."),
    ] = 10.0,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Another seed is another search.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Find the shortest schedule of a project file, and how much shorter one could be at most.

    Example: releve restoration solve j3013_2.sm --seconds 10 --json
    """
    from releve.restoration.makespan.files import read_project
    from releve.restoration.makespan.project import ProjectError

    try:
        project = read_project(file.name, file.read_bytes())
        late = max(0.0, seconds_ago() - _START_SECONDS)
        schedule = _solve(project, max(seconds - late, _LEAST_SHARE * seconds), seed)
    except OSError as error:
        fail(f"{file}: expected a file that can be read: {error.strerror or 'it cannot'}")
    except ProjectError as error:
        fail(f"{file}: {error}")
    said, lines = _said(schedule)
    say(said, json=as_json, text="\n".join(lines))


def _solve(project: Project | DatedProject | SkilledProject, seconds: float, seed: int) -> Schedule:
    from releve.restoration.makespan.dated import solve_dated
    from releve.restoration.makespan.minizinc import DatedProject, SkilledProject
    from releve.restoration.makespan.skilled import solve_skilled
    from releve.restoration.makespan.solver import solve_project

    if isinstance(project, DatedProject):
        return solve_dated(project, seconds=seconds, seed=seed)
    if isinstance(project, SkilledProject):
        return solve_skilled(project, seconds=seconds, seed=seed)
    return solve_project(project, seconds=seconds, seed=seed)


def _said(schedule: Schedule) -> tuple[dict[str, Any], list[str]]:
    """Return the result for a program and for a person."""
    from releve.restoration.makespan.dated import DatedSchedule
    from releve.restoration.makespan.skilled import SkilledSchedule

    said: dict[str, Any] = {
        "makespan": schedule.makespan,
        "starts": {str(number): start for number, start in schedule.starts.items()},
        "bound": schedule.bound,
    }
    lines = [f"{number:>6} {start:>8}" for number, start in schedule.starts.items()]
    what, better = f"makespan {schedule.makespan}", "shorter"
    if isinstance(schedule, DatedSchedule):
        said["cost"] = schedule.cost
        what, better = f"cost {schedule.cost}", "cheaper"
    if isinstance(schedule, SkilledSchedule):
        said["people"] = {
            str(number): {str(person): skill for person, skill in team.items()}
            for number, team in schedule.people.items()
        }
        lines = [
            f"{line}  {', '.join(f'{person} as {skill}' for person, skill in team.items())}".rstrip()
            for line, team in zip(lines, schedule.people.values(), strict=True)
        ]
    proof = f"no schedule is {better}" + ("" if schedule.proven else f" than {schedule.bound}")
    return said, ["   job    start", *lines, f"{what}; {proof}"]
