"""`releve restoration dates`: the dates of a calendar file, as those of a person or of a calendar of a case."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from releve.app.commands.output import fail, language_of, say
from releve.app.commands.restoration.files import AsJson, CaseFile, case_of, write_file
from releve.restoration.case import CalendarException, Case, Window, write_case

__all__ = ["dates"]

_KINDS = {"person": ("away", "there"), "calendar": ("closed", "worked")}


def dates(
    case_file: CaseFile,
    source: Annotated[Path, typer.Argument(metavar="FILE.ics", help="A calendar file (iCalendar).")],
    kind: Annotated[
        str, typer.Option("--as", help="away or there (a person), closed or worked (a calendar).")
    ],
    person: Annotated[str, typer.Option("--person", metavar="ID", help="Whose dates they are.")] = "",
    calendar: Annotated[
        str, typer.Option("--calendar", metavar="ID", help="The hours of work they are of.")
    ] = "",
    out: Annotated[
        Path | None, typer.Option("--out", metavar="CASE.json", help="Write the case there.")
    ] = None,
    language: Annotated[str, typer.Option("--language", metavar="fr|en", help="Of the sentences.")] = "",
    as_json: AsJson = False,
) -> None:
    """Take the dates of a calendar file into a case; what is not taken is said line by line.

    Example: releve restoration dates case.json visits.ics --person vendor-pacs --as there --out changed.json
    """
    from releve.restoration.exports.ics_read import AHEAD, ICS_BYTES_MAX, read_ics
    from releve.restoration.exports.moments import Moments
    from releve.restoration.exports.remarks import Remark, line, sentence

    language = language_of(language)
    if bool(person) == bool(calendar):
        fail("expected --person or --calendar, one of the two", code=2)
    of = "person" if person else "calendar"
    if kind not in _KINDS[of]:
        fail(f"--as: expected {' or '.join(_KINDS[of])} of a {of}", code=2)
    case = case_of(case_file)
    whom = person or calendar
    if whom not in {one.id for one in (case.people if person else case.calendars)}:
        fail(f"--{of}: expected an id that stands in the case", code=2)
    try:
        with source.open("rb") as file:
            data = file.read(ICS_BYTES_MAX + 1)
    except OSError as error:
        fail(f"{source}: {error.strerror or 'cannot be read'}")
    clock = Moments.of(case)
    since = clock.utc(case.now)
    reading = read_ics(data, use=kind, zone=clock.zone, since=since, until=since + AHEAD)  # type: ignore[arg-type]
    within = kind in ("there", "worked")
    # Who comes at half past is there from the next hour on; who leaves at half past is away for the whole of it.
    first, last = (clock.hour_to, clock.hour_from) if within else (clock.hour_from, clock.hour_to)
    hours = [(one, first(one.begins), last(one.ends)) for one in reading.dates]
    remarks = [
        *reading.remarks,
        *(
            Remark(code="ics-short", severity="lost", line=one.line)
            for one, begins, ends in hours
            if begins >= ends
        ),
    ]
    hours = [told for told in hours if told[1] < told[2]]
    for remark in remarks:
        typer.echo(f"{remark.severity}: {line(remark, language)}", err=True)
    if not hours:
        fail(f"{source}: expected a date that can be taken")
    if out is not None:
        write_file(out, write_case(_with(case, kind, whom, [(a, b, one.name) for one, a, b in hours])))
    result: dict[str, Any] = {
        "out": str(out) if out is not None else None,
        "whom": whom,
        "as": kind,
        "taken": len(hours),
        "lost": sum(remark.severity == "lost" for remark in remarks),
        "changed": sum(remark.severity == "changed" for remark in remarks),
        "dates": [
            {
                "from": one.begins.astimezone(clock.zone).isoformat(),
                "to": one.ends.astimezone(clock.zone).isoformat(),
                "from_hour": begins,
                "to_hour": ends,
                "line": one.line,
                "name": one.name,
            }
            for one, begins, ends in hours
        ],
        "remarks": [
            {
                "severity": remark.severity,
                "code": remark.code,
                "line": remark.line,
                "sentence": sentence(remark, language),
            }
            for remark in remarks
        ],
    }
    words = "{} dates, {} non prises" if language.startswith("fr") else "{} dates, {} not taken"
    told = [f"{one['from']} – {one['to']}" for one in result["dates"]]
    say(result, json=as_json, text="\n".join([*told, words.format(len(told), result["lost"])]))


def _with(case: Case, kind: str, whom: str, spans: list[tuple[int, int, str]]) -> Case:
    """Return the case with these hours said of somebody, or of a calendar; what stands there already stays once."""
    if kind in _KINDS["calendar"]:
        told = [
            CalendarException(from_hour=begins, to_hour=ends, works=kind == "worked", name=name)
            for begins, ends, name in spans
        ]
        calendars = tuple(
            msgspec.structs.replace(
                one, exceptions=(*one.exceptions, *(each for each in told if each not in one.exceptions))
            )
            if one.id == whom
            else one
            for one in case.calendars
        )
        return msgspec.structs.replace(case, calendars=calendars)
    field = "absences" if kind == "away" else "windows"
    windows = [Window(from_hour=begins, to_hour=ends) for begins, ends, _name in spans]
    people = []
    for one in case.people:
        held = getattr(one, field)
        more = tuple(each for each in windows if each not in held)
        people.append(msgspec.structs.replace(one, **{field: (*held, *more)}) if one.id == whom else one)
    return msgspec.structs.replace(case, people=tuple(people))
