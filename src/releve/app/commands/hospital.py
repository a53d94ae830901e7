"""`releve hospital`: check the folder a hospital filled in, and put its map in force."""

import getpass
import sys
from collections import Counter
from collections.abc import Mapping, Set
from pathlib import Path
from typing import Annotated, Any

import typer

from releve.app.clock import now_us
from releve.app.commands.output import fail, language_of, say
from releve.app.commands.signing import SignWith, open_cards
from releve.app.recorder_process import recorder_for
from releve.departments.prescribing.formulary import (
    FORMULARY_KIND,
    Formulary,
    read_formulary,
    write_formulary,
)
from releve.hospital.columns import TABLES
from releve.hospital.difference import KINDS, Difference, compare_maps
from releve.hospital.folder import FolderReading
from releve.hospital.importing import department_files, draft_map, folder_sha256, read_directory
from releve.hospital.in_force import MapMissing, latest_body, latest_map
from releve.hospital.map import Directory, HospitalMap
from releve.journal.entry import Draft
from releve.journal.errors import JournalError
from releve.journal.folder import own_log
from releve.journal.note import Signer
from releve.journal.reader import LogReader

__all__ = ["app"]

app = typer.Typer(name="hospital", help="The hospital map: check a folder, import it.", no_args_is_help=True)

Folder = Annotated[
    Path, typer.Argument(metavar="DIR", help="The folder of CSV files.", exists=True, file_okay=False)
]
Data = Annotated[
    Path,
    typer.Option("--data", metavar="DIR", help="The island's data folder.", exists=True, file_okay=False),
]
AsJson = Annotated[bool, typer.Option("--json", help="The result as one line, last on standard output.")]
Language = Annotated[
    str,
    typer.Option("--language", metavar="fr|en", help="Of the sentences; by default that of the terminal."),
]


@app.command()
def check(directory: Folder, as_json: AsJson = False, language: Language = "") -> None:
    """Read a hospital folder and name every problem with its file, line and column; nothing is imported.

    Example: releve hospital check ./hospital
    """
    reading, formulary = _read(directory)
    spoken = language_of(language)
    if as_json:
        result = {"ok": reading.map is not None, **_figures(reading, spoken), **_counted(formulary)}
        say(result, json=True, text="")
    else:
        for problem in reading.problems:
            typer.echo(f"{_mark(problem.severity, spoken)} {problem.text(spoken)}")
        typer.echo(_verdict(reading, spoken))
        if formulary is not None:
            typer.echo(_formulary_line(formulary, spoken))
    if reading.map is None:
        raise typer.Exit(1)


@app.command(name="import")
def import_(
    directory: Folder,
    data: Data,
    yes: Annotated[bool, typer.Option("--yes", help="Import without asking.")] = False,
    with_removals: Annotated[
        bool,
        typer.Option(
            "--with-removals", help="Even if wards or beds with patients, or what is declared down, vanish."
        ),
    ] = False,
    sign_with: SignWith = None,
    as_json: AsJson = False,
    language: Language = "",
) -> None:
    """Show what a hospital folder changes to the map in force, ask, and import it: all of it or nothing.

    Example: releve hospital import ./hospital --data /srv/releve
    """
    spoken = language_of(language)
    try:
        reading, formulary = _read(directory)
        if reading.map is None:
            _refuse(reading, spoken, as_json=as_json)
            return
        _check_exercise(reading.map, data)
        difference = _difference(reading.map, data)
        outcome = _agree(difference, spoken, yes=yes, with_removals=with_removals)
        signers = open_cards(sign_with) if outcome == "imported" else []
        supplied = _supplied(formulary, data) if outcome in ("imported", "same") else None
        drafts = (
            [_map_draft(reading.map, directory, signers, own_log(data).origin)]
            if outcome == "imported"
            else []
        )
        index = _record([*drafts, *([supplied] if supplied is not None else [])], data)
    except JournalError as error:
        fail(str(error))
    result: dict[str, Any] = {
        "imported": outcome == "imported",
        "outcome": outcome,
        "index": index if outcome == "imported" else None,
        "standing": "signed" if sign_with else "claimed",
        "counts": difference.counts,
        "settings": difference.settings,
        "removals": [removal.text(spoken) for removal in difference.removals],
        **_figures(reading, spoken),
        **_counted(formulary),
        "formulary_imported": supplied is not None,
    }
    text = _OUTCOMES[outcome][spoken == "fr"]
    if supplied is not None and formulary is not None:
        text += f"\n{_formulary_line(formulary, spoken)}"
    say(result, json=as_json, text=text)
    if outcome in ("refused", "removals"):
        raise typer.Exit(1)


