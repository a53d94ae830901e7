"""What is wrong with a case, said before something is made of the rest of it."""

from __future__ import annotations

import typer

from releve.restoration.case import Case

__all__ = ["tell_problems"]


def tell_problems(case: Case) -> None:
    """Say on standard error, a line each, what is wrong with the case; what depends on it gets no date."""
    from releve.restoration.catalogue.problems import line, problems

    for problem in problems(case):
        typer.echo(f"{problem.severity}: {line(problem, 'en')}", err=True)
