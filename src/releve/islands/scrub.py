"""What is damaged in the copies of other islands' logs, put back from an island that has it whole."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from releve.islands.exchange.belief import Terms
from releve.islands.exchange.mend import mend
from releve.islands.exchange.peers import Peer, read_peers
from releve.islands.exchange.quota import Quota
from releve.islands.exchange.source import HttpsSource, Source, SourceGone
from releve.journal.errors import JournalError, NoteError
from releve.journal.folder import AUDIT, Log, own_log
from releve.journal.note import Verifier
from releve.journal.reader import LogReader
from releve.journal.verify import verify_log

__all__ = ["Mended", "mend_log", "sources_of"]

NamedSource = tuple[str, Source]


class Mended(NamedTuple):
    """What became of a damaged log: one word, and from whom it was put back."""

    log: str
    what: str  # "mended", "anew" (set aside, the next pull brings it), "own", "alone" (nobody could be asked)
    holder: str = ""


def sources_of(data: Path, log: Log) -> Iterator[NamedSource]:
    """Yield the islands that may hold a log, the one that wrote it first."""
    peers = read_peers(data)
    asked = [peer for peer in peers.peers if peer.is_asked] if peers is not None else []
    for peer in sorted(asked, key=lambda peer: peer.origin != log.origin.removesuffix(AUDIT)):
        for address in peer.addresses:
            yield (
                peer.origin,
                HttpsSource(address, origin=peer.origin, certificate=peer.certificate, data=data),
            )


def mend_log(
    data: Path,
    log: Log,
    now_us: int,
    sources: Callable[[Path, Log], Iterator[NamedSource]] = sources_of,
) -> Mended:
    """Put a damaged copy back from the first island that can; an island's own log is never written by this.

    Raises:
        JournalError: this island has no log of its own, or its disk failed.
    """
    if log.origin.removesuffix(AUDIT) == own_log(data).origin:
        return Mended(log.name, "own")
    key = _key_of(data, log)
    if key is None:
        return Mended(log.name, "alone")
    terms = Terms(
        origin=log.origin,
        epoch=log.epoch,
        key=key,
        key_before=None,
        cut=None,  # what was believed before is put back as it was
        from_origin=False,
        exercise=None,
        quota=Quota(),
        room_bytes=1 << 62,
        redactions_left=1 << 31,
    )
    for holder, source in sources(data, log):
        try:
            mend(data, source, terms, now_us)
        except SourceGone:
            continue
        finally:
            source.close()
        if not log.path.exists():
            return Mended(log.name, "anew", holder)
        if not list(verify_log(data, log)):
            return Mended(log.name, "mended", holder)
    return Mended(log.name, "alone")


def _key_of(data: Path, log: Log) -> Verifier | None:
    """Return the key by which the log is known here: as managers signed it, else as its first entry names it."""
    peers = read_peers(data)
    peer: Peer | None = peers.of_log(log.origin) if peers is not None else None
    named = peer.keys_of(log.origin).get(str(log.epoch)) if peer is not None else None
    try:
        if named is None:
            with LogReader(log.path) as reader:
                named = reader.opened().key
        return Verifier.from_vkey(named)
    except (NoteError, JournalError):
        return None
