"""`releve islands pull`: one round by hand, where no exchange runs or nobody wants to wait for it."""

from __future__ import annotations

import contextlib
from typing import Annotated, Any

import typer

from releve.app.commands.islands import AsJson, Data, app, said_of_islands
from releve.app.commands.output import fail, progress, say
from releve.islands.exchange.identity import read_mirror_signer
from releve.islands.exchange.peers import Peer, read_peers
from releve.islands.exchange.puller import Puller
from releve.islands.exchange.source import HttpsSource, SourceGone
from releve.journal.errors import FolderError, JournalError
from releve.journal.note import Signer
from releve.web.words import counted

__all__ = ["pull"]


@app.command()
def pull(
    data: Data,
    origins: Annotated[
        list[str] | None,
        typer.Argument(metavar="ORIGIN…", help="From which islands; none: from all that belong."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Pull from the other islands once, with all checks, until nothing more comes; status 1 when one was not reached.

    Example: releve islands pull --data /srv/releve
    """
    try:
        said_of_islands(data)
        peers = read_peers(data)
    except JournalError as error:
        fail(str(error))
    wanted = [peer for peer in (peers.peers if peers is not None else ()) if peer.is_asked and peer.addresses]
    if origins and not set(origins) <= {peer.origin for peer in wanted}:
        fail("origin: expected islands that belong and have an address; see `releve islands list`")
    if peers is None or not wanted:
        fail("islands: expected one that belongs and has an address; see `releve islands add`")
    signer: Signer | None = None
    with contextlib.suppress(FolderError):  # without it what is held here is not signed for
        signer = read_mirror_signer(data)
    puller = Puller(data, peers, signer=signer)
    lines: list[dict[str, Any]] = []
    with progress() as steps:
        for done, peer in enumerate(one for one in wanted if not origins or one.origin in origins):
            steps.show("islands", done, len(wanted))
            lines.append(_from(data, puller, peer))
    refused = [
        {"log": f"{one.origin}/{one.epoch}", "what": one.what, "folder": one.folder} for one in puller.refused
    ]
    text = [
        f"{line['origin']:<12} {counted(line['entries'], 'entry')}"
        + (f"; {line['trouble']}" if line["trouble"] else "")
        for line in lines
    ]
    text += [f"refused: {one['log']} ({one['what']}), kept in {one['folder']}" for one in refused]
    say({"islands": lines, "refused": refused}, json=as_json, text="\n".join(text))
    if any(line["trouble"] for line in lines):
        raise typer.Exit(1)


def _from(data: Any, puller: Puller, peer: Peer) -> dict[str, Any]:
    """Pull from one island, its nearest address first."""
    entries, trouble = 0, ""
    for address in peer.addresses:
        source = HttpsSource(address, origin=peer.origin, certificate=peer.certificate, data=data)
        try:
            while came := puller.pull_from(source, peer.origin):
                entries += came
        except (SourceGone, JournalError) as error:
            trouble = str(error)
            continue
        finally:
            source.close()
        return {"origin": peer.origin, "entries": entries, "trouble": ""}
    return {"origin": peer.origin, "entries": entries, "trouble": trouble}
