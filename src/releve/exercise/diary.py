"""Where a simulated hospital stopped, in a small file, so that it goes on from there after a restart."""

import os
from pathlib import Path

import msgspec

__all__ = ["LIFE", "Diary", "read_diary", "write_diary"]

LIFE = "runtime/life.json"  # in the data folder of a demonstration's island


class Diary(msgspec.Struct, kw_only=True):
    """When life began, what it is made of, and how many messages of each feed were answered."""

    start_us: int
    seed: int
    speed: float
    hospital: str  # its name: another hospital is another life
    began_us: int  # on the clock of this machine
    settled: dict[str, int]


def read_diary(path: Path) -> Diary | None:
    """Return the diary, or None when there is none that can be read: life then begins anew."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Diary)
    except (FileNotFoundError, msgspec.DecodeError):
        return None


def write_diary(path: Path, diary: Diary) -> None:
    """Write the diary whole or not at all."""
    beside = path.with_name(path.name + ".new")
    beside.write_bytes(msgspec.json.encode(diary))
    os.replace(beside, path)  # noqa: PTH105 - the same act, atomic
