"""`releve fleet`: the list of machines brought in, and how the cleaning stands."""

from __future__ import annotations

import getpass
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any

import typer

from releve.app.clock import now_us
from releve.app.commands.output import fail, language_of, progress, say
from releve.app.django_setup import prepare_django
from releve.web.words import counted

__all__ = ["app"]

app = typer.Typer(
    name="fleet", help="The machines: their list, how their cleaning stands.", no_args_is_help=True
)

Data = Annotated[
    Path,
    typer.Option("--data", metavar="DIR", help="The island's data folder.", exists=True, file_okay=False),
]
AsJson = Annotated[bool, typer.Option("--json", help="The result as one line, last on standard output.")]


@app.command("import")
def import_(
    file: Annotated[
        Path, typer.Argument(metavar="FILE.csv", help="The list of machines.", exists=True, dir_okay=False)
    ],
    data: Data,
    as_json: AsJson = False,
    language: Annotated[
        str,
        typer.Option(
            "--language", metavar="fr|en", help="Of the sentences; by default that of the terminal."
        ),
    ] = "",
) -> None:
    """Bring a list of machines in, as on screen: what is right is taken, each wrong line is said.

    Status 0 only when no line was left out. Works while the island runs and while it is stopped.
    Example: releve fleet import parc.csv --data /srv/releve
    """
    prepare_django(data)
    _bring_up(data)
    from releve.app.recorder_process import recorder_for
    from releve.journal.errors import JournalError
    from releve.restoration.fleet.desk import described_now
    from releve.restoration.fleet.facts import draft_of
    from releve.restoration.fleet.inventory import BYTES_MAX
    from releve.restoration.fleet.listing import listed
    from releve.restoration.fleet.pages.list_pages import read_for
    from releve.web.acting import new_key

    spoken = language_of(language)
    if file.stat().st_size > BYTES_MAX:
        fail(f"{file.name}: expected a file of {BYTES_MAX} bytes at most")
    content = file.read_bytes()
    author = f"system:{getpass.getuser()}"
    found = read_for(content, _desk())
    known, standing, twice = described_now()
    facts = listed(
        found.machines, known=known, standing=standing, twice=twice, key=new_key, now_ms=now_us() // 1000, by=author,
        file_sha256=sha256(content).hexdigest(),
    )  # fmt: skip
    if facts:
        try:
            with recorder_for(data) as recorder:
                recorder.append([_draft(draft_of(fact), author) for fact in facts])
        except JournalError as error:
            fail(str(error))
    for problem in found.problems:
        mark = {"error": ("error  ", "erreur "), "warning": ("warning", "à voir ")}[problem.severity]
        typer.echo(f"{mark[spoken == 'fr']} {problem.text(spoken)}", err=True)
    changed = sum(len(fact.machines) for fact in facts)
    new = sum(one.tag not in known for fact in facts for one in fact.machines)
    result: dict[str, Any] = {
        "lines": found.lines,
        "machines": len(found.machines),
        "new": new,
        "changed": changed - new,
        "same": len(found.machines) - changed,
        "errors": len(found.errors),
        "problems": [problem.as_json(spoken) for problem in found.problems],
    }
    say(result, json=as_json, text=_imported(result, spoken))
    if found.errors:
        raise typer.Exit(1)


@app.command()
def status(data: Data, as_json: AsJson = False) -> None:
    """Say how many machines stand where, the pace, and when each ward has its own again (days from now, P50 and P80).

    Example: releve fleet status --data /srv/releve --json
    """
    prepare_django(data)
    _bring_up(data)
    from releve.restoration.fleet.desk import batches_in_order, pace_now, stuck_machines, ward_lines
    from releve.restoration.fleet.facts import STATES

    desk = _desk()
    pace = pace_now(desk.now_ms, desk.zone)
    lines = ward_lines(desk.directory, batches_in_order(), pace)
    result: dict[str, Any] = {
        "machines": sum(line.total for line in lines),
        "states": {state: sum(line.counts.get(state, 0) for line in lines) for state in STATES},
        "unspoken": sum(line.silent for line in lines),
        "claimed": sum(line.claimed for line in lines),
        "two_reports": sum(line.two for line in lines),
        "stuck": [row.id for row in stuck_machines(desk.now_ms)],
        "pace": {"days": pace.days, "returned": pace.returned, "a_day": round(pace.a_day, 1)},
        "wards": [
            {
                "ward": line.code,
                "name": line.name,
                "machines": line.total,
                "returned": line.counts.get("returned", 0),
                "left": line.left,
                "forecast": line.forecast.state if line.forecast is not None else "",
                "p50_days": _rounded(line.forecast.p50_days if line.forecast is not None else None),
                "p80_days": _rounded(line.forecast.p80_days if line.forecast is not None else None),
            }
            for line in lines
        ],
    }
    states = ", ".join(f"{number} {state}" for state, number in result["states"].items() if number)
    text = [f"{counted(result['machines'], 'machine')}: {states or 'nothing said yet'}"]
    text += [
        f"  {ward['name'] or ward['ward']}: {ward['returned']} of {ward['machines']} returned, {ward['left']} left"
        + (f", P50 {ward['p50_days']} days, P80 {ward['p80_days'] or 'none'}" if ward["p50_days"] else "")
        for ward in result["wards"]
        if ward["left"] or ward["returned"]
    ]
    say(result, json=as_json, text="\n".join(text))


def _rounded(days: float | None) -> float | None:
    return None if days is None else round(days, 1)


def _desk() -> Any:
    from zoneinfo import ZoneInfo

    from releve.bedside.hospital_now import directory_now
    from releve.restoration.fleet.desk import Desk

    directory = directory_now()
    if directory is None:
        fail("no map of the hospital is known: expected `releve hospital import` before")
    return Desk(now_ms=now_us() // 1000, zone=ZoneInfo(directory.map.zone), directory=directory)


def _bring_up(data: Path) -> None:
    from releve.app.views_now import ViewsBehind, bring_views_up
    from releve.hospital.in_force import MapMissing
    from releve.journal.errors import JournalError

    try:
        with progress() as steps:
            bring_views_up(data, steps.show)
    except ViewsBehind as error:
        typer.echo(f"releve: {error}", err=True)
    except (MapMissing, JournalError) as error:
        fail(str(error))


def _draft(draft: Any, author: str) -> Any:
    import msgspec

    return msgspec.structs.replace(draft, source="command", author=author)


def _imported(result: dict[str, Any], language: str) -> str:
    if language == "fr":
        return (
            f"lignes\u00a0: {result['lines']}, machines nouvelles\u00a0: {result['new']}, "
            f"changées\u00a0: {result['changed']}, inchangées\u00a0: {result['same']}, "
            f"erreurs\u00a0: {result['errors']}"
        )
    return (
        f"{counted(result['lines'], 'line')}: {counted(result['new'], 'new machine')}, {result['changed']} changed, "
        f"{result['same']} as before, {counted(result['errors'], 'error')}"
    )
