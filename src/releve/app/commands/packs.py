"""`releve packs`: the wards' continuity packs, set as PDF and printed."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from releve.app.commands.output import fail, progress, say
from releve.app.django_setup import prepare_django
from releve.web.words import counted

if TYPE_CHECKING:
    from releve.app.packing import PacksReport
    from releve.journal.client import Recorder

__all__ = ["app"]

app = typer.Typer(help="The wards' continuity packs, on paper and as PDF.", no_args_is_help=True)
Data = Annotated[Path, typer.Option("--data", help="The island's data folder.", metavar="DIR")]
Json = Annotated[bool, typer.Option("--json", help="One line of JSON.")]


@app.callback()
def _packs() -> None:
    """Keep `print` a command of its own, whatever joins it later."""


@app.command("print")
def print_(
    data: Data,
    ward: Annotated[
        list[str] | None,
        typer.Option("--ward", help="UF of a ward; again for another; none: all.", metavar="UF"),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Write the PDF there instead of DATA/packs.", metavar="DIR")
    ] = None,
    to: Annotated[
        str,
        typer.Option(
            help="Print: a printer of the map, `ward` for each ward's own, HOST:PORT or cups:NAME.",
            metavar="PRINTER",
        ),
    ] = "",
    forms: Annotated[
        bool,
        typer.Option(help="Blank numbered forms; unprinted ones that lie there keep their numbers."),
    ] = True,
    language: Annotated[str, typer.Option(help="fr or en; the hospital's own when not given.")] = "",
    json: Json = False,
) -> None:
    """Set the packs of the wards as PDF, only what changed, and print them when `--to` says where.

    Works while the island runs and while it is stopped. Status 0 only when every ward came out.
    Example: releve packs print --data /srv/releve --ward 2110 --ward 3120 --out /media/usb/packs
    """
    if out is not None and to:
        fail("--out, --to: expected one of them")
    prepare_django(data)
    from releve.app.packing import Printing, print_packs, set_packs
    from releve.app.settings import SettingsError
    from releve.app.views_now import ViewsBehind, bring_views_up
    from releve.bedside.hospital_now import directory_now
    from releve.hospital.in_force import MapMissing
    from releve.journal.errors import JournalError
    from releve.paper.catalogue import CatalogueError
    from releve.paper.gather import NoViews, UnknownWard

    behind = ""
    try:
        with progress() as steps:
            try:
                bring_views_up(data, steps.show)
            except ViewsBehind as error:
                behind = str(error)
            with _recorder(data) as recorder:
                report = set_packs(
                    data,
                    Printing(
                        wards=tuple(ward) if ward else None, forms=forms, by="command", language=language
                    ),
                    recorder=recorder,
                    folder=out,
                    progress=steps.show,
                )
                directory = directory_now()
                if to and directory is not None:
                    report = print_packs(report, directory, to, recorder=recorder, progress=steps.show)
    except (NoViews, UnknownWard, MapMissing, SettingsError, JournalError, CatalogueError, OSError) as error:
        fail(str(error))
    result = _result(report, behind)
    say(result, json=json, text=_text(result))
    if not report.complete:
        raise typer.Exit(1)


@contextlib.contextmanager
def _recorder(data: Path) -> Iterator[Recorder | None]:
    """Yield a recorder, None when the journal cannot be written: paper comes out all the same."""
    from releve.app.recorder_process import recorder_for
    from releve.journal.errors import JournalError

    with contextlib.ExitStack() as stack:
        try:
            recorder: Recorder | None = stack.enter_context(recorder_for(data))
        except JournalError as error:
            typer.echo(f"releve: nothing can be recorded: {error}", err=True)
            recorder = None
        yield recorder


def _result(report: PacksReport, behind: str) -> dict[str, Any]:
    return {
        "wards": len(report.wards),
        "patients": report.patients,
        "pages": report.pages,
        "pages_set": report.pages_set,
        "seconds": round(report.seconds, 1),
        "cpu_seconds": round(report.cpu_seconds, 1),
        "memory_mib": report.rss_peak_bytes >> 20,
        "folder": str(report.folder),
        "files": [path.name for files in report.wards for path in files.paths],
        "set_again": list(report.set_again),
        "printed": [
            {"document": one.document, "printer": one.printer, "error": one.error} for one in report.printed
        ],
        "problems": [*([behind] if behind else []), *report.problems],
    }


def _text(result: dict[str, Any]) -> str:
    lines = [
        f"{counted(result['wards'], 'ward')}, {counted(result['patients'], 'patient')}, "
        f"{counted(result['pages'], 'page')} in {result['folder']} "
        f"({result['seconds']} s; sheets of {counted(len(result['set_again']), 'ward')} set again)"
    ]
    if result["printed"]:
        done = sum(not one["error"] for one in result["printed"])
        lines.append(f"{done} of {counted(len(result['printed']), 'document')} taken by printers")
    lines += [f"  {problem}" for problem in result["problems"]]
    return "\n".join(lines)
