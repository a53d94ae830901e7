"""`releve journal redact`: the bytes of one entry leave the journal, by two managers' signatures; its proof stays."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from releve.app.commands.islands import Yes, agree, record_signed, said_of_islands, two_cards
from releve.app.commands.journal import AsJson, Data, app
from releve.app.commands.output import fail, say
from releve.app.commands.signing import SignWith
from releve.app.recorder_process import recorder_for
from releve.journal.errors import JournalError
from releve.journal.folder import blobs_path, own_log
from releve.journal.reader import LogReader
from releve.web.words import counted

if TYPE_CHECKING:
    from pathlib import Path

    from releve.journal.entry import Entry
    from releve.journal.folder import Log

__all__ = ["redact"]

# What gives or takes power is followed by another statement; without its bytes nobody could tell why it holds.
_KEPT = ("journal.", "islands.", "account.")


@app.command()
def redact(
    index: Annotated[
        int, typer.Argument(min=0, help="The entry's place in the log that is written, from 0 on.")
    ],
    data: Data,
    reason: Annotated[str, typer.Option(help="Why, in words that name nobody: they stay.")],
    sign_with: SignWith = None,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Remove the bytes of one entry of this island, for ever; who, when and the proof stay. Shown before it is done.

    Example: releve journal redact 41207 --reason "order of the court 12/2026" --sign-with card-1 --sign-with card-2
    --data /srv/releve
    """
    from releve.islands.retention_facts import EntryRedacted

    try:
        log = own_log(data)
        said_of_islands(data, acts_only=True)
        entry, leaf = _asked_for(data, log, index)
        for line in _shown(log, entry):
            typer.echo(line, err=True)
        signers = two_cards(sign_with)
        agree(f"Shall the bytes of entry {index:,} of {log.name} be removed?", yes)
        fact = EntryRedacted(island=log.origin, epoch=log.epoch, index=index, leaf=leaf, reason=reason)
        (order,) = record_signed(data, [fact], signers)
        if order.epoch != log.epoch:
            fail(f"{log.name} was closed meanwhile: nothing was removed")
        with recorder_for(data) as recorder:
            done = recorder.redact(
                index, reason=f"{reason} (signed: {order.place})", author=f"system:{getpass.getuser()}"
            )
    except JournalError as error:
        fail(str(error))
    result: dict[str, Any] = {
        "log": log.name, "index": index, "order": order.place, "entry": done.place, "bytes": len(entry.body),
    }  # fmt: skip
    text = (
        f"{log.name} entry {index:,} has no bytes any more; signed in {order.place}, removed by {done.place}\n"
        "The pages of each island are folded again without it as soon as it has the act; packs are printed again."
    )
    say(result, json=as_json, text=text)


def _asked_for(data: Path, log: Log, index: int) -> tuple[Entry, bytes]:
    """Return the entry and its leaf hash; ends the command when it cannot be redacted."""
    with LogReader(log.path, blobs_path(data)) as reader:
        if index >= reader.size:
            fail(
                f"{log.name} has {counted(reader.size, 'entry')}: expected one of them. A closed epoch is not changed: "
                "see docs/operations/retention.md"
            )
        entry = reader.get(index)
        (leaf,) = reader.connection.execute("SELECT leaf FROM entry WHERE idx = ?", (index,)).fetchone()
    if entry.redacted:
        fail(f"{log.name} entry {index:,} has no bytes any more")
    if entry.kind.startswith(_KEPT):
        fail(f"{log.name} entry {index:,} ({entry.kind}): what gives power or proves the journal stays")
    return entry, leaf


def _shown(log: Log, entry: Entry) -> list[str]:
    """Return what goes and what stays; nothing of what the entry says."""
    return [
        f"{log.name} entry {entry.index:,}: {entry.kind}, {counted(len(entry.body), 'byte')}, from {entry.source}",
        "  goes   its bytes, here at once and on every island that pulls this log; with them a document that no other "
        "entry names",
        "  stays  its kind, source, author and hours, whom it is about, its place in the tree: all proofs hold",
        "  goes   what pages show of it, here and there; packs are printed again",
        "  stays  what is on sticks, in backups and archives, and on paper",
    ]
