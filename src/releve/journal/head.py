"""The head file: what a log promised last, kept outside SQLite.

After a damaged frame SQLite drops the rest of its write-ahead log without a word: a log that lost acknowledged
entries looks healthy from inside. So the size and root of every commit also go to `EPOCH.head`, before any receipt
leaves. It is written only after the commit is durable, so it never runs ahead of a healthy log, and it needs no fsync:
the kernel keeps what a killed process wrote; after a power cut it may be a few commits old, which still catches
anything lost before them. Two slots take turns, so a write cut in the middle leaves the one before.
"""

import os
import struct
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from releve.journal import modes

MAGIC = b"RLVHEAD1"
SLOT_STRIDE = 4096  # one slot a sector, whatever the disk calls a sector
FILE_BYTES = 2 * SLOT_STRIDE
_FIELDS = struct.Struct(">8sQQ32s")  # magic, sequence, size, root
SLOT_BYTES = _FIELDS.size + 32


class Head(NamedTuple):
    """What was promised: after commit number `sequence`, `size` entries under `root`."""

    sequence: int
    size: int
    root: bytes


def pack(head: Head) -> bytes:
    """Return a slot: magic, sequence, size, root, then the SHA-256 of these."""
    fields = _FIELDS.pack(MAGIC, head.sequence, head.size, head.root)
    return fields + sha256(fields).digest()


def unpack(slot: bytes) -> Head | None:
    """Return what a slot holds, None when it is damaged or was never written."""
    fields = slot[: _FIELDS.size]
    if len(slot) < SLOT_BYTES or sha256(fields).digest() != slot[_FIELDS.size : SLOT_BYTES]:
        return None
    magic, sequence, size, root = _FIELDS.unpack(fields)
    return Head(sequence, size, root) if magic == MAGIC else None


def read(path: Path) -> tuple[Head | None, list[int]]:
    """Return the newest promise (None: no slot can be read) and the numbers of the damaged slots.

    Raises:
        FileNotFoundError: there is no head file.
    """
    content = path.read_bytes()
    slots = [unpack(content[at : at + SLOT_BYTES]) for at in (0, SLOT_STRIDE)]
    whole = [slot for slot in slots if slot is not None]
    return max(whole, default=None), [number for number, slot in enumerate(slots) if slot is None]


class HeadFile:
    """The writing side, held by the one writer of the log."""

    def __init__(self, path: Path) -> None:
        self._handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, modes.FILE)
        if os.fstat(self._handle).st_size < FILE_BYTES:
            # Real bytes, not a hole: writing a promise must not need room on a full disk.
            os.pwrite(self._handle, bytes(FILE_BYTES), 0)
        slots = [unpack(os.pread(self._handle, SLOT_BYTES, at)) for at in (0, SLOT_STRIDE)]
        self._sequence = max((slot.sequence for slot in slots if slot), default=0)

    def write(self, size: int, root: bytes) -> None:
        """Promise `size` entries under `root`, over the older of the two slots."""
        self._sequence += 1
        slot = pack(Head(self._sequence, size, root))
        os.pwrite(self._handle, slot, self._sequence % 2 * SLOT_STRIDE)

    def sync(self) -> None:
        """Bring the promise to the disk as well (at a checkpoint and at the end, where nobody waits)."""
        os.fdatasync(self._handle)

    def close(self) -> None:
        """Close the file."""
        os.close(self._handle)
