"""`releve islands export`, `import` and `reseed`: journals carried by hand, and an island born again from another."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from releve.app.clock import now_us
from releve.app.commands.islands import app
from releve.app.commands.output import fail, progress, say
from releve.islands.exchange.stick import Exported
from releve.islands.sticks.taking_in import Arrived, take_in
from releve.islands.sticks.writing import LAST, export_stick
from releve.journal.errors import JournalError
from releve.web.words import counted

__all__ = ["export", "import_"]

Data = Annotated[
    Path,
    typer.Option("--data", metavar="DIR", help="The island's data folder.", exists=True, file_okay=False),
]
AsJson = Annotated[bool, typer.Option("--json", help="One line of JSON.")]


@app.command()
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


@app.command("import")
def import_(
    data: Data,
    folder: Annotated[Path, typer.Option("--from", metavar="DIR", help="Where the stick is mounted.")],
    again: Annotated[bool, typer.Option("--again", help="Read also what was read before.")] = False,
    as_json: AsJson = False,
) -> None:
    """Take what a stick brings from other islands, checked as if it came over the network; leave a receipt on it.

    May be interrupted and given again. Ends with status 1 when something could not be taken.
    Example: releve islands import --data /srv/releve --from /media/stick
    """
    with progress() as steps:
        try:
            arrived = take_in(data, folder, now_us=now_us(), again=again, progress=steps.show)
        except (JournalError, OSError) as error:
            fail(str(error))
    for line in _complaints(arrived):
        typer.echo(f"releve: {line}", err=True)
    result = {
        "exports": arrived.exports,
        "entries": arrived.entries,
        "logs": [log._asdict() for log in arrived.logs],
        "bad": [bad._asdict() for bad in arrived.bad],
        "refused": [
            {"origin": one.origin, "epoch": one.epoch, "what": one.what, "folder": one.folder}
            for one in arrived.refused
        ],
        "ahead": arrived.ahead,
        "receipt": arrived.receipt,
    }
    told = f"{counted(arrived.entries, 'new entry')} from {counted(arrived.exports, 'export')}"
    if not arrived.exports:
        told = "nothing new: every export on this stick was read before (--again reads them once more)"
    if not arrived.receipt:
        told += "; no receipt could be left on the stick"
    say(result, json=as_json, text=told)
    if any(log.ended in ("gap", "refused") for log in arrived.logs) or arrived.bad or arrived.ahead:
        raise typer.Exit(1)


_ENDED = {
    "gap": "{log}: entries {held:,} to {carried:,} could not all be taken: parts are missing on this stick, or an "
    "earlier one never came. Ask for a new stick: `releve islands export` without --since",
    "refused": "{log}: refused, see DATA/evidence; {held:,} entries that were taken before stay",
    "unknown": "{log}: its island does not belong here; nothing of it was taken",
}
_BAD = {
    "torn": "is not as it was written; write it again on the other island",
    "missing": "is missing",
    "foreign": "is no part that Relève wrote",
    "not-for-us": "is not sealed for this island; the other one must know it (`releve islands add`) and write again",
    "too-large": "is larger than any part Relève writes",
    "disk": "was not opened: this island's disk has no room to spare",
    "unreadable": "cannot be read",
}


def _complaints(arrived: Arrived) -> list[str]:
    lines = [f"{bad.place} {_BAD.get(bad.code, bad.detail)}" for bad in arrived.bad]
    for log in arrived.logs:
        if log.ended in _ENDED:
            name = f"{log.origin}/{log.epoch}"
            lines.append(_ENDED[log.ended].format(log=name, held=log.held, carried=log.carried))
    lines += [
        f"{name}: the stick shows {counted(size, 'entry')} of our own log, more than are here: this island "
        "was restored from an older copy. Begin a new epoch before anything is recorded: `releve journal new-epoch`"
        for name, size in arrived.ahead.items()
    ]
    return lines


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
            f"{one.folder.name}: {counted(one.entries, 'entry')} in {counted(one.parts, 'part')}, "
            f"{one.sealed_bytes / 1e6:,.1f} MB{went_on}"
        )
    lines.append("everything is on the stick: eject it, carry it, then `releve islands import` over there")
    return "\n".join(lines)
