"""An island on a bare machine, from what others hold: first who it is, so that managers may add it; then its logs.

The machine knows nobody but the islands whose introductions were carried to it. What else it believes, they vouch for:
a log counts when one of them cosigned it, or when the next epoch of it, which counts, restates its last checkpoint.
What managers signed takes over from there, as soon as the views are folded.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from releve.islands.exchange import layout
from releve.islands.exchange.cosign import Cosigner, held_by
from releve.islands.exchange.identity import make_identity
from releve.islands.exchange.layout import LogSize
from releve.islands.exchange.peers import Peer, Peers, write_peers
from releve.islands.exchange.puller import Puller
from releve.islands.exchange.source import Source
from releve.islands.introduction import Introduction, IntroductionError, epoch_of
from releve.islands.sticks.taking_in import LogArrived, Progress, pull_all
from releve.journal import entry as entries
from releve.journal import facts, keys
from releve.journal.entry import Unpacker
from releve.journal.errors import EntryError, FolderError, JournalError, NoteError
from releve.journal.folder import AUDIT, FOLDER_MODE, Log, begin_audit, create_island, log_path
from releve.journal.note import Signer, Verifier, open_note, read_checkpoint
from releve.journal.reader import LogReader
from releve.journal.tree import TILE_WIDTH

__all__ = ["announce", "begin", "fetch", "peer_of", "prepared"]

_PREPARED = "next-epoch.key"
_PREPARED_AUDIT = "next-audit.key"


def announce(
    data: Path, origin: str, epoch: int, name: str, addresses: Sequence[str], wards: Sequence[str]
) -> Introduction:
    """Return who the island on this bare machine will be; its keys are made, once, and kept in `data`.

    Raises:
        IntroductionError: it was announced otherwise before.
        FolderError: an island lives here already.
    """
    for folder in ("", "keys", "journal", "blobs", "runtime", "islands"):
        (data / folder).mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    identity = make_identity(data, origin)
    signer = prepared(data)
    second = prepared(data, _PREPARED_AUDIT)
    if signer is None or second is None:
        signer = Signer.generate(f"releve/{origin}/{epoch}")
        second = Signer.generate(f"releve/{origin}{AUDIT}/{epoch}")
        keys.keep_secret(data, _PREPARED_AUDIT, second.text().encode())
        keys.keep_secret(data, _PREPARED, signer.text().encode())
    if signer.verifier.name != f"releve/{origin}/{epoch}" or identity.origin != origin:
        raise IntroductionError(
            f"data folder: expected the island and epoch it was begun for, {signer.verifier.name}; "
            "for another one begin with an empty folder"
        )
    return Introduction(
        origin=origin,
        name=name,
        epoch=epoch,
        log=signer.verifier.vkey,
        audit=second.verifier.vkey,
        mirror=identity.mirror_vkey,
        recipient=identity.recipient,
        certificate=identity.certificate_pem,
        addresses=tuple(addresses),
        wards=tuple(wards),
    )


def prepared(data: Path, name: str = _PREPARED) -> Signer | None:
    """Return the key that was announced for this machine's first epoch, None when none was."""
    try:
        return Signer.from_text(keys.secret(data, name).decode())
    except FileNotFoundError:
        return None


def peer_of(shown: Introduction) -> Peer:
    """Return an island as its introduction shows it."""
    return Peer(
        origin=shown.origin,
        name=shown.name,
        addresses=shown.addresses,
        certificate=shown.certificate,
        mirror_key=shown.mirror,
        recipient=shown.recipient,
        epochs={str(shown.epoch): shown.log},
        audit_epochs={str(epoch_of(shown.audit)): shown.audit} if shown.audit else {},
        wards=shown.wards,
    )


def fetch(
    data: Path,
    source: Source,
    shown: Sequence[Introduction],
    make_puller: Callable[[Path, Peers], Puller] = Puller,
    progress: Progress | None = None,
) -> tuple[int, list[LogArrived]]:
    """Pull every log that `source` has and one of `shown` vouches for; return entries that came, each log's end.

    Raises:
        SourceGone: the source cannot go on; what was verified is kept.
    """
    data.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    peers = Peers(own="", peers=tuple(peer_of(one) for one in shown))
    cosigners = [Cosigner(one.mirror) for one in shown]
    came = 0
    while True:
        peers = _vouched(data, source, peers, cosigners)
        turn, ended = pull_all(source, peers, make_puller(data, peers), progress=progress, told="copy")
        came += turn
        if _vouched(data, source, peers, cosigners) == peers:
            return came, ended