_OUTCOMES = {
    "imported": ("imported: the new map is in force", "importé\u00a0: la nouvelle carte est en vigueur"),
    "same": (
        "nothing to do: this map is in force already",
        "rien à faire\u00a0: cette carte est déjà en vigueur",
    ),
    "refused": ("nothing was imported", "rien n’a été importé"),
    "removals": (
        "nothing was imported: places where patients are would vanish; if it must be, add --with-removals",
        "rien n’a été importé\u00a0: des lieux où sont des patients disparaîtraient\u202f; "
        "s’il le faut, ajoutez --with-removals",
    ),
}


def _read(directory: Path) -> tuple[FolderReading, Formulary | None]:
    """Return the map and the formulary of a folder; an error in one stops both: all of it or nothing."""
    try:
        reading = read_directory(directory)
        formulary, problems = read_formulary(department_files(directory))
    except OSError as error:
        fail(f"{directory}: expected files that can be read ({error.strerror})")
    wrong = any(problem.severity == "error" for problem in problems)
    whole = FolderReading(map=None if wrong else reading.map, problems=(*reading.problems, *problems))
    return whole, formulary if whole.map is not None else None


def _counted(formulary: Formulary | None) -> dict[str, int]:
    return {
        "drugs": len(formulary.drugs) if formulary else 0,
        "limits": len(formulary.limits) if formulary else 0,
        "protocols": len(formulary.protocols) if formulary else 0,
    }


def _formulary_line(formulary: Formulary, language: str) -> str:
    counts = _counted(formulary)
    if language == "fr":
        return (
            f"livret\u00a0: {counts['drugs']} produits, {counts['limits']} limites de dose, "
            f"{counts['protocols']} protocoles"
        )
    return f"formulary: {counts['drugs']} products, {counts['limits']} dose limits, {counts['protocols']} protocols"


def _supplied(formulary: Formulary | None, data: Path) -> Draft | None:
    """Return the entry of a formulary that is not in force yet."""
    if formulary is None:
        return None
    body = write_formulary(formulary)
    if latest_body(data, FORMULARY_KIND) == body:
        return None
    return Draft(kind=FORMULARY_KIND, body=body, source="command", author=f"system:{getpass.getuser()}")


def _mark(severity: str, language: str) -> str:
    words = {"error": ("error  ", "erreur "), "warning": ("warning", "à voir ")}
    return words[severity][language == "fr"]


def _figures(reading: FolderReading, language: str) -> dict[str, Any]:
    counts = {table.field: len(getattr(reading.map, table.field)) if reading.map else 0 for table in TABLES}
    return {
        "errors": len(reading.errors),
        "warnings": len(reading.warnings),
        **counts,
        "problems": [problem.as_json(language) for problem in reading.problems],
    }


def _verdict(reading: FolderReading, language: str) -> str:
    french = language == "fr"
    errors, warnings = len(reading.errors), len(reading.warnings)
    if reading.map is None:
        return (
            f"{errors} à corriger, {warnings} à voir\u202f; le dossier ne peut pas être importé"
            if french
            else f"{errors} to correct, {warnings} to look at; the folder cannot be imported"
        )
    colon = "\u00a0: " if french else ": "
    counted = ", ".join(
        f"{len(getattr(reading.map, kind))}\u00a0{words[french]}" for kind, words in KINDS.items()
    )
    seen = f"; {warnings} to look at" if not french else f"\u202f; {warnings} à voir"
    return f"{reading.map.name}{colon}{counted}{seen if warnings else ''}"


