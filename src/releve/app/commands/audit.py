"""`releve audit`: who opened which page, taken out for whoever inspects it."""

from __future__ import annotations

import getpass
import sqlite3
import sys
import time
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from releve.app.commands.output import fail, progress
from releve.app.settings import SettingsError, read_settings
from releve.journal.errors import FolderError
from releve.journal.folder import own_log

__all__ = ["app"]

app = typer.Typer(help="Who opened which page: take it out for an inspection.", no_args_is_help=True)
Data = Annotated[
    Path,
    typer.Option("--data", metavar="DIR", help="The island's data folder.", exists=True, file_okay=False),
]
_STEP = 1_000


@app.callback()
def family() -> None:
    """Who opened which page: take it out for an inspection."""


@app.command()
def export(
    data: Data,
    form: Annotated[
        str, typer.Option("--format", help="fhir: a line a fact (NDJSON); fhir-bundle: one Bundle.")
    ] = "fhir",
    since: Annotated[
        str,
        typer.Option(
            "--since", metavar="T", help="From this moment on: 2026-11-21 or 2026-11-21T03:10+01:00."
        ),
    ] = "",
    as_json: Annotated[
        bool, typer.Option("--json", help="A last line counts what was written (with --format fhir).")
    ] = False,
) -> None:
    """Write the audit as FHIR R4 AuditEvents on standard output. That it was taken out is recorded too.

    Example: releve audit export --data /srv/releve --format fhir --since 2026-11-21 > audit.ndjson
    """
    from releve.web.audit import fhir
    from releve.web.audit.facts import Found
    from releve.web.audit.reading import facts_since

    if form not in ("fhir", "fhir-bundle"):
        fail("--format: expected fhir or fhir-bundle")
    try:
        own_log(data)
        island = read_settings(data).island.name
    except (FolderError, SettingsError) as error:
        fail(str(error))
    since_us = _moment(since)
    _say_taken(data)
    written = 0

    def counted(found: Iterable[Found]) -> Iterable[Found]:
        nonlocal written
        with progress() as steps:
            for one in found:
                written += 1
                if written % _STEP == 0:
                    steps.show("facts", written, written)
                yield one

    facts = counted(facts_since(data, since_us))
    try:
        if form == "fhir-bundle":
            whole = fhir.bundle(facts, island=island, made_at_us=time.time_ns() // 1000)
            sys.stdout.buffer.write(whole + b"\n")
        else:
            for line in fhir.ndjson(facts, island=island):
                sys.stdout.buffer.write(line + b"\n")
            if as_json:
                sys.stdout.buffer.write(b'{"events":%d}\n' % written)
        sys.stdout.flush()
    except BrokenPipeError:  # `export … | head`
        sys.stderr.close()
        raise typer.Exit(1) from None


def _moment(text: str) -> int:
    if not text:
        return 0
    try:
        # Without a zone it is this machine's.
        return int(datetime.fromisoformat(text).astimezone().timestamp() * 1e6)
    except ValueError:
        fail("--since: expected a day or a moment, such as 2026-11-21 or 2026-11-21T03:10+01:00")


def _say_taken(data: Path) -> None:
    """Note in the audit that it leaves the island; on an island that is not served it waits for the next start."""
    from releve.journal.client import Recorder
    from releve.journal.folder import audit_socket_path
    from releve.web.audit.facts import TakenOut
    from releve.web.audit.keeping import TIMEOUT_SECONDS, Keeper

    fact = TakenOut(
        who=f"console:{getpass.getuser()}",
        role="",
        page="releve audit export",
        address="",
        at_us=time.time_ns() // 1000,
        how="command",
    )
    keeper = Keeper(data, Recorder(audit_socket_path(data), timeout_seconds=TIMEOUT_SECONDS))
    try:
        keeper.keep_now(fact)
    except (sqlite3.Error, OSError):
        fail("audit: expected the island to record that its audit is taken out; nothing was written")
