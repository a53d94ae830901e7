"""`releve islands cutline`: up to where an island that was taken over is trusted, and what is done about the rest."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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
from releve.journal.errors import JournalError
from releve.journal.folder import log_path, own_log
from releve.journal.reader import LogReader
from releve.journal.tree import edge_at
from releve.web.words import counted

if TYPE_CHECKING:
    from releve.hospital.belonging import Said

__all__ = ["cutline"]

_NO_PERSON = ("account:", "declaration:", "island:", "hospital:", "bed:")


@app.command()
def cutline(
    data: Data,
    origin: Annotated[str, typer.Argument(help="The island that is suspect or lost.")],
    epoch: Annotated[int, typer.Argument(help="Epoch of its log.", min=1)],
    size: Annotated[int, typer.Argument(help="How many of its entries are trusted.", min=1)],
    mode: Annotated[
        str,
        typer.Option(
            help="What lies beyond is left out (exclude) or shown and marked (flag).", metavar="exclude|flag"
        ),
    ],
    reason: Annotated[str, typer.Option(help="Why, in words.")],
    replace_pins: Annotated[
        bool,
        typer.Option(
            "--replace-pins",
            help="All badges and PINs stop to count, passwords are changed at the next entry.",
        ),
    ] = False,
    sign_with: SignWith = None,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Trust an island up to an entry and no further: its keys, certificate and accounts are refused everywhere.

    What it will do is shown first. Example: releve islands cutline c 1 38900 --mode flag --reason "taken over at 02:00"
    --replace-pins --sign-with card-1 --sign-with card-2 --data /srv/releve
    """
    if mode not in ("exclude", "flag"):
        fail("--mode: expected exclude or flag")
    try:
        own = own_log(data).origin
        said = said_of_islands(data)
        known = _what_lies_beyond(data, origin, epoch, size)
    except JournalError as error:
        fail(str(error))
    if origin == own:
        fail("origin: expected another island: whoever suspects this one does it from another")
    for line in _shown(origin, epoch, size, mode, replace_pins, known):
        typer.echo(line, err=True)
    signers = two_cards(sign_with)
    agree("Draw this line?", yes)
    try:
        fact = _fact(data, own, said, origin, epoch, size, known["root"], mode, reason, replace_pins)
        (receipt,) = record_signed(data, [fact], signers)
    except JournalError as error:
        fail(str(error))
    place = receipt.place
    result = {
        "entry": place, "origin": origin, "epoch": epoch, "size": size, "mode": mode, "pins_replaced": replace_pins,
        "beyond": known["beyond"], "acts": known["acts"], "persons": known["persons"],
    }  # fmt: skip
    text = f"{origin}/{epoch} is trusted up to entry {size:,} from now on; entry {place}"
    say(result, json=as_json, text=text)


def _what_lies_beyond(data: Path, origin: str, epoch: int, size: int) -> dict[str, Any]:
    """Count entries, acts and persons at or beyond `size`, and give the root of the tree there."""
    path = log_path(data, origin, epoch)
    if not path.exists():
        fail(f"{origin}/{epoch}: expected a log that is held here; see `releve islands status`")
    with LogReader(path) as reader:
        held = reader.size
        if size > held:
            fail(f"size: expected at most {held:,}, the entries of {origin}/{epoch} that are held here")
        root = edge_at(size, reader.tile_hashes()).root()
        (acts,) = reader.connection.execute(
            "SELECT count(*) FROM entry WHERE lane = 1 AND idx >= ?", (size,)
        ).fetchone()
    from releve.views.tables import SubjectEntry

    subjects = SubjectEntry.objects.filter(log=f"{origin}/{epoch}", index__gte=size)
    persons = {
        subject
        for subject in subjects.values_list("subject", flat=True).distinct()
        if not subject.startswith(_NO_PERSON)
    }
    return {"held": held, "beyond": held - size, "acts": acts, "persons": len(persons), "root": root}


def _shown(
    origin: str, epoch: int, size: int, mode: str, replace_pins: bool, known: dict[str, Any]
) -> list[str]:
    lines = [
        f"{origin}/{epoch}: {counted(known['held'], 'entry')} held here, {size:,} of them stay trusted",
        f"  beyond the line  {counted(known['beyond'], 'entry')}, {known['acts']:,} of them acts, "
        f"about {counted(known['persons'], 'person')}",
        "  they are left out of every page, and stay in the journal"
        if mode == "exclude"
        else "  they are shown, and marked as not trusted",
        f"  {origin}        nothing is pulled from it or given to it; its keys, certificate and accounts are refused",
    ]
    if mode == "exclude" and known["beyond"]:
        lines.append(
            "  the pages are folded again beside those in use; that takes as long as `releve views rebuild`"
        )
    if replace_pins:
        lines.append("  badges and PINs  all of them stop to count; passwords are changed at the next entry")
    return lines


def _fact(
    data: Path, own: str, said: list[Said], origin: str, epoch: int, size: int, root: bytes, mode: Any, reason: str,
    replace_pins: bool,
) -> Any:  # fmt: skip
    from releve.hospital.belonging import decide
    from releve.islands.accounts_key import seal_keys
    from releve.islands.exchange.identity import read_identity
    from releve.islands.facts import IslandCut
    from releve.web.accounts.ring import ring_of
    from releve.web.accounts.verifier import KEY_BYTES, KeyMissing

    sealed: dict[str, bytes] = {}
    retires: tuple[str, ...] = ()
    if replace_pins:
        try:
            retires = tuple(sorted(ring_of(data).keys))
        except KeyMissing as error:
            fail(str(error))
        key = secrets.token_bytes(KEY_BYTES)
        remaining = {
            one.origin: one.joined.body["introduction"]["recipient"]
            for one in decide(said).islands.values()
            if one.joined is not None and one.origin not in (origin, own)
        }
        # For this island too: what is done here is done by reading the entry, as on all others.
        remaining[own] = read_identity(data).recipient
        sealed = {name: seal_keys([key], recipient) for name, recipient in sorted(remaining.items())}
    return IslandCut(
        island=origin, epoch=epoch, size=size, root=root, mode=mode, reason=reason, pins_replaced=replace_pins,
        retires=retires, sealed=sealed,
    )  # fmt: skip
