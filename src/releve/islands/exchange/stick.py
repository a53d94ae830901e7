"""Logs onto a stick: layout files in sealed parts, written so that the stick may be pulled out at any moment.

What is written is never written again: a folder that is only ever appended to, such as the near side of a one-way
link, does as well. A part counts once it has its name; an interrupted export goes on after its last whole part.
"""

import contextlib
import errno
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import msgspec

from releve.islands.exchange import layout, parts
from releve.islands.exchange.parts import LogRange, Plan, StickError
from releve.islands.exchange.publish import Publisher
from releve.islands.exchange.source import SourceGone
from releve.journal.blobs import BlobStore
from releve.journal.folder import blobs_path, every_log, log_path
from releve.journal.note import read_checkpoint
from releve.journal.reader import LogReader
from releve.journal.tree import TILE_HEIGHT, TILE_WIDTH

__all__ = ["Exported", "Progress", "Starts", "export", "exports_of", "starts_after_date", "write_receipt"]

Progress = Callable[[int, int], None]  # bytes written, bytes in all (estimated)
Starts = Mapping[
    tuple[str, int], int
]  # (origin, epoch): from which entry on; a log that is not named: from 0
README = """\
FR  Cette clé appartient à l’hôpital. Son contenu est scellé : sans les clés d’un îlot, elle ne dit rien.
    Trouvée ? Merci de la remettre à l’accueil de l’hôpital. N’effacez rien, n’ajoutez rien.

EN  This stick belongs to the hospital. What it holds is sealed: without an island's keys it tells nothing.
    Found it? Please hand it in at the hospital's reception. Erase nothing, add nothing.
"""
_SPARE_BYTES = 4 * 1024 * 1024  # file system's own tables, sums
_OVERHEAD = 1.15  # tar headers, tiles, age; over the bytes of the log's file


class Exported(NamedTuple):
    """What stands on the stick now."""

    folder: Path
    plan: Plan
    parts: int
    sealed_bytes: int
    went_on: bool  # an export that was interrupted was finished

    @property
    def entries(self) -> int:
        """How many entries it carries."""
        return sum(log.size - log.start for log in self.plan.logs)


def export(
    data: Path,
    to: Path,
    *,
    origin: str,
    identity: str,
    recipients: Sequence[str],
    starts: Starts,
    asked: str,
    now_us: int,
    progress: Progress | None = None,
) -> Exported:
    """Write what the logs of `data` hold from `starts` on into `to`; return what stands there once it is durable.

    `identity`: this island's own age identity, to go on with what was interrupted. `recipients`: of all who may read.
    `asked`: what was asked for, in any words; an interrupted export is gone on with when they are the same.

    Raises:
        StickError: `room` (nothing was written, or all that was is kept), `gone`, `unreadable`, `recipient`.
    """
    root = to / parts.FOLDER
    sealed_for = tuple(sorted({*recipients}))
    try:
        with contextlib.closing(Publisher(data)) as publisher:
            plan = Plan(
                origin=origin,
                at_us=now_us,
                asked=asked,
                recipients=sealed_for,
                logs=tuple(_ranges(data, publisher, starts)),
            )
            found = _unfinished(root, plan, identity)
            if found is None and not plan.logs:
                return Exported(root, plan, 0, 0, False)
            if found is not None:
                folder, plan, last, number = found
            else:
                folder, last, number = _new_folder(root, origin, now_us), "", 0
            total = _bytes_to_write(data, plan) - number * parts.PART_BYTES
            _check_room(to, total)
            _make_folder(root)
            _make_folder(folder)
            writing = _Parts(
                folder, sealed_for, number, progress or (lambda done, total: None), max(total, 1)
            )
            if not number:
                writing.add(parts.PLAN, msgspec.json.encode(plan))
                writing.close_part()
                writing.note(root / "README.txt", README.encode())
            for path, content in _after(last, _files(data, publisher, plan)):
                writing.add(path, content)
            writing.close_part()
            sealed = writing.finish()
    except SourceGone as error:
        raise StickError("unreadable", f"journal: expected logs that can be read ({error})") from None
    except OSError as error:
        raise _told(error, to) from None
    return Exported(folder, plan, writing.number, sealed, found is not None)


def exports_of(root: Path, origin: str) -> list[Path]:
    """Return the folders of the exports that `origin` wrote, oldest first; `root`: the folder of all exports."""
    return [folder for folder in _folders(root) if _origin_of(folder.name) == origin]


def starts_after_date(data: Path, since_us: int) -> dict[tuple[str, int], int]:
    """Return the first entry of each log whose hybrid clock is not before `since_us`.

    Raises:
        JournalError: a log cannot be read.
    """
    found = {}
    for log in every_log(data):
        with LogReader(log.path) as reader:
            low, high = 0, reader.size
            while low < high:  # a redacted entry restates its clock, and the clock only grows
                middle = (low + high) // 2
                if reader.get(middle).hlc[0] * 1000 < since_us:
                    low = middle + 1
                else:
                    high = middle
            found[(log.origin, log.epoch)] = low
    return found


