"""`releve islands key`: two managers say that a key is the one of an epoch of an island's log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from releve.app.commands.islands import (
    AsJson,
    Data,
    Yes,
    agree,
    app,
    record_signed,
    said_of_islands,
    two_cards,
)
from releve.app.commands.output import fail, say
from releve.app.commands.signing import SignWith
from releve.islands.introduction import IntroductionError, epoch_of
from releve.journal.errors import JournalError, NoteError
from releve.journal.folder import AUDIT, own_audit_log, own_log
from releve.journal.note import Verifier
from releve.journal.reader import LogReader

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["key"]


@app.command()
def key(
    data: Data,
    vkey: Annotated[
        str,
        typer.Argument(
            metavar="[KEY]",
            help="The key as the other island prints it; without one, this island's own is printed.",
        ),
    ] = "",
    sign_with: SignWith = None,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Name the key of an island's epoch as authentic: of one that began again and whose former key signed nothing.

    On that island without KEY: its keys are printed, to be compared by telephone. On the others with it. Example:
    releve islands key releve/c/2+5f8a… --sign-with card-1 --sign-with card-2 --data /srv/releve
    """
    from releve.hospital.belonging import decide
    from releve.islands.exchange.peers import read_peers
    from releve.islands.facts import IslandKey

    try:
        if not vkey:
            keys = _own_keys(data)
            say(keys, json=as_json, text="\n".join(f"{name:<6} {value}" for name, value in keys.items()))
            return
        origin, epoch, audit = _named(vkey)
        if origin == own_log(data).origin:
            fail("KEY: expected the key of another island; this one holds its own")
        said = said_of_islands(data)
        if origin not in decide(said).islands:
            fail("KEY: expected an island that was added once; see `releve islands list`")
        peers = read_peers(data)
        peer = peers.of_log(origin) if peers is not None else None
        known = (peer.audit_epochs if audit else peer.epochs).get(str(epoch)) if peer is not None else None
        result = {"origin": origin, "epoch": epoch, "audit": audit, "vkey": vkey}
        if known == vkey:
            say({**result, "entry": None}, json=as_json, text="nothing to name: this key is known already")
            return
        if known is not None:
            # What was accepted was signed with that one: whoever doubts it draws a cut line, or adds the island anew.
            fail(
                f"KEY: another key is known for {origin}/{epoch}; see `releve islands cutline`; nothing was changed"
            )
        typer.echo(f"{origin}/{epoch}{' (its second log)' if audit else ''}\n  {vkey}", err=True)
        signers = two_cards(sign_with)
        agree(f"Did {origin} read out this key, sign by sign?", yes)
        (receipt,) = record_signed(
            data, [IslandKey(island=origin, epoch=epoch, vkey=vkey, audit=audit)], signers
        )
    except (JournalError, IntroductionError) as error:
        fail(str(error))
    place = receipt.place
    say(
        {**result, "entry": place},
        json=as_json,
        text=f"{origin}/{epoch} is verified with this key from now on; entry {place}",
    )


def _named(vkey: str) -> tuple[str, int, bool]:
    """Return the island, the epoch, and whether it is its second log, of a key's name."""
    try:
        name = Verifier.from_vkey(vkey).name
    except (NoteError, ValueError):
        raise IntroductionError("KEY: expected releve/ORIGIN/EPOCH+…+…, whole") from None
    epoch = epoch_of(vkey)
    first, _, origin = name.rpartition("/")[0].partition("/")
    if first != "releve" or not origin:
        raise IntroductionError("KEY: expected the name releve/ORIGIN/EPOCH")
    audit = origin.endswith(AUDIT)
    return origin.removesuffix(AUDIT), epoch, audit


def _own_keys(data: Path) -> dict[str, str]:
    found = {}
    for name, log in (("log", own_log(data)), ("audit", own_audit_log(data))):
        if log is not None:
            with LogReader(log.path) as reader:
                found[name] = reader.opened().key
    return found
