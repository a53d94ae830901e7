"""`releve restoration export`: a case and its plan for other tools."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from releve.app.clock import now_us
from releve.app.commands.output import fail, say
from releve.app.commands.restoration.files import AsJson, CaseFile, case_of, plan_of, write_file
from releve.restoration.case import Case, CaseError
from releve.restoration.catalogue.problems import line
from releve.restoration.catalogue.values import check_start
from releve.restoration.forecast.forecast import Forecast, read_forecast
from releve.restoration.plan import Plan

__all__ = ["export"]

_FORMATS = ("mspdi", "csv", "ics", "svg", "html", "folder")


def export(
    case_file: CaseFile,
    plan_file: Annotated[
        Path | None, typer.Argument(metavar="PLAN.json", help="A plan; mspdi and folder do without.")
    ] = None,
    to: Annotated[str, typer.Option("--to", metavar="FORMAT", help=f"One of {', '.join(_FORMATS)}.")] = "",
    out: Annotated[
        Path | None, typer.Option("--out", metavar="PATH", help="The file, or the directory of a folder.")
    ] = None,
    person: Annotated[
        str, typer.Option("--person", metavar="ID", help="ics: the tasks of this person.")
    ] = "",
    skill: Annotated[
        str, typer.Option("--skill", metavar="ID", help="ics: of all who have this skill.")
    ] = "",
    application: Annotated[
        str, typer.Option("--application", metavar="ID", help="ics: of this application.")
    ] = "",
    forecast_file: Annotated[
        Path | None,
        typer.Option(
            "--forecast",
            metavar="FORECAST.json",
            help="What `simulate --json` printed: its dates, in svg, html, ics.",
        ),
    ] = None,
    language: Annotated[str, typer.Option("--language", metavar="fr|en", help="Of the words in it.")] = "en",
    as_json: AsJson = False,
) -> None:
    """Write a plan as MSPDI (Microsoft Project), CSV, iCalendar, a drawing or a page; a case as a folder of CSV.

    Example: releve restoration export case.json plan.json --to mspdi --out plan.xml
    """
    if to not in _FORMATS:
        fail(f"--to: expected one of {', '.join(_FORMATS)}", code=2)
    if out is None:
        fail("--out: expected a path", code=2)
    case = case_of(case_file)
    for wrong in check_start(case):
        fail(f"{case_file}: {line(wrong)}")
    plan = plan_of(plan_file) if plan_file is not None else None
    forecast = _forecast(forecast_file) if forecast_file is not None else None
    if to == "folder":
        written = _folder(case, out, language)
    else:
        data = _written(case, plan, forecast, to, (person, skill, application), language)
        write_file(out, data)
        written = [out]
    result: dict[str, Any] = {"out": str(out), "to": to, "files": [str(path) for path in written]}
    say(result, json=as_json, text="\n".join(result["files"]))


def _forecast(path: Path) -> Forecast:
    try:
        return read_forecast(path.read_bytes())
    except OSError as error:
        fail(f"{path}: {error.strerror or 'cannot be read'}")
    except CaseError as error:
        fail(f"{path}: {error}")


def _folder(case: Case, out: Path, language: str) -> list[Path]:
    from releve.restoration.exports.folder import write_folder

    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        fail(f"{out}: {error.strerror or 'cannot be made'}")
    written = []
    for name, data in write_folder(case, language=language).items():
        write_file(out / name, data)
        written.append(out / name)
    return written


def _written(
    case: Case, plan: Plan | None, forecast: Forecast | None, to: str, of: tuple[str, str, str], language: str
) -> bytes:
    if to == "mspdi":
        from releve.restoration.exports.mspdi import write_mspdi

        return write_mspdi(case, plan)
    if plan is None:
        fail(f"--to {to}: expected PLAN.json after the case", code=2)
    if to == "csv":
        from releve.restoration.exports.table import write_table

        return write_table(case, plan)
    if to == "ics":
        from releve.restoration.exports.ics import NothingToShow, write_ics

        stamp = datetime.fromtimestamp(now_us() // 10**6, UTC)
        person, skill, application = of
        try:
            return write_ics(
                case,
                plan,
                stamp=stamp,
                person=person,
                skill=skill,
                application=application,
                p80={each.id: each.p80 for each in forecast.applications if each.p80 is not None}
                if forecast is not None
                else None,
                language=language,
            )
        except NothingToShow as error:
            fail(str(error))
    from releve.restoration.exports.drawn import write_html, write_svg

    write = write_svg if to == "svg" else write_html
    return write(case, plan, forecast=forecast, language=language)