def write_receipt(root: Path, receipt: parts.Receipt, recipients: Sequence[str]) -> bool:
    """Leave a receipt on a stick that was read; return whether it could be written (a one-way link takes none)."""
    folder = root / parts.RECEIPTS
    sealed = parts.seal(msgspec.json.encode(receipt), recipients)
    try:
        _make_folder(folder)
        _write(folder / f"{parts.export_name(receipt.origin, receipt.at_us)}.age", sealed)
    except OSError:
        return False
    return True


def _ranges(data: Path, publisher: Publisher, starts: Starts) -> Iterator[LogRange]:
    for log in every_log(data):
        text = publisher.get(layout.checkpoint_path(log.origin, log.epoch), layout.CHECKPOINT_BYTES_MAX)
        if text is None:
            continue
        size = read_checkpoint(text.decode()).size
        start = min(starts.get((log.origin, log.epoch), 0), size)
        if start < size:
            yield LogRange(
                origin=log.origin, epoch=log.epoch, start=start, size=size, checkpoint=text.decode()
            )


def _files(data: Path, publisher: Publisher, plan: Plan) -> Iterator[tuple[str, Callable[[], bytes | None]]]:
    """Yield every file of the plan, as names in parts and how to get the bytes; None: removed meanwhile.

    The checkpoint of a log comes after all that stands under it: where it is, the log is whole.
    """
    written: set[bytes] = set()
    for log in plan.logs:
        for path in [*_tiles(log), *_bundles(log)]:
            yield path, _cutter(publisher, path)
        for digest in _blobs(data, log):
            if digest not in written:
                written.add(digest)
                yield from _blob_pieces(BlobStore(blobs_path(data)), digest)
        signed = log.checkpoint.encode()
        yield layout.checkpoint_path(log.origin, log.epoch), lambda signed=signed: signed  # type: ignore[misc]


def _cutter(publisher: Publisher, path: str) -> Callable[[], bytes | None]:
    return lambda: publisher.get(path, layout.BUNDLE_BYTES_MAX)


