"""A stick read: every export on it pulled, checked like any other island's files, and acknowledged with a receipt."""

import contextlib
import fcntl
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from releve.islands.exchange import layout, parts
from releve.islands.exchange.cosign import split_note
from releve.islands.exchange.identity import read_identity, read_mirror_signer
from releve.islands.exchange.layout import LogSize
from releve.islands.exchange.parts import Held, Receipt, StickError
from releve.islands.exchange.peers import Peers
from releve.islands.exchange.publish import Publisher
from releve.islands.exchange.puller import Puller
from releve.islands.exchange.quota import Quota
from releve.islands.exchange.source import Source, SourceGone
from releve.islands.exchange.state import Copy, Refused
from releve.islands.exchange.stick import write_receipt
from releve.islands.exchange.unseal import (
    BadPart,
    exports_on,
    read_note,
    stick_identity,
    sums_digest,
    unsealed,
    write_note,
)
from releve.islands.sticks.writing import holdings_known, peers_here
from releve.journal.errors import JournalError
from releve.journal.folder import AUDIT, every_log
from releve.journal.note import read_checkpoint
from releve.journal.tree import TILE_WIDTH

__all__ = ["Arrived", "LogArrived", "clear_incoming", "import_stick", "pull_all", "take_in"]

INCOMING = "incoming"  # what was unsealed, while it is read
BUSY_TURNS = 8  # tries for a log that the running puller has in hand just now
BUSY_SECONDS = 0.5
Progress = Callable[[str, int, int], None]  # what is done, how much of it, of how much (0: not known)


class LogArrived(NamedTuple):
    """One log of an export: entries the export carries, entries held afterwards, how it ended as one word."""

    origin: str
    epoch: int
    carried: int
    held: int
    ended: str  # "whole", "gap", "unknown", "refused", "own"


class Arrived(NamedTuple):
    """What reading a stick brought."""

    exports: int
    entries: int  # that were not here before
    logs: tuple[LogArrived, ...]
    bad: tuple[BadPart, ...]
    refused: tuple[Refused, ...]
    ahead: dict[str, int]  # own logs, ORIGIN/EPOCH, that the stick shows longer than they are here
    receipt: bool


def import_stick(
    data: Path,
    folder: Path,
    *,
    peers: Peers,
    puller: Callable[[], Puller],
    identity: str,
    recipients: tuple[str, ...],
    now_us: int,
    again: bool = False,
    quota: Quota | None = None,
    progress: Progress | None = None,
) -> Arrived:
    """Pull every export on a stick that was not read to its end before; return what it brought.

    `puller`: makes one that knows nothing yet: what is refused of one export says nothing of the next.
    `recipients`: of all who may read the receipt. `again`: read also what was read before.

    Raises:
        StickError: `gone`, `empty` (no export of ours), or another import is under way.
        StorageFull, StorageFailed: this island's disk.
    """
    root = folder / parts.FOLDER
    if not folder.is_dir():
        raise StickError("gone", f"{folder}: expected the folder of a stick that is plugged in")
    names = exports_on(root)
    if not names:
        raise StickError(
            "empty", f"{folder}: expected a folder `{parts.FOLDER}` that `releve islands export` wrote"
        )
    bounds, note = quota or Quota(), read_note(data)
    digests = {name: sums_digest(root, name) for name in names}
    wanted = [name for name in names if again or not digests[name] or note.done.get(name) != digests[name]]
    bad: list[BadPart] = []
    logs: dict[tuple[str, int], LogArrived] = {}
    refused: list[Refused] = []
    ahead: dict[str, int] = {}
    entries = 0
    with _alone(data):
        for turn, name in enumerate(wanted, start=1):
            told = f"export {turn} of {len(wanted)}"

            def show(done: int, total: int, told: str = told) -> None:
                if progress is not None:
                    progress(f"{told}: parts opened", done, total)

            source = unsealed(
                root,
                name,
                identity,
                data / INCOMING,
                room=lambda count: _free(data) - count > bounds.free_bytes_min,
                progress=show,
            )
            try:
                bad += source.bad
                fresh = puller()
                came, ended = pull_all(source, peers, fresh, progress=progress, told=told)
                refused += fresh.refused
                ahead |= {log: max(size, ahead.get(log, 0)) for log, size in fresh.ahead.items()}
                entries += came
                logs |= {(log.origin, log.epoch): log for log in ended}
                if source.complete and all(log.ended != "gap" for log in ended):
                    note.done[name] = digests[name]
                    write_note(data, note)
            finally:
                source.remove()
    receipt = write_receipt(root, _receipt(data, peers, now_us), recipients) if recipients else False
    return Arrived(
        exports=len(wanted),
        entries=entries,
        logs=tuple(logs[name] for name in sorted(logs)),
        bad=tuple(bad),
        refused=tuple(refused),
        ahead=ahead,
        receipt=receipt,
    )


def clear_incoming(data: Path) -> None:
    """Remove what an import that was killed left unsealed, unless one is under way."""
    with contextlib.suppress(StickError, OSError), _alone(data):
        shutil.rmtree(data / INCOMING, ignore_errors=True)


