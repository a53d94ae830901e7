"""What this island knows of the others: who is in step, who holds which entry. Read for every page, so read cheaply.

Two small files, each written by another process: `DATA/islands/peers.json` (whom we exchange with) and
`DATA/runtime/exchange.json` (how it stands). Each is read again when it changed. One that is absent, torn or old never
keeps a page from coming out: what was read last stands, with its hour.
"""

import threading
import time
from pathlib import Path
from typing import NamedTuple

import msgspec

from releve.islands.exchange.peers import Peer, Peers, PeersError, peers_path, read_peers
from releve.islands.exchange.state import Exchange, Refusal, Refused, exchange_path, read_exchange
from releve.journal.errors import JournalError
from releve.journal.folder import own_log
from releve.journal.reader import LogReader
from releve.web.database import data_folder
from releve.web.elsewhere import Elsewhere, Neighbour, Step
from releve.web.shell import now_ms

__all__ = [
    "ORIGIN_ANSWERS", "STALE_MS", "Held", "copies_of", "elsewhere", "held_now", "island_of", "own_size", "step_of",
    "suspicions",
]  # fmt: skip

# The puller writes once a second: after this it is dead, or hangs.
STALE_MS = 15_000
# An island is pulled several times a second; a minute bridges the restart of a process, not of a machine.
SILENT_MS = 30_000
DAY_MS = 86_400_000
OWN_SIZE_SECONDS = 2.0
# What only the island itself can have signed: it answers for it, whoever relayed it.
ORIGIN_ANSWERS: frozenset[Refusal] = frozenset({"rollback", "equivocation", "order", "redactions", "entry"})
# What whoever handed it over answers for: a disk that fails there does the same, so a day without it ends the alarm.
HOLDER_ANSWERS: frozenset[Refusal] = frozenset({"signature", "tree", "removed", "blob"})


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """The two files as they were read last. `broken`: the peers cannot be read, so nothing is exchanged."""

    peers: Peers | None
    exchange: Exchange | None
    broken: bool = False

    def knows(self, at_ms: int) -> bool:
        """Whether what is known of the exchange is of now."""
        return self.exchange is not None and at_ms - self.exchange.at_us // 1000 <= STALE_MS


class _Read(NamedTuple):
    """What was read of one data folder, and of which files."""

    marks: tuple[tuple[int, int, int] | None, ...]
    held: Held


_read: dict[Path, _Read] = {}
_sizes: dict[Path, tuple[float, str, int]] = {}
_lock = threading.Lock()


