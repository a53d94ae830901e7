"""A stick read: its exports unsealed part by part, and handed to `pull` as a source like any other.

Whoever can write on a stick can put anything there, sealed for us or not. So nothing of a stick decides a file name
here, every size is bounded before it is read, no link is followed, each export is a source of its own (a forged one
spoils itself only), and what cannot be used is told and left out while the rest goes on.
"""

import io
import itertools
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import msgspec

from releve.islands.exchange import layout, parts
from releve.islands.exchange.cosign import Cosigner, held_by, split_note
from releve.islands.exchange.layout import CheckpointPath, LogSize
from releve.islands.exchange.parts import Member, Receipt, StickError
from releve.islands.exchange.source import SourceGone, SourceTooLarge, read_below
from releve.islands.exchange.state import Copy
from releve.islands.exchange.whole import write_whole
from releve.journal.errors import FolderError, NoteError
from releve.journal.keys import secret
from releve.journal.note import read_checkpoint

__all__ = [
    "BadPart", "StickNote", "UnsealedExport", "exports_on", "holdings", "is_whole", "note_path", "read_note",
    "receipts_on", "stick_identity", "sums_digest", "unsealed", "write_note",
]  # fmt: skip

NAMES_MAX = 10_000  # looked at in one folder of a stick; a stick of ours has a few dozen
MEMBERS_MAX = 2_000_000  # files of one export: some 250 million entries
_SUM_LINE_BYTES = 64 + 2 + 10 + 1


class BadPart(NamedTuple):
    """What of a stick could not be used: where, and why as one word with its explanation."""

    place: str
    code: str
    detail: str


class StickNote(msgspec.Struct, kw_only=True):
    """What this island remembers of sticks: exports it has read to the end, and what others proved to hold."""

    done: dict[str, str] = {}  # name of the export: the SHA-256 of its sums
    held: dict[str, dict[str, Copy]] = {}  # island: ORIGIN/EPOCH: entries, and when it signed for them


def stick_identity(data: Path) -> str:
    """Return the age identity that opens what was sealed for this island.

    Raises:
        FolderError: there is none, or the island's keys are locked.
    """
    try:
        return secret(data, "stick.key").decode("ascii").strip()
    except FileNotFoundError:
        raise FolderError("keys/stick.key: expected, make it with `releve keys init`") from None


def note_path(data: Path) -> Path:
    """Return where the note of sticks stands."""
    return data / "islands" / "sticks.json"


def read_note(data: Path) -> StickNote:
    """Return what this island remembers of sticks; nothing when the note cannot be read: all is read again."""
    try:
        return msgspec.json.decode(note_path(data).read_bytes(), type=StickNote)
    except (OSError, msgspec.DecodeError, ValueError):
        return StickNote()


def write_note(data: Path, note: StickNote) -> None:
    """Keep the note of sticks."""
    note_path(data).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_whole(note_path(data), msgspec.json.encode(note))