def take_in(
    data: Path, folder: Path, *, now_us: int, again: bool = False, progress: Progress | None = None
) -> Arrived:
    """Take what a stick brings, with this island's own keys; keep what its receipts and journals prove others to hold.

    Raises:
        StickError, StorageFull, StorageFailed: as `import_stick` says.
        FolderError, PeersError: of keys and peers.
    """
    peers = peers_here(data)
    signer, identity = read_mirror_signer(data), stick_identity(data)
    made: list[Puller] = []

    def puller() -> Puller:
        made.append(Puller(data, peers, signer=signer))
        return made[-1]

    arrived = import_stick(
        data,
        folder,
        peers=peers,
        puller=puller,
        identity=identity,
        recipients=(
            read_identity(data).recipient,
            *(peer.recipient for peer in peers.peers if peer.recipient),
        ),
        now_us=now_us,
        again=again,
        progress=progress,
    )
    learnt: dict[str, dict[str, Copy]] = {}
    for one in made:
        for log, copies in one.copies.items():
            for holder, copy in copies.items():
                logs = learnt.setdefault(holder, {})
                logs[log] = max(copy, logs.get(log, copy))
    holdings_known(data, folder / parts.FOLDER, identity, peers, learnt)
    return arrived


def pull_all(
    source: Source,
    peers: Peers,
    puller: Puller,
    *,
    progress: Progress | None = None,
    told: str = "",
) -> tuple[int, list[LogArrived]]:
    """Pull everything `source` has, as often as it brings something; return entries that came, and each log's end."""
    listed = layout.read_logs(source.get(layout.LOGS, layout.LOGS_BYTES_MAX) or b"")
    came, idle = 0, 0
    while idle < BUSY_TURNS:
        try:
            turn = puller.pull_from(source, None)
        except SourceGone as gone:
            if gone.trouble != "slow":  # its turn was over; what was verified is kept, and it goes on
                raise
            turn = 1
        came += turn
        ended = [_ended(log, peers, puller) for log in listed]
        if progress is not None:
            held = sum(min(log.held, log.carried) for log in ended)
            progress(f"{told}: entries checked", held, sum(log.carried for log in ended))
        if all(log.ended != "gap" for log in ended):
            break
        idle = 0 if turn else idle + 1
        if idle and _complete_but_short(source, listed, puller):
            break
        if idle:
            time.sleep(BUSY_SECONDS)
    return came, [_ended(log, peers, puller) for log in listed]


def _complete_but_short(source: Source, listed: list[LogSize], puller: Puller) -> bool:
    """Tell whether what lacks is not on the stick either: its files begin after what is held here."""
    for log in listed:
        held = puller.logs().get(f"{log.origin}/{log.epoch}")
        size = max(held.size, held.coming) if held is not None else 0
        if size < log.size:
            width = min(TILE_WIDTH, log.size - size // TILE_WIDTH * TILE_WIDTH)
            path = layout.entries_path(log.origin, log.epoch, size // TILE_WIDTH, width)
            with contextlib.suppress(SourceGone):
                if source.get(path, layout.BUNDLE_BYTES_MAX) is not None:
                    return False
    return True


def _ended(log: LogSize, peers: Peers, puller: Puller) -> LogArrived:
    name = f"{log.origin}/{log.epoch}"
    state = puller.logs().get(name)
    held = state.size if state is not None else 0
    if log.origin.removesuffix(AUDIT) == peers.own:
        return LogArrived(log.origin, log.epoch, log.size, log.size, "own")
    if peers.of_log(log.origin) is None:
        return LogArrived(log.origin, log.epoch, log.size, 0, "unknown")
    if held >= log.size:
        return LogArrived(log.origin, log.epoch, log.size, held, "whole")
    if any(
        (one.origin, one.epoch) == (log.origin, log.epoch) and one.what != "clock" for one in puller.refused
    ):
        return LogArrived(log.origin, log.epoch, log.size, held, "refused")
    return LogArrived(log.origin, log.epoch, log.size, held, "gap")


def _receipt(data: Path, peers: Peers, now_us: int) -> Receipt:
    held = []
    with contextlib.closing(Publisher(data)) as publisher:
        for log in every_log(data):
            if log.origin.removesuffix(AUDIT) == peers.own:
                continue
            with contextlib.suppress(JournalError):
                raw = publisher.get(
                    layout.checkpoint_path(log.origin, log.epoch), layout.CHECKPOINT_BYTES_MAX
                )
                if raw is not None:
                    note = raw.decode()
                    size = read_checkpoint(split_note(note)[0]).size
                    held.append(Held(origin=log.origin, epoch=log.epoch, size=size, checkpoint=note))
    return Receipt(origin=peers.own, at_us=now_us, logs=tuple(held))


@contextlib.contextmanager
def _alone(data: Path) -> Iterator[None]:
    (data / "runtime").mkdir(mode=0o700, exist_ok=True)
    with (data / "runtime" / "import.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise StickError("busy", "import: expected no other one under way on this island") from None
        yield


def _free(data: Path) -> int:
    disk = os.statvfs(data)
    return disk.f_bavail * disk.f_frsize
