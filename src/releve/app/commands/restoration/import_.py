"""`releve restoration import`: a case from another tool's file or from a folder of spreadsheets."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from releve.app.commands.output import fail, language_of, say
from releve.app.commands.restoration.files import AsJson, case_of, write_file
from releve.restoration.case import Case, write_case
from releve.restoration.exports.remarks import Remark, line, sentence
from releve.restoration.exports.xml_tree import BYTES_MAX
from releve.restoration.plan import Plan, write_plan

__all__ = ["import_"]


def import_(
    source: Annotated[
        Path, typer.Argument(metavar="FILE", help="An MSPDI file (.xml), or a directory of CSV files.")
    ],
    out: Annotated[Path, typer.Option("--out", metavar="CASE.json", help="Write the case there.")],
    case_file: Annotated[
        Path | None,
        typer.Option("--case", metavar="CASE.json", help="The case the MSPDI file was written from."),
    ] = None,
    plan_file: Annotated[
        Path | None,
        typer.Option(
            "--plan", metavar="PLAN.json", help="Write the dates of the MSPDI file as a plan there."
        ),
    ] = None,
    zone: Annotated[
        str, typer.Option("--zone", help="Of the local times of another tool's file.")
    ] = "Europe/Paris",
    language: Annotated[str, typer.Option("--language", metavar="fr|en", help="Of the sentences.")] = "",
    as_json: AsJson = False,
) -> None:
    """Read a case from MSPDI or from a folder of CSV; what is not kept is said line by line, the rest is kept.

    With --case, services, impacts and every line that the file did not change are those of that case.
    Example: releve restoration import plan.xml --case case.json --out changed.json
    """
    language = language_of(language)
    base = case_of(case_file) if case_file is not None else None
    case, plan, remarks = _folder(source) if source.is_dir() else _mspdi(source, base, zone)
    for remark in remarks:
        typer.echo(f"{remark.severity}: {line(remark, language)}", err=True)
    if case is None:
        fail(f"{source}: expected a case.csv with starts_at, such as 2026-11-22T03:10:00+01:00")
    write_file(out, write_case(case))
    if plan_file is not None:
        if plan is None:
            fail("--plan: expected an MSPDI file, for a folder holds no dates", code=2)
        write_file(plan_file, write_plan(plan))
    result: dict[str, Any] = {
        "out": str(out),
        "applications": len(case.applications),
        "tasks": len(case.tasks),
        "people": len(case.people),
        "lost": sum(remark.severity == "lost" for remark in remarks),
        "changed": sum(remark.severity == "changed" for remark in remarks),
        "remarks": [
            {
                "severity": remark.severity,
                "code": remark.code,
                "file": remark.file,
                "line": remark.line,
                "place": remark.place,
                "sentence": sentence(remark, language),
            }
            for remark in remarks
        ],
    }
    counts = (len(case.applications), len(case.tasks), len(case.people), result["lost"], result["changed"])
    words = (
        "{} applications, {} tâches, {} personnes\u202f; {} non gardés, {} gardés autrement"
        if language.startswith("fr")
        else "{} applications, {} tasks, {} people; {} not kept, {} kept otherwise"
    )
    colon = "\u00a0: " if language.startswith("fr") else ": "
    text = f"{out}{colon}{words.format(*counts)}"
    say(result, json=as_json, text=text)


def _mspdi(source: Path, base: Case | None, zone: str) -> tuple[Case | None, Plan | None, tuple[Remark, ...]]:
    from releve.restoration.exports.mspdi import XmlError, read_mspdi
    from releve.restoration.planner.calendars import zone_named

    if zone_named(zone) is None:
        fail("--zone: expected a time zone such as Europe/Paris", code=2)
    try:
        reading = read_mspdi(_bounded(source), base=base, zone=zone)
    except OSError as error:
        fail(f"{source}: {error.strerror or 'cannot be read'}")
    except XmlError as error:
        fail(f"{source}: {error}")
    return reading.case, reading.plan, reading.remarks


def _folder(source: Path) -> tuple[Case | None, Plan | None, tuple[Remark, ...]]:
    from releve.restoration.exports.folder import read_folder

    try:
        files = {
            path.name: _bounded(path) for path in sorted(source.iterdir()) if path.suffix.lower() == ".csv"
        }
    except OSError as error:
        fail(f"{source}: {error.strerror or 'cannot be read'}")
    reading = read_folder(files)
    return reading.case, None, reading.remarks


def _bounded(path: Path) -> bytes:
    """Return the bytes of a file; ends the command when they are more than anybody's plan."""
    with path.open("rb") as file:
        data = file.read(BYTES_MAX + 1)
    if len(data) > BYTES_MAX:
        fail(f"{path}: expected a file of {BYTES_MAX // 2**20} MB at most")
    return data
