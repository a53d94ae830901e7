"""A log as files: the names under which it is published, and how entries stand in a bundle. Pure.

    logs                                      every log to be had here: "ORIGIN/EPOCH SIZE", one a line
    ORIGIN/EPOCH/checkpoint                   the signed tree head, with the cosignatures of those who hold a copy
    ORIGIN/EPOCH/tile/LEVEL/N[.p/WIDTH]       up to 256 hashes of the tree
    ORIGIN/EPOCH/tile/entries/N[.p/WIDTH]     up to 256 entries
    blobs/ab/cdef…                            a body over 32 KiB, by its SHA-256

N is written in groups of three digits: 1234067 is `x001/x234/067`. A full tile never changes.
Source: C2SP tlog-tiles v1.0.0 (paths, partial tiles, entry bundles with 16-bit lengths), C2SP tlog-checkpoint v1.0.0.

A redacted entry stands in its bundle with no bytes at all (an entry never is empty): its leaf hash is taken from the
tile of level 0, and a later `journal.redaction.1` of the same log says why its bytes are gone.
"""

import re
import struct
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from releve.journal.errors import JournalError
from releve.journal.tree import HASH_BYTES, TILE_WIDTH, split_hashes

__all__ = [
    "BUNDLE_BYTES_MAX", "CHECKPOINT_BYTES_MAX", "LOGS", "LOGS_BYTES_MAX", "TILE_BYTES_MAX", "BlobPath",
    "CheckpointPath", "LayoutError", "LogSize", "Path", "TilePath", "blob_path", "bundle", "checkpoint_path",
    "entries_of", "entries_path", "hashes_of", "logs_text", "parse_path", "read_logs", "tile_path",
]  # fmt: skip

LOGS = "logs"
LOGS_BYTES_MAX = 256 * 1024
CHECKPOINT_BYTES_MAX = 16 * 1024
TILE_BYTES_MAX = TILE_WIDTH * HASH_BYTES
BUNDLE_BYTES_MAX = TILE_WIDTH * (2 + 65_535)
_LENGTH = struct.Struct(">H")
_LOG = r"(?P<origin>[a-z0-9][a-z0-9-]{0,36})/(?P<epoch>[1-9][0-9]{0,8})"
_NUMBER = r"(?P<number>(?:x[0-9]{3}/){0,5}[0-9]{3})(?:\.p/(?P<width>[1-9][0-9]{0,2}))?"
_CHECKPOINT = re.compile(rf"{_LOG}/checkpoint")
_TILE = re.compile(rf"{_LOG}/tile/(?P<level>entries|[0-9]|[1-5][0-9]|6[0-3])/{_NUMBER}")
_BLOB = re.compile(r"blobs/([0-9a-f]{2})/([0-9a-f]{62})")
_SIZE_LINE = re.compile(rf"{_LOG} (?P<size>0|[1-9][0-9]{{0,15}})")


class LayoutError(JournalError):
    """A name or a file is not of this layout."""


class LogSize(NamedTuple):
    """A log that is to be had somewhere, and how long it is there."""

    origin: str
    epoch: int
    size: int


class CheckpointPath(NamedTuple):
    """The checkpoint of a log."""

    origin: str
    epoch: int


class TilePath(NamedTuple):
    """A tile of hashes (`level` 0, 1, …) or a bundle of entries (`level` None); `width` hashes or entries of it."""

    origin: str
    epoch: int
    level: int | None
    number: int
    width: int


class BlobPath(NamedTuple):
    """A body kept beside the logs."""

    digest: bytes


Path = CheckpointPath | TilePath | BlobPath


def checkpoint_path(origin: str, epoch: int) -> str:
    """Return where the checkpoint of a log stands."""
    return f"{origin}/{epoch}/checkpoint"