def begin(data: Path, shown: Sequence[Introduction], now_us: int) -> Log:
    """Begin the announced epoch on what was fetched, and return its log; the islands introduced are its first peers.

    Raises:
        FolderError: nothing was announced or fetched, or the epoch was begun before somewhere.
    """
    signer = prepared(data)
    if signer is None:
        raise FolderError("data folder: expected an island that was announced")
    theirs = (log_path(data, one.origin, one.epoch) for one in shown)
    survivor = next((path for path in theirs if path.exists()), None)
    if survivor is None:
        raise FolderError("journal: expected the log of an island that was introduced; nothing was begun")
    with LogReader(survivor) as reader:
        opened = reader.opened()
    origin = signer.verifier.name.split("/")[1]
    log = create_island(data, origin, opened.exercise, opened.hospital, now_us, signer)
    write_peers(data, Peers(own=origin, peers=tuple(peer_of(one) for one in shown if one.origin != origin)))
    begin_audit(data, now_us, prepared(data, _PREPARED_AUDIT))
    for name in (_PREPARED, _PREPARED_AUDIT):
        (data / "keys" / name).unlink(missing_ok=True)
    return log


def _vouched(data: Path, source: Source, peers: Peers, cosigners: Sequence[Cosigner]) -> Peers:
    """Return the peers with the keys of every log of the source that somebody introduced vouches for."""
    known = {peer.origin: peer for peer in peers.peers}
    for log in layout.read_logs(source.get(layout.LOGS, layout.LOGS_BYTES_MAX) or b""):
        island = log.origin.removesuffix(AUDIT)
        peer = known.get(island, Peer(origin=island, name=island))
        if str(log.epoch) in peer.keys_of(log.origin) or not log.size:
            continue
        key = _own_key(source, log)
        if key is None or not (_is_cosigned(source, log, cosigners) or _is_restated(data, log, key)):
            continue
        named = {**peer.keys_of(log.origin), str(log.epoch): key.vkey}
        field = "audit_epochs" if log.origin.endswith(AUDIT) else "epochs"
        known[island] = msgspec.structs.replace(peer, **{field: named})
    return Peers(own=peers.own, peers=tuple(known[origin] for origin in sorted(known)))


def _own_key(source: Source, log: LogSize) -> Verifier | None:
    """Return the key a log names in its first entry, when it signed the checkpoint that is shown."""
    note = _checkpoint(source, log)
    if note is None:
        return None
    try:
        size = read_checkpoint(note).size
        width = min(size, TILE_WIDTH)
        raw = source.get(layout.entries_path(log.origin, log.epoch, 0, width), layout.BUNDLE_BYTES_MAX)
        first = layout.entries_of(raw or b"", width)[0]
        envelope = entries.decode(first or b"")
        key = Verifier.from_vkey(facts.read_opened(Unpacker(b"").unpack(envelope)).key)
        open_note(note, key)
    except (EntryError, NoteError, layout.LayoutError):
        return None
    return key if key.name == f"releve/{log.origin}/{log.epoch}" else None


def _is_cosigned(source: Source, log: LogSize, cosigners: Sequence[Cosigner]) -> bool:
    note = _checkpoint(source, log)
    return note is not None and bool(held_by(note, cosigners))


def _is_restated(data: Path, log: LogSize, key: Verifier) -> bool:
    """Return whether the next epoch, which was believed and is here, opens with a checkpoint that this key signed."""
    try:
        with LogReader(log_path(data, log.origin, log.epoch + 1)) as reader:
            before = reader.opened().before
        return before is not None and bool(open_note(before, key))
    except JournalError:
        return False


def _checkpoint(source: Source, log: LogSize) -> str | None:
    raw = source.get(layout.checkpoint_path(log.origin, log.epoch), layout.CHECKPOINT_BYTES_MAX)
    try:
        return raw.decode() if raw else None
    except UnicodeDecodeError:
        return None
