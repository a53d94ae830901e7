"""`releve restoration problems`: what is wrong with a case, line by line, and what remains of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from releve.app.commands.output import language_of, say
from releve.app.commands.restoration.files import AsJson, CaseFile, case_of, write_file
from releve.restoration.case import write_case

__all__ = ["problems"]


def problems(
    case_file: CaseFile,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="CASE.json", help="Write the case without what stops a plan there."),
    ] = None,
    language: Annotated[str, typer.Option("--language", metavar="fr|en", help="Of the sentences.")] = "",
    as_json: AsJson = False,
) -> None:
    """Name what is wrong with a case: circles, unknown ids, people never there; status 1 when something stops a plan.

    *stops*: no plan can be made with it, and what is left out of a plan made all the same is said. *warns*: a plan can
    be made, but perhaps not the one that was meant.

    Example: releve restoration problems case.json --out rest.json
    """
    from releve.restoration.catalogue.problems import line, sentence, what_remains
    from releve.restoration.catalogue.problems import problems as found_in

    language = language_of(language)
    case = case_of(case_file)
    found = found_in(case)
    rest, left = what_remains(case)
    stops = sum(problem.severity == "stops" for problem in found)
    if out is not None:
        write_file(out, write_case(rest))
    lines = [f"{problem.severity}: {line(problem, language)}" for problem in found]
    lines += [f"left out: {each.list}[{each.id}]: {sentence(each.because, language)}" for each in left]
    if as_json:
        for text in lines:
            typer.echo(text, err=True)
    counts = (stops, len(found) - stops, len(left))
    french = language.startswith("fr")
    lines.append(
        "{} à corriger, {} à voir, {} laissés de côté".format(*counts)
        if french
        else "{} to correct, {} to look at, {} left out".format(*counts)
    )
    result: dict[str, Any] = {
        "stops": stops,
        "warns": len(found) - stops,
        "problems": [
            {
                "severity": problem.severity,
                "code": problem.code,
                "place": problem.place,
                "ids": problem.ids,
                "sentence": sentence(problem, language),
            }
            for problem in found
        ],
        "left_out": [
            {"list": each.list, "id": each.id, "because": sentence(each.because, language)} for each in left
        ],
    }
    say(result, json=as_json, text="\n".join(lines))
    if stops:
        raise typer.Exit(1)
