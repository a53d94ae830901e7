"""A key stick as a means: a small file on a medium, found where it is mounted, by setting or by its name.

RELEVE-KEY-STICK 1
island: a
number: the number the ring names
secret: base64 of 32 random bytes, which open the island key
"""

import base64
import binascii
import os
import secrets
from pathlib import Path

from releve.app.keys.ring import Ring, Stick, seal_key, unseal_key
from releve.journal.errors import FolderError

__all__ = ["make_stick", "open_stick", "stick_name"]

_FIRST = "RELEVE-KEY-STICK 1"
_BYTES_MAX = 4096
# Where media with files of people are; looking into /proc or a network share would only cost time.
_MEDIA = frozenset({"vfat", "exfat", "msdos", "ntfs", "ntfs3", "fuseblk", "ext2", "ext3", "ext4", "btrfs", "xfs",
                    "iso9660", "udf", "f2fs", "hfsplus", "tmpfs", "autofs"})  # fmt: skip


def stick_name(origin: str) -> str:
    """Return how the file on the stick is called."""
    return f"releve-{origin}.keystick"


def make_stick(key: bytes, folder: Path, origin: str, now_us: int) -> Stick:
    """Write a key stick into `folder`, replacing an older one of this island, and return the means.

    Raises:
        FolderError: it cannot be written there, or does not read back.
    """
    secret, number = secrets.token_bytes(32), secrets.token_hex(8)
    path = folder / stick_name(origin)
    part = path.with_name(f"{path.name}.part")
    text = f"{_FIRST}\nisland: {origin}\nnumber: {number}\nsecret: {base64.b64encode(secret).decode()}\n"
    try:
        part.unlink(missing_ok=True)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        if _read(path) != (number, secret):
            raise FolderError("--stick: expected a medium that keeps what is written")
    except OSError as error:
        raise FolderError(
            f"--stick: expected a folder of a medium that can be written ({error.strerror})"
        ) from None
    return Stick(made_at_us=now_us, number=number, sealed=seal_key(secret, key, "stick"))


def open_stick(ring: Ring, setting: str) -> tuple[bytes | None, str]:
    """Return the island key and how it stands: open, absent (no stick is seen), other (not the stick in force).

    `setting`: a file or folder, LABEL=NAME of a mounted medium, or "" for every medium that is mounted.
    """
    means = ring.of("stick")
    if not isinstance(means, Stick):
        return None, "none"
    state = "absent"
    for path in _places(setting, stick_name(ring.origin)):
        found = _read(path)
        if found is None:
            continue
        key = unseal_key(found[1], means.sealed, "stick", ring.number) if found[0] == means.number else None
        if key is not None:
            return key, "open"
        state = "other"
    return None, state


def _places(setting: str, name: str) -> list[Path]:
    if setting.startswith("LABEL="):
        device = Path("/dev/disk/by-label") / setting.removeprefix("LABEL=")
        real = os.path.realpath(device)
        return [Path(where) / name for what, where, _ in _mounts() if os.path.realpath(what) == real]
    if setting:
        return [Path(setting), Path(setting) / name]
    return [Path(where) / name for _, where, kind in _mounts() if kind in _MEDIA]


def _mounts() -> list[tuple[str, str, str]]:
    """Return what is mounted where, as what, by the kernel's list."""
    try:
        lines = Path("/proc/self/mounts").read_text("utf-8", "replace").splitlines()
    except OSError:
        return []
    # fstab(5): a space in a name is written \040.
    return [
        (one[0], one[1].replace("\\040", " "), one[2])
        for one in (line.split(" ") for line in lines)
        if len(one) > 2
    ]


def _read(path: Path) -> tuple[str, bytes] | None:
    try:
        with path.open("rb") as file:
            lines = file.read(_BYTES_MAX).decode("ascii").splitlines()
        values = dict(line.split(": ", 1) for line in lines[1:] if ": " in line)
        if lines[:1] != [_FIRST]:
            return None
        return values["number"], base64.b64decode(values["secret"], validate=True)
    except (OSError, KeyError, UnicodeDecodeError, binascii.Error):
        return None
