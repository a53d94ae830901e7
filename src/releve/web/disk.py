"""Whether the disk under DATA is encrypted, as the kernel's own tree of devices says (no program is asked)."""

import os
from functools import lru_cache
from pathlib import Path

__all__ = ["disk_is_encrypted"]

_SYS = Path("/sys")
_MOUNTS = Path("/proc/self/mountinfo")
_DEPTH_MAX = 8  # LVM on RAID on LUKS is three


@lru_cache(maxsize=4)
def disk_is_encrypted(data: Path, sys: Path = _SYS, mounts: Path = _MOUNTS) -> bool | None:
    """Return True when all of the disk under `data` lies in LUKS, False when some does not, None when it is not told.

    Asked once a process: a disk does not change under a running island. Source: dm-crypt sets `dm/uuid` of an opened
    device to CRYPT-LUKS1-… or CRYPT-LUKS2-….
    """
    try:
        device = data.stat().st_dev
    except OSError:
        return None
    number = f"{os.major(device)}:{os.minor(device)}"
    if not os.major(device):  # btrfs, overlay…: the number is none of a disk, the table of mounts names it
        number = _number_by_mounts(data, number, mounts)
    place = sys / "dev" / "block" / number
    if not number or not place.exists():
        return None
    return _encrypted(place.resolve(), _DEPTH_MAX)


def _encrypted(device: Path, depth: int) -> bool:
    try:
        if (device / "dm" / "uuid").read_text("ascii").startswith("CRYPT-LUKS"):
            return True
    except (OSError, UnicodeDecodeError):
        pass
    if (device / "partition").exists():
        # A partition has no devices below it but its disk, which encrypts itself or not: that cannot be seen here.
        return False
    below = sorted((device / "slaves").glob("*")) if depth else []
    return bool(below) and all(_encrypted(one.resolve(), depth - 1) for one in below)


def _number_by_mounts(data: Path, number: str, mounts: Path) -> str:
    # proc(5), mountinfo: the third word is the number, the second after " - " the device.
    try:
        lines = mounts.read_text("utf-8", "replace").splitlines()
    except OSError:
        return ""
    for line in lines:
        before, _, after = line.partition(" - ")
        words, rest = before.split(" "), after.split(" ")
        if len(words) > 2 and words[2] == number and len(rest) > 1 and rest[1].startswith("/dev/"):
            try:
                real = Path(rest[1]).stat().st_rdev
            except OSError:
                return ""
            return f"{os.major(real)}:{os.minor(real)}"
    return ""