def _tiles(log: LogRange) -> Iterator[str]:
    level, hashes = 0, log.size
    while hashes:
        for number in range(log.start >> TILE_HEIGHT * (level + 1), -(-hashes // TILE_WIDTH)):
            width = min(TILE_WIDTH, hashes - number * TILE_WIDTH)
            yield layout.tile_path(log.origin, log.epoch, level, number, width)
        level += 1
        hashes >>= TILE_HEIGHT


def _bundles(log: LogRange) -> Iterator[str]:
    for number in range(log.start >> TILE_HEIGHT, -(-log.size // TILE_WIDTH)):
        width = min(TILE_WIDTH, log.size - number * TILE_WIDTH)
        yield layout.entries_path(log.origin, log.epoch, number, width)


def _blobs(data: Path, log: LogRange) -> list[bytes]:
    with LogReader(log_path(data, log.origin, log.epoch)) as reader:
        rows = reader.connection.execute(
            "SELECT DISTINCT blob FROM entry WHERE blob IS NOT NULL AND idx >= ? AND idx < ? ORDER BY blob",
            (log.start, log.size),
        )
        return [digest for (digest,) in rows]


def _blob_pieces(blobs: BlobStore, digest: bytes) -> Iterator[tuple[str, Callable[[], bytes | None]]]:
    size = blobs.size(digest)
    if size is None:  # told by `releve journal verify`; the others may have it
        return
    for name, start, stop in parts.pieces(layout.blob_path(digest), size):

        def read(start: int = start, stop: int = stop) -> bytes | None:
            with contextlib.suppress(FileNotFoundError), blobs.path(digest).open("rb") as file:
                file.seek(start)
                return file.read(stop - start)
            return None

        yield name, read


def _after(last: str, files: Iterator[tuple[str, Callable[[], bytes | None]]]) -> Iterator[tuple[str, bytes]]:
    """Yield the files that follow the one named `last`, all of them when it is empty."""
    skipping = bool(last)
    for path, read in files:
        if skipping:
            skipping = path != last
            continue
        if (content := read()) is not None:
            yield path, content


class _Parts:
    """The parts of one export, written one after the other."""

    def __init__(
        self, folder: Path, recipients: Sequence[str], number: int, progress: Progress, total: int
    ) -> None:
        self.number = number
        self._folder = folder
        self._recipients = recipients
        self._pending: list[bytes] = []
        self._pending_bytes = 0
        self._done = 0
        self._total = total
        self._progress = progress

    def add(self, path: str, content: bytes) -> None:
        """Put one more file into the part at hand; the part is written when it is full."""
        found = parts.member(path, content)
        if self._pending and self._pending_bytes + len(found) > parts.PART_BYTES:
            self.close_part()
        self._pending.append(found)
        self._pending_bytes += len(found)

    def close_part(self) -> None:
        """Write the part at hand, if anything is in it."""
        if not self._pending:
            return
        _write(
            self._folder / parts.part_name(self.number), parts.seal(b"".join(self._pending), self._recipients)
        )
        self.number += 1
        self._done += self._pending_bytes
        self._pending, self._pending_bytes = [], 0
        self._progress(min(self._done, self._total), self._total)

    def note(self, path: Path, content: bytes) -> None:
        """Write a file for people, unless it is there."""
        if not path.exists():
            _write(path, content)

    def finish(self) -> int:
        """Write the sums, by which the export is complete; return the bytes of all its parts."""
        lines, sealed_bytes = [], 0
        for number in range(self.number):
            name = parts.part_name(number)
            content = (self._folder / name).read_bytes()
            sealed_bytes += len(content)
            lines.append(f"{sha256(content).hexdigest()}  {name}\n")
        _write(self._folder / parts.SUMS, "".join(lines).encode())
        return sealed_bytes


def _unfinished(root: Path, wanted: Plan, identity: str) -> tuple[Path, Plan, str, int] | None:
    """Return folder, plan, last file written and next part's number of the export to go on with, None for a new one."""
    for folder in reversed(exports_of(root, wanted.origin)):
        if (folder / parts.SUMS).exists():
            continue
        try:
            plan = parts.read_plan(parts.unseal((folder / parts.part_name(0)).read_bytes(), identity))
            if (plan.asked, plan.recipients) != (
                wanted.asked,
                wanted.recipients,
            ) or plan.origin != wanted.origin:
                continue
            number = 1
            while (folder / parts.part_name(number)).exists():
                number += 1
            last = ""
            if number > 1:
                # Whole because it opens; a part that was torn in spite of its name ends this export: a new one begins.
                newest = parts.unseal((folder / parts.part_name(number - 1)).read_bytes(), identity)
                found = list(parts.members(newest))[-1]
                last = found.path if found.pieces == 1 else f"{found.path}.{found.piece}-of-{found.pieces}"
        except (StickError, FileNotFoundError):
            continue
        return folder, plan, last, number
    return None


def _folders(root: Path) -> list[Path]:
    try:
        with os.scandir(root) as found:
            names = sorted(one.name for one in found if parts.EXPORT.fullmatch(one.name) and one.is_dir())
    except FileNotFoundError:
        return []
    # By the time in the name, not by who wrote.
    return [root / name for name in sorted(names, key=lambda name: name.rpartition("-")[2])]


def _origin_of(name: str) -> str:
    found = parts.EXPORT.fullmatch(name)
    return found[1] if found else ""


def _new_folder(root: Path, origin: str, now_us: int) -> Path:
    while (folder := root / parts.export_name(origin, now_us)).exists():
        now_us += 1_000_000  # what stands there is never written again
    return folder


def _bytes_to_write(data: Path, plan: Plan) -> int:
    total = 0
    for log in plan.logs:
        path = log_path(data, log.origin, log.epoch)
        share = (log.size - log.start) / log.size
        total += int(path.stat().st_size * share * _OVERHEAD)
        store = BlobStore(blobs_path(data))
        total += sum(store.size(digest) or 0 for digest in _blobs(data, log))
    return total


def _check_room(to: Path, needed: int) -> None:
    disk = os.statvfs(to)
    free = disk.f_bavail * disk.f_frsize
    if free < needed + _SPARE_BYTES:
        raise StickError(
            "room", f"stick: expected about {_megabytes(needed)} MB of room, {_megabytes(free)} MB are free"
        )


def _megabytes(count: int) -> str:
    return f"{max(0, count + _SPARE_BYTES) / 1e6:,.0f}"


def _told(error: OSError, to: Path) -> StickError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return StickError(
            "room",
            "stick: expected more room; what is on it is kept: make room and give the same command again",
        )
    if error.errno == errno.EROFS:
        return StickError("read-only", "stick: expected to be writable; look for a small switch on its side")
    if isinstance(error, FileNotFoundError) or error.errno in (errno.EIO, errno.ENODEV, errno.ENXIO):
        return StickError(
            "gone", "stick: expected to stay plugged in; put it back and give the same command again"
        )
    return StickError("rights", f"stick: expected to be writable ({error.strerror})")


def _make_folder(folder: Path) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    _sync_folder(folder.parent)


def _write(path: Path, content: bytes) -> None:
    """Write a file under another name, then give it its own, durably."""
    part = path.with_suffix(".part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.rename(path)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        # Some file systems of sticks do not know how to sync a folder; the part's bytes are synced in any case.
        with contextlib.suppress(OSError):
            os.fsync(handle)
    finally:
        os.close(handle)
