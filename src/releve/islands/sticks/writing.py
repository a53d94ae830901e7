"""What goes onto a stick, for whom, and what of it the receivers hold already."""

import datetime
import itertools
from collections.abc import Mapping, Sequence
from pathlib import Path

from releve.islands.exchange import parts
from releve.islands.exchange.cosign import Cosigner
from releve.islands.exchange.identity import read_identity
from releve.islands.exchange.parts import StickError
from releve.islands.exchange.peers import Peer, Peers, read_peers
from releve.islands.exchange.state import Copy, read_exchange
from releve.islands.exchange.stick import Exported, Progress, export, exports_of, starts_after_date
from releve.islands.exchange.unseal import (
    holdings,
    is_whole,
    read_note,
    receipts_on,
    stick_identity,
    write_note,
)
from releve.journal.errors import NoteError
from releve.journal.folder import AUDIT, every_log

__all__ = [
    "LAST",
    "cosigners_of",
    "export_stick",
    "holdings_known",
    "peers_here",
    "receivers_of",
    "starts_after_last",
]

LAST = "last"
Holdings = Mapping[str, Mapping[str, Copy]]  # island → ORIGIN/EPOCH → entries, and when it signed for them


def export_stick(
    data: Path,
    to: Path,
    *,
    since: str,
    only: Sequence[str],
    now_us: int,
    progress: Progress | None = None,
) -> list[Exported]:
    """Write the journal onto a stick; return what was written: nothing, one export, or two after an interrupted one.

    `since`: "" everything, "last" what the receivers are not known to hold, or a moment (`2026-11-21`,
    `2026-11-21T18:00`, in the time of this machine). `only`: origins of the islands to write for, by default all.

    Raises:
        StickError: names what is expected, in words.
        FolderError, PeersError: of keys and peers.
    """
    if not to.is_dir():
        raise StickError("gone", f"{to}: expected the folder of a stick that is plugged in")
    peers = peers_here(data)
    receivers = receivers_of(peers, only)
    identity = stick_identity(data)
    recipients = [read_identity(data).recipient, *(peer.recipient for peer in receivers)]
    root = to / parts.FOLDER
    if not since:
        starts = {}
    elif since == LAST:
        known = holdings_known(data, root, identity, peers)
        starts = starts_after_last(data, root, identity, receivers, known, peers.own)
    else:
        starts = starts_after_date(data, _moment_us(since))
    asked = f"{since or 'all'} for {' '.join(peer.origin for peer in receivers)}"
    found: list[Exported] = []
    for turn in itertools.count():
        told = export(
            data,
            to,
            origin=peers.own,
            identity=identity,
            recipients=recipients,
            starts=starts,
            asked=asked,
            now_us=now_us + turn * 1_000_000,  # names of exports differ by the second
            progress=progress,
        )
        if told.parts:
            found.append(told)
        if not told.went_on:
            return found
        # What was interrupted is complete as it was planned then; what was recorded since goes into one more.
        starts = {**starts, **{(log.origin, log.epoch): log.size for log in told.plan.logs}}
    raise AssertionError("unreachable")


def peers_here(data: Path) -> Peers:
    """Return whom this island exchanges with; nobody while no other was added.

    Raises:
        FolderError, PeersError: of keys and peers.
    """
    return read_peers(data) or Peers(own=read_identity(data).origin)


def receivers_of(peers: Peers, only: Sequence[str]) -> list[Peer]:
    """Return the islands a stick is sealed for.

    Raises:
        StickError: there is none, or `only` names one that does not belong here.
    """
    known = {peer.origin: peer for peer in peers.peers if peer.recipient and peer.is_asked}
    if unknown := sorted(set(only) - set(known)):
        raise StickError(
            "receiver",
            f"--for {unknown[0]}: expected an island that belongs here: {', '.join(sorted(known)) or 'none does yet'}",
        )
    chosen = [peer for origin, peer in sorted(known.items()) if not only or origin in only]
    if not chosen:
        raise StickError(
            "receiver", "stick: expected another island; let managers add one: `releve islands add`"
        )
    return chosen


def cosigners_of(peers: Peers) -> dict[str, Cosigner]:
    """Return by which key each island's cosignatures are known."""
    found = {}
    for peer in peers.peers:
        try:
            found[peer.origin] = Cosigner(peer.mirror_key)
        except NoteError:
            continue  # without its key nothing proves what it holds: it is given everything
    return found


def holdings_known(
    data: Path, root: Path, identity: str, peers: Peers, learnt: Holdings | None = None
) -> dict[str, dict[str, Copy]]:
    """Return what other islands proved to hold: over the network, on sticks before, on this stick, and `learnt`.

    It is kept: the puller's process reads it from there, and says on how many islands an entry is saved.
    """
    note = read_note(data)
    exchange = read_exchange(data)
    pulled: dict[str, dict[str, Copy]] = {}
    for log, copies in (exchange.copies if exchange else {}).items():
        for holder, copy in copies.items():
            pulled.setdefault(holder, {})[log] = copy
    merged: dict[str, dict[str, Copy]] = {}
    receipts = holdings(receipts_on(root, identity), cosigners_of(peers))
    for source in (note.held, pulled, receipts, learnt or {}):
        for holder, logs in source.items():
            known = merged.setdefault(holder, {})
            for log, copy in logs.items():
                known[log] = max(copy, known.get(log, copy))
    if merged != note.held:
        note.held = merged
        write_note(data, note)
    return merged


def starts_after_last(
    data: Path, root: Path, identity: str, receivers: Sequence[Peer], known: Holdings, own: str
) -> dict[tuple[str, int], int]:
    """Return from which entry on each log is to be carried: what no receiver lacks, or what lies here, is left out."""
    starts = {}
    for log in every_log(data):
        island = log.origin.removesuffix(AUDIT)
        others = [peer.origin for peer in receivers if peer.origin != island]  # nobody lacks its own log
        held = [known.get(origin, {}).get(log.name, Copy(0, 0)).size for origin in others]
        starts[(log.origin, log.epoch)] = min(held) if held else _ALL_OF_IT
    wanted = {peer.recipient for peer in receivers}
    for folder in exports_of(root, own):
        try:
            plan = parts.read_plan(parts.unseal((folder / parts.part_name(0)).read_bytes(), identity))
        except (StickError, OSError):
            continue
        fresh = [one for one in plan.logs if one.size > starts.get((one.origin, one.epoch), 0)]
        if not fresh or not wanted <= set(plan.recipients) or not is_whole(root, folder.name):
            continue
        for one in fresh:
            name = (one.origin, one.epoch)
            if one.start <= starts.get(name, 0):
                starts[name] = one.size
    return starts


_ALL_OF_IT = 1 << 62  # more than any log holds


def _moment_us(text: str) -> int:
    try:
        moment = datetime.datetime.fromisoformat(text)
    except ValueError:
        raise StickError(
            "since", "--since: expected `last`, a day (2026-11-21) or a moment (2026-11-21T18:00)"
        ) from None
    return int(moment.astimezone().timestamp() * 1_000_000)