def _refuse(reading: FolderReading, language: str, *, as_json: bool) -> None:
    if as_json:
        say({"imported": False, "outcome": "invalid", **_figures(reading, language)}, json=True, text="")
    for problem in reading.problems:
        typer.echo(f"{_mark(problem.severity, language)} {problem.text(language)}", err=True)
    typer.echo(_verdict(reading, language), err=True)
    raise typer.Exit(1)


def _check_exercise(hospital: HospitalMap, data: Path) -> None:
    """An invented hospital never enters a real island: its patients and phones would mislead people."""
    log = own_log(data)
    with LogReader(log.path) as reader:
        real = not reader.opened().exercise
    if real and hospital.exercise:
        fail(
            "hospital.toml, exercise: expected false; this island is real, and the folder is of an invented hospital"
        )


def _difference(hospital: HospitalMap, data: Path) -> Difference:
    try:
        before = latest_map(data)
    except MapMissing:
        return compare_maps(None, hospital)
    by_ward, by_bed, down = _what_is_there(before, data)
    return compare_maps(
        before, hospital, patients_by_ward=by_ward, patients_by_bed=by_bed, applications_down=down
    )


def _what_is_there(before: HospitalMap, data: Path) -> tuple[Mapping[str, int], Mapping[str, int], Set[str]]:
    """How many patients are in each ward and bed, and which applications are declared down, as the views say."""
    from releve.app.django_setup import prepare_django

    prepare_django(data)
    from django.db import Error

    from releve.hospital.standing import statuses_now
    from releve.record.tables import Encounter

    directory = Directory(before)
    by_ward: Counter[str] = Counter()
    by_bed: Counter[str] = Counter()
    try:
        there = list(
            Encounter.objects.filter(status__in=("present", "leave")).values_list("ward", "room", "bed")
        )
        statuses = statuses_now(directory, now_us=now_us())
        down = {code for code in directory.applications if statuses.wards_down(code)}
    except Error:
        # No views yet, or being rebuilt: said, because nobody can then be shown who lies where.
        typer.echo(
            "releve: the views cannot be read; whether patients lie in what vanishes is unknown", err=True
        )
        return {}, {}, set()
    for ward, room, bed in there:
        by_ward[ward or ""] += 1
        place = directory.bed_at(ward or "", room or "", bed or "")
        if place is not None:
            by_bed[place.code] += 1
    return by_ward, by_bed, down


def _agree(difference: Difference, language: str, *, yes: bool, with_removals: bool) -> str:
    """Show the difference on standard error and return what is to happen: a key of `_OUTCOMES`."""
    french = language == "fr"
    if difference.empty and not difference.first:
        return "same"
    for line in difference.lines(language):
        typer.echo(f"  {line}", err=True)
    if difference.blocked and not with_removals:
        return "removals"
    if yes:
        return "imported"
    if not sys.stdin.isatty():
        typer.echo("releve: expected --yes, for nobody can be asked here", err=True)
        return "refused"
    question = "Importer cette carte\u202f?" if french else "Import this map?"
    return "imported" if typer.confirm(question, err=True) else "refused"


def _map_draft(hospital: HospitalMap, directory: Path, signers: list[Signer], origin: str) -> Draft:
    from releve.web.accounts.draft import signed

    draft = draft_map(
        hospital,
        source="command",
        author=f"system:{getpass.getuser()}",
        folder_sha256=folder_sha256(directory),
    )
    return signed(draft, signers, origin)


def _record(drafts: list[Draft], data: Path) -> int | None:
    """Return where the first of these was recorded, None when there is nothing to record."""
    if not drafts:
        return None
    with recorder_for(data) as recorder:
        return recorder.append(drafts)[0].index
