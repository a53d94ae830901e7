"""Whom this island exchanges with: `DATA/islands/peers.json`, written from the views, read by publisher and puller.

Whoever is not in it is not pulled and not let in. Only what two managers signed gets there.
"""

from pathlib import Path
from typing import Literal

import msgspec

from releve.islands.exchange.whole import write_whole
from releve.journal import modes
from releve.journal.errors import JournalError
from releve.journal.folder import AUDIT

__all__ = ["Cut", "Dropped", "Peer", "Peers", "PeersError", "peers_path", "read_peers", "write_peers"]

FOLDER_MODE = modes.FOLDER


class PeersError(JournalError):
    """The file of the peers is not what is expected; the message names the place."""


class Cut(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An epoch counts up to entry `size` - 1, and its tree has this root there.

    "exclude": nothing at or beyond `size` is pulled any more. "flag": it is pulled, and shown as not trusted.
    """

    size: int
    root_b64: str
    mode: Literal["exclude", "flag"] = "exclude"


class Dropped(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An epoch that its island dropped, with two managers' signatures: so long, with this root. Not pulled again."""

    size: int
    root_b64: str


class Peer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Another island: where it is, by which keys it is known. Keys of the maps are epochs, as decimal text."""

    origin: str
    name: str
    addresses: tuple[str, ...] = ()  # HOST:PORT, nearest first
    certificate: str = ""  # PEM; it proves the island over HTTPS in both directions
    mirror_key: str = ""  # vkey of its cosignatures
    recipient: str = ""  # age recipient of what is sealed for it
    epochs: dict[str, str] = {}  # epoch: vkey of its log
    audit_epochs: dict[str, str] = {}  # epoch: vkey of the log of who opened what
    cuts: dict[str, Cut] = {}
    dropped: dict[str, Dropped] = {}  # by epoch of its log
    left: bool = False  # its logs are kept, nothing more is asked of it or given to it
    wards: tuple[str, ...] = ()

    @property
    def is_asked(self) -> bool:
        """Whether anything is asked of it: it has not left, and its newest epoch is not cut off."""
        if self.left:
            return False
        newest = max(map(int, self.epochs), default=0)
        cut = self.cuts.get(str(newest))
        return cut is None or cut.mode == "flag"

    def keys_of(self, origin: str) -> dict[str, str]:
        """Return the keys by epoch of one of its two logs: what it records, and who opened what."""
        return self.audit_epochs if origin.endswith(AUDIT) else self.epochs


class Peers(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """This island and those it exchanges with."""

    own: str
    peers: tuple[Peer, ...] = ()

    def of_log(self, origin: str) -> Peer | None:
        """Return the island whose log (or audit log) has this origin, None when it is none of ours."""
        island = origin.removesuffix(AUDIT)
        return next((peer for peer in self.peers if peer.origin == island), None)


def peers_path(data: Path) -> Path:
    """Return where the file of the peers stands."""
    return data / "islands" / "peers.json"


def read_peers(data: Path) -> Peers | None:
    """Return whom this island exchanges with, None when there is nobody yet.

    Raises:
        PeersError: the file is not what it should be, or others may read it.
    """
    path = peers_path(data)
    try:
        if path.stat().st_mode & modes.OTHERS:
            raise PeersError(f"islands/{path.name}: expected mode 0600, others may read it")
        raw = path.read_bytes()
    except FileNotFoundError:
        return None
    try:
        peers = msgspec.json.decode(raw, type=Peers)
    except (msgspec.DecodeError, ValueError) as error:
        raise PeersError(f"islands/{path.name}: {error}") from None
    origins = [peer.origin for peer in peers.peers]
    if len(set(origins)) < len(origins) or peers.own in origins:
        raise PeersError(f"islands/{path.name}: expected each island once, and not this one among its peers")
    for peer in peers.peers:
        for epoch in (*peer.epochs, *peer.audit_epochs, *peer.cuts):
            if not epoch.isdecimal() or str(int(epoch)) != epoch or epoch == "0":
                raise PeersError(f"islands/{path.name}, island {peer.origin}: expected epochs 1, 2, …")
    return peers


def write_peers(data: Path, peers: Peers) -> None:
    """Put the file of the peers in place, whole or not at all."""
    path = peers_path(data)
    path.parent.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    write_whole(path, msgspec.json.format(msgspec.json.encode(peers), indent=2) + b"\n")
