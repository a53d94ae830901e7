"""Islands for one test: a journal that grows, keys, and the peers they know."""

from pathlib import Path

from releve.islands.exchange.identity import Identity, make_identity
from releve.islands.exchange.peers import Peer, Peers, write_peers
from releve.journal import folder
from releve.journal.entry import Submission
from releve.journal.folder import Log

SATURDAY_0310_US = 1_795_226_999_000_000  # 2026-11-21T02:09:59Z


def island(data: Path, origin: str, *, entries: int = 0) -> Log:
    """Begin an island's journal, of two entries and `entries` messages, and return its log."""
    log = folder.create_island(data, origin, True, "Centre hospitalier de Valmont", SATURDAY_0310_US)
    if entries:
        grow(data, entries)
    return log


def grow(data: Path, count: int, *, padding: int = 200, log: Log | None = None) -> int:
    """Append invented messages in one commit; return the size of the log."""
    writer = folder.open_writer(data, log)
    try:
        start = writer.size
        messages = [
            Submission("message.hl7v2", b"MSH|^~\\&|LABO|%08d|" % number + b"x" * padding, "mllp:10.0.0.5")
            for number in range(start, start + count)
        ]
        writer.append(messages, SATURDAY_0310_US + start)
        return writer.size
    finally:
        writer.close()


def peer_of(identity: Identity, *, left: bool = False, addresses: tuple[str, ...] = ()) -> Peer:
    """Return an island as another one knows it."""
    return Peer(
        origin=identity.origin,
        name=identity.origin.upper(),
        addresses=addresses,
        certificate=identity.certificate_pem,
        mirror_key=identity.mirror_vkey,
        recipient=identity.recipient,
        left=left,
    )


def introduce(data: Path, origin: str, *peers: Peer) -> Identity:
    """Give an island its keys and the peers it knows."""
    identity = make_identity(data, origin)
    write_peers(data, Peers(own=origin, peers=peers))
    return identity