def tile_path(origin: str, epoch: int, level: int, number: int, width: int = TILE_WIDTH) -> str:
    """Return where a tile of hashes stands.

    >>> tile_path("a", 1, 0, 1234067)
    'a/1/tile/0/x001/x234/067'
    >>> tile_path("a", 1, 2, 3, width=17)
    'a/1/tile/2/003.p/17'
    """
    return f"{origin}/{epoch}/tile/{level}/{_grouped(number)}{_partial(width)}"


def entries_path(origin: str, epoch: int, number: int, width: int = TILE_WIDTH) -> str:
    """Return where a bundle of entries stands: entries number·256 and the `width` - 1 that follow."""
    return f"{origin}/{epoch}/tile/entries/{_grouped(number)}{_partial(width)}"


def blob_path(digest: bytes) -> str:
    """Return where a blob stands."""
    name = digest.hex()
    return f"blobs/{name[:2]}/{name[2:]}"


def parse_path(path: str) -> Path:
    """Return what a path names; only what this layout can write is read.

    Raises:
        LayoutError: it names nothing of this layout.
    """
    if found := _CHECKPOINT.fullmatch(path):
        return CheckpointPath(found["origin"], int(found["epoch"]))
    if found := _TILE.fullmatch(path):
        groups = found["number"].replace("x", "").split("/")
        number, width = int("".join(groups)), int(found["width"] or TILE_WIDTH)
        full = found["width"] is None
        if _grouped(number) != found["number"] or (not full and width >= TILE_WIDTH):
            raise LayoutError("path: expected a tile as C2SP tlog-tiles names it")
        level = None if found["level"] == "entries" else int(found["level"])
        return TilePath(found["origin"], int(found["epoch"]), level, number, width)
    if found := _BLOB.fullmatch(path):
        return BlobPath(bytes.fromhex(found[1] + found[2]))
    raise LayoutError("path: expected a checkpoint, a tile, a bundle or a blob")


def bundle(entries: Iterable[bytes | None]) -> bytes:
    """Return entries as one bundle; None for one whose bytes were removed."""
    parts: list[bytes] = []
    for stored in entries:
        body = stored or b""
        parts += (_LENGTH.pack(len(body)), body)
    return b"".join(parts)


def entries_of(raw: bytes, width: int) -> list[bytes | None]:
    """Return the `width` entries of a bundle; None for one whose bytes were removed.

    Raises:
        LayoutError: it does not hold exactly that many.
    """
    found: list[bytes | None] = []
    at, end = 0, len(raw)
    while at + 2 <= end and len(found) < width:
        stop = at + 2 + (raw[at] << 8 | raw[at + 1])
        found.append(raw[at + 2 : stop] or None)
        at = stop
    if at != end or len(found) != width:
        raise LayoutError(f"bundle: expected {width} entries")
    return found


def hashes_of(raw: bytes, width: int) -> list[bytes]:
    """Return the `width` hashes of a tile.

    Raises:
        LayoutError: it does not hold exactly that many.
    """
    if len(raw) != width * HASH_BYTES:
        raise LayoutError(f"tile: expected {width} hashes")
    return split_hashes(raw)


def logs_text(logs: Sequence[LogSize]) -> str:
    """Return the list of the logs to be had."""
    return "".join(f"{log.origin}/{log.epoch} {log.size}\n" for log in logs)


def read_logs(raw: bytes) -> list[LogSize]:
    """Return the logs of a list.

    Raises:
        LayoutError: a line is not one.
    """
    found = []
    for number, line in enumerate(raw.decode("ascii", "replace").splitlines(), start=1):
        match = _SIZE_LINE.fullmatch(line)
        if match is None:
            raise LayoutError(f"logs, line {number}: expected ORIGIN/EPOCH SIZE")
        found.append(LogSize(match["origin"], int(match["epoch"]), int(match["size"])))
    return found


def _grouped(number: int) -> str:
    digits = f"{number:03d}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[start : start + 3] for start in range(0, len(digits), 3)]
    return "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])


def _partial(width: int) -> str:
    return "" if width == TILE_WIDTH else f".p/{width}"
