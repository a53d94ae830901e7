"""`releve restoration template`: a first case from the hospital's map, and the list of the templates it is made of."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from releve.app.clock import now_us
from releve.app.commands.output import fail, say
from releve.app.commands.restoration.files import AsJson, write_file
from releve.restoration.case import write_case
from releve.web.words import counted

__all__ = ["template"]


def template(
    out: Annotated[
        Path | None, typer.Option("--out", metavar="CASE.json", help="Write the first case there.")
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(
            "--data", metavar="DIR", help="An island's data folder: its map; without, a usual hospital."
        ),
    ] = None,
    listed: Annotated[bool, typer.Option("--list", help="Say which templates there are.")] = False,
    starts_at: Annotated[
        str,
        typer.Option(
            "--starts-at", metavar="ISO", help="The moment of the cut, with its zone; now when not given."
        ),
    ] = "",
    language: Annotated[
        str, typer.Option("--language", metavar="fr|en", help="Of the names; that of the map when not given.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Write a first case from the map of an island, with people, hours and impacts estimated by the project.

    Every estimate is to be corrected by the hospital. Says which template each application was taken for.
    Example: releve restoration template --data /srv/releve --out case.json
    """
    if listed:
        _list(language or "en", as_json=as_json)
        return
    if out is None:
        fail("expected --out CASE.json or --list", code=2)
    from releve.restoration.catalogue.first import first_case, usual_hospital
    from releve.restoration.catalogue.matching import match

    hospital = _map_of(data) if data is not None else usual_hospital(language or "en")
    case = first_case(hospital, _moment(starts_at), language=language)
    write_file(out, write_case(case))
    matches = {each.code: match(each) for each in hospital.applications}
    unsure = [code for code, each in matches.items() if each.by != "name"]
    for code, each in matches.items():
        typer.echo(f"{code}: {each.template.code}{'' if each.by == 'name' else f' (by {each.by})'}", err=True)
    result: dict[str, Any] = {
        "out": str(out),
        "applications": len(case.applications),
        "tasks": len(case.tasks),
        "services": len(case.services),
        "people": len(case.people),
        "matches": {code: {"template": each.template.code, "by": each.by} for code, each in matches.items()},
    }
    text = (
        f"{out}: {counted(len(case.applications), 'application')}, {counted(len(case.tasks), 'task')}, "
        f"{counted(len(case.services), 'care function')}, {counted(len(case.people), 'person')}; hours, "
        "people and impacts are estimates by the project, to be corrected"
    )
    if unsure:
        text += f"\nnot recognised by name, to look at first: {', '.join(unsure)}"
    say(result, json=as_json, text=text)


def _list(language: str, *, as_json: bool) -> None:
    from releve.hospital.care import care_function
    from releve.restoration.catalogue.matching import TEMPLATES

    tasks = "tâches" if language.startswith("fr") else "tasks"
    lines = [
        f"{each.code:20} {each.name.said(language)} ({len(each.tasks)} {tasks}, "
        f"{sum(task.work_hours for task in each.tasks)} h"
        f"{''.join(f'; {care_function(code).label(language)}' for code in each.functions)})"
        for each in TEMPLATES
    ]
    templates = [
        {
            "code": each.code,
            "name": each.name.said(language),
            "kind": each.kind,
            "tier": each.tier,
            "functions": each.functions,
            "needs": each.needs,
            "tasks": [
                {
                    "kind": task.kind,
                    "name": task.name.said(language),
                    "work_hours": task.work_hours,
                    "team": task.team,
                }
                for task in each.tasks
            ],
        }
        for each in TEMPLATES
    ]
    say({"templates": templates}, json=as_json, text="\n".join(lines))


def _map_of(data: Path) -> Any:
    from releve.hospital.in_force import MapMissing, latest_map
    from releve.journal.errors import JournalError

    try:
        return latest_map(data)
    except (MapMissing, JournalError, OSError) as error:
        fail(f"{data}: {error}")


def _moment(text: str) -> datetime:
    if not text:
        return datetime.fromtimestamp(now_us() // 10**6, UTC)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        fail(
            f"--starts-at: expected a date and time with its zone, such as 2026-11-22T03:10:00+01:00, not {text}"
        )
    if moment.tzinfo is None:
        fail(f"--starts-at: expected a zone behind the time, such as {text}+01:00")
    return moment
