"""What a demonstration restores from: its catalogue, and a first plan of it that an island makes once it is up."""

from __future__ import annotations

from pathlib import Path

import typer

from releve.journal.errors import JournalError

__all__ = ["DEMO_SEED", "begin_catalogue"]

DEMO_SEED = 1  # of the invented hospital


def begin_catalogue(data: Path) -> None:
    """Say the catalogue of the demonstration and ask for a plan of it, once the island is up: no start waits for it."""
    from datetime import UTC, datetime

    from releve.exercise.demo import demo_hospital
    from releve.exercise.demo_restoration import demo_restoration
    from releve.journal.client import Recorder
    from releve.restoration.making.runtime_files import call_planner

    try:
        with Recorder(data) as recorder:
            recorder.append(demo_restoration(demo_hospital(seed=DEMO_SEED), datetime.now(UTC)))
    except JournalError as error:
        typer.echo(f"releve: the demonstration has no catalogue to restore from: {error}", err=True)
        return
    call_planner(data)