class UnsealedExport:
    """One export of a stick, unsealed into `work`; a `Source` of the files in it, until `remove`."""

    def __init__(self, name: str, work: Path) -> None:
        self.name = name
        self.bad: list[BadPart] = []
        self.parts = 0
        self.complete = False  # all parts that were ever written are here and whole
        self._work = work
        self._pieces: dict[str, dict[int, tuple[int, Member]]] = {}

    def take(self, number: int, raw: bytes) -> None:
        """Take in an unsealed part.

        Raises:
            StickError: it is no part, or holds too much.
            OSError: it could not be kept.
        """
        found = [one for one in parts.members(raw) if one.path != parts.PLAN]
        if len(self._pieces) + len(found) > MEMBERS_MAX:
            raise StickError("too-large", f"export: expected {MEMBERS_MAX:,} files at most")
        handle = os.open(self._path(number), os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(raw)
        for one in found:
            self._pieces.setdefault(one.path, {})[one.piece] = (number, one)
        self.parts += 1

    def get(self, path: str, limit: int) -> bytes | None:
        """Return the file of that name, None when it is not in the export; never more than `limit` bytes.

        Raises:
            LayoutError, SourceTooLarge, SourceGone: as a `Source` says.
        """
        if path == layout.LOGS:
            return layout.logs_text(self._logs()).encode()
        body = io.BytesIO()
        return body.getvalue() if self.copy(path, limit, body.write) else None

    def copy(self, path: str, limit: int, to: Callable[[bytes], object]) -> bool:
        """Hand a file of a log to `to`, piece by piece; False when it is not in the export. Raises as `get` does."""
        layout.parse_path(path)
        pieces = self._pieces.get(path)
        if pieces is None:
            return False
        count = next(iter(pieces.values()))[1].pieces
        if sorted(pieces) != list(range(1, count + 1)):
            return False  # a piece is in a part that is missing
        if sum(one.length for _, one in pieces.values()) > limit:
            raise SourceTooLarge(path, limit)
        try:
            for number in range(1, count + 1):
                to(self._read(*pieces[number]))
            return True
        except OSError as error:
            raise SourceGone(f"{path}: expected in what was unsealed ({error.strerror})") from error

    def close(self) -> None:
        """Nothing is held open."""

    def remove(self) -> None:
        """Remove what was unsealed; nothing can be had from it any more."""
        shutil.rmtree(self._work, ignore_errors=True)
        self._pieces = {}

    def _path(self, number: int) -> Path:
        return self._work / f"{number:06d}"

    def _read(self, number: int, one: Member) -> bytes:
        with self._path(number).open("rb") as file:
            file.seek(one.start)
            return file.read(one.length)

    def _logs(self) -> list[LogSize]:
        found = []
        for path in self._pieces:
            if path.startswith("blobs/"):
                continue
            named = layout.parse_path(path)
            if isinstance(named, CheckpointPath):
                raw = self.get(path, layout.CHECKPOINT_BYTES_MAX) or b""
                try:  # not verified here: it only says what is worth asking for
                    size = read_checkpoint(raw.decode()).size
                except (NoteError, ValueError):
                    continue
                found.append(LogSize(named.origin, named.epoch, size))
        return sorted(found)


def exports_on(root: Path) -> list[str]:
    """Return the names of the exports in the folder of all exports, oldest first, whoever wrote them."""
    names = [name for name in _names(root) if parts.EXPORT.fullmatch(name)]
    return sorted(names, key=lambda name: name.rpartition("-")[2])


def unsealed(
    root: Path,
    name: str,
    identity: str,
    work: Path,
    *,
    room: Callable[[int], bool],
    progress: Callable[[int, int], None] | None = None,
) -> UnsealedExport:
    """Return one export of a stick, with what of it could not be used in `bad`.

    `work`: a private folder that is made for it and removed by `remove`. `room`: whether this disk has so many bytes to
    spare. `progress` is told (parts read, parts in all; 0 when nobody knows).
    """
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(mode=0o700, parents=True)
    export = UnsealedExport(name, work)
    try:
        sums = _sums(root, name)
    except StickError as error:
        sums = None
        export.bad.append(BadPart(f"{name}/{parts.SUMS}", error.code, str(error)))
    numbers: Iterable[int] = itertools.count() if sums is None else range(len(sums))
    for number in numbers:
        try:
            raw = read_below(root, [name, parts.part_name(number)], parts.SEALED_BYTES_MAX)
            if raw is None:
                if sums is None:
                    break
                raise StickError("missing", "part: expected, it is listed")
            if len(raw) > parts.SEALED_BYTES_MAX:
                raise StickError("too-large", f"part: expected {parts.SEALED_BYTES_MAX:,} bytes at most")
            if sums is not None and sha256(raw).hexdigest() != sums[number]:
                raise StickError("torn", "part: expected the bytes that were written")
            if not room(len(raw)):
                raise StickError("disk", "disk of this island: expected more room")
            export.take(number, parts.unseal(raw, identity))
        except StickError as error:
            export.bad.append(BadPart(f"{name}/{parts.part_name(number)}", error.code, str(error)))
            if error.code in ("not-for-us", "disk"):  # the others are the same
                break
        except OSError as error:
            export.bad.append(
                BadPart(f"{name}/{parts.part_name(number)}", "unreadable", error.strerror or "unreadable")
            )
            if sums is None:
                break
        if progress is not None:
            progress(number + 1, len(sums) if sums is not None else 0)
    export.complete = sums is not None and not export.bad
    return export


def sums_digest(root: Path, name: str) -> str:
    """Return the SHA-256 of an export's sums, "" while it is not complete: another export of the name has another."""
    try:
        raw = read_below(root, [name, parts.SUMS], parts.SUMS_BYTES_MAX)
    except OSError:
        return ""
    return sha256(raw).hexdigest() if raw else ""


def is_whole(root: Path, name: str) -> bool:
    """Return whether an export is complete and every part of it is as it was written."""
    try:
        sums = _sums(root, name)
        if sums is None:
            return False
        for number, stated in enumerate(sums):
            raw = read_below(root, [name, parts.part_name(number)], parts.SEALED_BYTES_MAX)
            if raw is None or sha256(raw).hexdigest() != stated:
                return False
    except (StickError, OSError):
        return False
    return True


def receipts_on(root: Path, identity: str) -> Iterator[Receipt]:
    """Yield the receipts on a stick that this island can read; what they say is not verified."""
    for name in _names(root / parts.RECEIPTS):
        try:
            raw = read_below(root / parts.RECEIPTS, [name], parts.RECEIPT_BYTES_MAX)
            if raw is not None:
                yield parts.read_receipt(parts.unseal(raw, identity))
        except (StickError, OSError):
            continue


def holdings(receipts: Iterable[Receipt], cosigners: dict[str, Cosigner]) -> dict[str, dict[str, Copy]]:
    """Return what each island proved to hold: island → ORIGIN/EPOCH → copy. Only its own cosignature proves it."""
    found: dict[str, dict[str, Copy]] = {}
    for receipt in receipts:
        cosigner = cosigners.get(receipt.origin)
        if cosigner is None:
            continue
        logs = found.setdefault(receipt.origin, {})
        for held in receipt.logs:
            try:
                signed = held_by(held.checkpoint, [cosigner])
                stated = read_checkpoint(split_note(held.checkpoint)[0])
            except NoteError:
                continue
            if signed:
                log = stated.origin.removeprefix("releve/")
                copy = Copy(stated.size, signed[-1].at_seconds * 1_000_000)
                logs[log] = max(copy, logs.get(log, copy))
    return found


def _names(folder: Path) -> list[str]:
    """Return up to `NAMES_MAX` names in a folder of a stick, none when it is not there or not a folder."""
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return []
    try:
        with os.scandir(handle) as found:
            return [one.name for one in itertools.islice(found, NAMES_MAX)]
    except OSError:
        return []
    finally:
        os.close(handle)


def _sums(root: Path, name: str) -> list[str] | None:
    """Return the stated SHA-256 of each part, None when the export is not complete."""
    try:
        raw = read_below(root, [name, parts.SUMS], parts.SUMS_BYTES_MAX)
    except OSError as error:
        raise StickError("unreadable", f"{parts.SUMS}: expected a readable file ({error.strerror})") from None
    if raw is None:
        return None
    if len(raw) > parts.SUMS_BYTES_MAX or len(raw) % _SUM_LINE_BYTES:
        raise StickError("foreign", f"{parts.SUMS}: expected a line for each part")
    found = []
    for number, line in enumerate(raw.decode("ascii", "replace").splitlines()):
        digest, _, file = line.partition("  ")
        if file != parts.part_name(number):
            raise StickError("foreign", f"{parts.SUMS}: expected a line for each part")
        found.append(digest)
    return found