def _mark(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino, found.st_size


def held_now(data: Path | None = None) -> Held:
    """Return what is known of the other islands now: nothing but two looks at the files when neither changed."""
    data = data or data_folder()
    marks = (_mark(peers_path(data)), _mark(exchange_path(data)))
    before = _read.get(data)
    if before is not None and before.marks == marks:
        return before.held
    last = before.held if before is not None else Held(peers=None, exchange=None)
    broken = False
    try:
        peers = read_peers(data)
    except (PeersError, OSError):
        peers, broken = last.peers, True
    try:
        exchange = read_exchange(data) or last.exchange
    except OSError:
        exchange = last.exchange
    held = Held(peers=peers, exchange=exchange, broken=broken)
    with _lock:
        _read[data] = _Read(marks, held)
    return held


def own_size(data: Path | None = None) -> tuple[str, int] | None:
    """Return this island's log, ORIGIN/EPOCH, and how many entries it holds, at most two seconds old."""
    data = data or data_folder()
    at, name, size = _sizes.get(data, (0.0, "", -1))
    if size < 0 or time.monotonic() - at > OWN_SIZE_SECONDS:
        try:
            log = own_log(data)
            with LogReader(log.path) as reader:
                name, size = log.name, reader.size
        except (JournalError, OSError):
            return None
        _sizes[data] = time.monotonic(), name, size
    return name, size


def suspicions(peer: Peer, exchange: Exchange | None, at_ms: int) -> list[Refused]:
    """Return what is held against an island, newest first: until a cut line settles it, or a day has passed."""
    found = []
    for one in sorted(exchange.refused if exchange else (), key=lambda one: -one.at_us):
        origin = one.origin.removesuffix("-audit")
        settled = peer.left or str(one.epoch) in peer.cuts
        signed_it = origin == peer.origin and one.what in ORIGIN_ANSWERS and not settled
        gave_it = one.from_ == peer.origin and one.what in HOLDER_ANSWERS
        if signed_it or (gave_it and at_ms - one.at_us // 1000 < DAY_MS):
            found.append(one)
    return found


def step_of(held: Held, peer: Peer, at_ms: int, data: Path | None = None) -> tuple[Step, int | None]:
    """Return whether an island is in step, and since when it is not, UTC ms.

    "behind": it answers, and one of us has not yet what the other wrote.
    """
    exchange = held.exchange
    if held_against := suspicions(peer, exchange, at_ms):
        return "suspect", held_against[-1].at_us // 1000
    state = exchange.peers.get(peer.origin) if exchange else None
    if exchange is None or state is None or state.reached_us is None:
        return "never", None
    reached_ms = state.reached_us // 1000
    # Compared with the moment of the file: a puller that died says nothing of the islands.
    if exchange.at_us // 1000 - reached_ms > SILENT_MS:
        return "silent", reached_ms
    late: list[int] = []
    for name, log in exchange.logs.items():
        if name.rpartition("/")[0] == peer.origin and log.behind:
            late.append((log.checkpoint_us or state.reached_us) // 1000)
    own = own_size(data)
    if own is not None:
        copy = exchange.copies.get(own[0], {}).get(peer.origin)
        if copy is None:
            late.append(0)
        elif copy.size < own[1]:
            late.append(copy.at_us // 1000)
    since = min(late, default=None)
    if since is None or (since and at_ms - since <= SILENT_MS):
        return "in-step", None
    return ("silent", reached_ms) if state.trouble else ("behind", since or None)


def elsewhere() -> Elsewhere | None:
    """Return what the bar of every page says; None while there is only this island."""
    held = held_now()
    if held.peers is None or not held.peers.peers:
        return None
    at_ms = now_ms()
    if not held.knows(at_ms) or held.broken:
        since = held.exchange.at_us // 1000 if held.exchange else 0
        return Elsewhere(name=held.peers.own.upper(), neighbours=(), unknown_since_ms=since)
    found = []
    for peer in held.peers.peers:
        if peer.is_asked:
            step, since_ms = step_of(held, peer, at_ms)
            found.append(Neighbour(name=short_name(peer), step=step, since_ms=since_ms, wards=peer.wards))
    return Elsewhere(name=held.peers.own.upper(), neighbours=tuple(found)) if found else None


def short_name(peer: Peer) -> str:
    """Return how an island is called where there is no room: its origin, which also begins its numbers."""
    return peer.origin.upper()


def copies_of(log: str, index: int) -> int | None:
    """Return on how many islands an entry is saved: here, where it was written, and wherever else it is signed for.

    None while there is only this island. An island that left, or whose entry lies beyond its cut, is not counted.
    """
    held = held_now()
    if held.peers is None or not held.peers.peers:
        return None
    origin = log.rpartition("/")[0]
    # A signed copy stays one when the exchange stops: what was kept then is kept.
    holders = {held.peers.own, origin, *(held.exchange.holders(log, index) if held.exchange else ())}
    gone = {peer.origin for peer in held.peers.peers if not peer.is_asked}
    return len(holders - gone)


def island_of(log: str) -> str:
    """Return how the island that wrote a log is called, "" when it is this one or there is no other."""
    peers = held_now().peers
    origin = log.rpartition("/")[0]
    if peers is None or not peers.peers or origin == peers.own:
        return ""
    known = peers.of_log(origin)
    return known.name or origin.upper() if known is not None else origin.upper()
