"""Which sticks and disks are plugged in and open here, how much room they have, and what of ours lies on them."""

import os
import re
from collections.abc import Sequence
from pathlib import Path

import msgspec

from releve.islands.exchange import parts
from releve.islands.exchange.unseal import StickNote, exports_on, sums_digest

__all__ = ["Lying", "Medium", "is_there", "media_here"]

MOUNTS = Path("/proc/self/mountinfo")
BLOCKS = Path("/sys/dev/block")
SHOWN_MAX = 200  # exports of one stick that are looked at; older ones are read all the same
_OCTAL = re.compile(r"\\([0-7]{3})")


class Lying(msgspec.Struct, frozen=True, kw_only=True):
    """One export on a stick: which island wrote it, whether it was written to its end, and whether it was read here."""

    name: str
    origin: str
    whole: bool
    read: bool


class Medium(msgspec.Struct, frozen=True, kw_only=True):
    """One stick, or folder that counts as one. `device` is empty for a folder of the settings."""

    path: str
    device: str
    free_bytes: int
    total_bytes: int
    writable: bool
    lying: tuple[Lying, ...] = ()

    @property
    def label(self) -> str:
        """How the stick is called: the last part of the place where it opened."""
        return Path(self.path).name or self.path


def media_here(
    folders: Sequence[str], note: StickNote, *, mounts: Path = MOUNTS, blocks: Path = BLOCKS
) -> list[Medium]:
    """Return what is plugged in now, `folders` of the settings first; what cannot be looked at is left out."""
    found: dict[str, Medium] = {}
    for path, device, read_only in [
        *((folder, "", False) for folder in folders if Path(folder).is_dir()),
        *_mounted(mounts, blocks),
    ]:
        if path in found:
            continue
        try:
            disk = os.statvfs(path)
        except OSError:
            continue  # pulled out in this moment
        found[path] = Medium(
            path=path,
            device=device,
            free_bytes=disk.f_bavail * disk.f_frsize,
            total_bytes=disk.f_blocks * disk.f_frsize,
            writable=not read_only and not disk.f_flag & os.ST_RDONLY and os.access(path, os.W_OK),
            lying=_lying(Path(path) / parts.FOLDER, note),
        )
    return list(found.values())


def is_there(path: str, folders: Sequence[str], *, mounts: Path = MOUNTS, blocks: Path = BLOCKS) -> bool:
    """Return whether a path is a stick that is plugged in now; nothing else is ever written to or read from."""
    if path in folders:
        return Path(path).is_dir()
    return any(path == mounted for mounted, _, _ in _mounted(mounts, blocks))


def _mounted(mounts: Path, blocks: Path) -> list[tuple[str, str, bool]]:
    """Return place, device number and whether read-only, of each file system on a removable or USB device.

    Source: proc(5), /proc/PID/mountinfo; Linux Documentation/ABI/stable/sysfs-block.
    """
    found, seen = [], set()
    try:
        lines = mounts.read_text("utf-8", "surrogateescape").splitlines()
    except OSError:
        return []
    for line in lines:
        fields = line.split(" ")
        if len(fields) < 7 or "-" not in fields:
            continue
        device, root, place, options = fields[2], fields[3], fields[4], fields[5]
        # A part of a stick bound elsewhere is the same stick.
        if root != "/" or device in seen or not _is_removable(blocks / device):
            continue
        seen.add(device)
        path = _OCTAL.sub(lambda octal: chr(int(octal[1], 8)), place)
        found.append((path, device, "ro" in options.split(",")))
    return found


def _is_removable(block: Path) -> bool:
    try:
        real = block.resolve(strict=True)
    except OSError:
        return False
    # Disks in USB cases say that they cannot be removed.
    if any(re.fullmatch(r"usb[0-9]+", part) for part in real.parts):
        return True
    for folder in (real, real.parent):  # of a partition the disk above says it
        try:
            return (folder / "removable").read_text().strip() == "1"
        except OSError:
            continue
    return False


def _lying(root: Path, note: StickNote) -> tuple[Lying, ...]:
    found = []
    for name in exports_on(root)[-SHOWN_MAX:]:
        digest = sums_digest(root, name)
        found.append(
            Lying(
                name=name,
                origin=name.rpartition("-")[0],
                whole=bool(digest),
                read=bool(digest) and note.done.get(name) == digest,
            )
        )
    return tuple(found)
