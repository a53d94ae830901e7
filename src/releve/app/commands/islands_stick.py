"""`releve islands export`, `import` and `reseed`: journals carried by hand, and an island born again from another."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from releve.app.clock import now_us
from releve.app.commands.output import fail, progress, say
from releve.islands.carrying import LAST, export_stick
from releve.islands.exchange.stick import Exported
from releve.journal.errors import JournalError

__all__ = ["export"]

Data = Annotated[
    Path,
    typer.Option("--data", metavar="DIR", help="The island's data folder.", exists=True, file_okay=False),
]
AsJson = Annotated[bool, typer.Option("--json", help="One line of JSON.")]


def export(
    data: Data,
    to: Annotated[Path, typer.Option("--to", metavar="DIR", help="Where the stick is mounted.")],
    since: Annotated[
        str,
        typer.Option(
            help="What is new: `last` since what the others hold, or a moment; by default all.",
            metavar="last|MOMENT",
        ),
    ] = "",
    receivers: Annotated[
        list[str] | None,
        typer.Option("--for", help="Only for this island; may be repeated.", metavar="ORIGIN"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write the journal onto a stick, sealed for the other islands. May be interrupted at any moment and given again.

    Example: releve islands export --data /srv/releve --to /media/stick --since last
    """
    with progress() as steps:

        def show(done: int, total: int) -> None:
            steps.show("MB written", done // 1_000_000, max(total // 1_000_000, 1))

        try:
            written = export_stick(
                data, to, since=since, only=receivers or (), now_us=now_us(), progress=show
            )
        except (JournalError, OSError) as error:
            fail(str(error))
    result = {
        "exports": [_told(one) for one in written],
        "entries": sum(one.entries for one in written),
        "bytes": sum(one.sealed_bytes for one in written),
    }
    say(result, json=as_json, text=_text(written, since))


def _told(one: Exported) -> dict[str, object]:
    return {
        "folder": one.folder.name,
        "entries": one.entries,
        "parts": one.parts,
        "bytes": one.sealed_bytes,
        "went_on": one.went_on,
        "logs": {f"{log.origin}/{log.epoch}": [log.start, log.size] for log in one.plan.logs},
    }


def _text(written: list[Exported], since: str) -> str:
    if not written:
        known = "what they hold already, or what lies on this stick" if since == LAST else "nothing"
        return f"nothing was written: there is nothing beyond {known}"
    lines = []
    for one in written:
        went_on = ", an interrupted one finished" if one.went_on else ""
        lines.append(
            f"{one.folder.name}: {one.entries:,} entries in {one.parts} parts, "
            f"{one.sealed_bytes / 1e6:,.1f} MB{went_on}"
        )
    lines.append("everything is on the stick: eject it, carry it, then `releve islands import` over there")
    return "\n".join(lines)
