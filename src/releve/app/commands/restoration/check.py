"""`releve restoration check`: what is wrong or weak in a plan, line by line."""

from __future__ import annotations

from typing import Annotated

import typer

from releve.app.commands.output import language_of, say
from releve.app.commands.restoration.files import AsJson, CaseFile, PlanFile, case_of, plan_of

__all__ = ["check"]


def check(
    case_file: CaseFile,
    plan_file: PlanFile,
    as_json: AsJson = False,
    language: Annotated[str, typer.Option("--language", metavar="fr|en", help="Of the sentences.")] = "",
) -> None:
    """Criticise a plan of a case, also one made by hand; status 1 when something in it is wrong.

    Shares no code with what makes plans. *Wrong*: the plan cannot be carried out, or says what its own tasks deny.
    *Weak*: it can, and loses care without a reason that shows.

    Example: releve restoration check case.json plan.json --json
    """
    from releve.restoration.checker.check import check as criticise

    case, plan = case_of(case_file), plan_of(plan_file)
    found = criticise(case, plan)
    language = language_of(language)
    count = {kind: sum(each.severity == kind for each in found) for kind in ("wrong", "weak", "note")}
    lines = [f"{each.severity}: {each.place}: {each.sentence_in(language)}" for each in found]
    if language == "fr":
        summary = (
            "{wrong} à corriger, {weak} à améliorer, {note} à savoir"
            if found
            else "rien à corriger ni à améliorer"
        )
    else:
        summary = "{wrong} wrong, {weak} weak, {note} to note" if found else "nothing wrong, nothing weak"
    lines.append(summary.format(**count))
    result = {
        **count,
        "criticisms": [
            {
                "severity": each.severity,
                "place": each.place,
                "rule": each.rule,
                "code": each.code,
                "sentence": each.sentence_in(language),
                "facts": each.facts,
                "numbers": each.numbers,
            }
            for each in found
        ],
    }
    say(result, json=as_json, text="\n".join(lines))
    if as_json:
        for line in lines[:-1]:
            typer.echo(line, err=True)
    if count["wrong"]:
        raise typer.Exit(1)
