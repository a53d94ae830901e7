"""Processes of this island that end again and again: what starts them writes it down, pages say it.

A file a process in DATA/runtime/ending-again, empty of words: its name is the process, its time that of the third end.
"""

import contextlib
from pathlib import Path

import msgspec

__all__ = ["DEATHS_MIN", "EndingAgain", "ending_again", "note_calm", "note_ending"]

DEATHS_MIN = 3  # one end is an accident that mends itself


class EndingAgain(msgspec.Struct, frozen=True):
    """A process that is started in vain, since when (ms of 1970)."""

    name: str
    since_ms: int


def note_ending(data: Path, name: str) -> None:
    """Write down that this process ends again and again; the first time counts."""
    folder = _folder(data)
    # A disk without room must not stop whoever starts processes.
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).touch(exist_ok=False)


def note_calm(data: Path, name: str) -> None:
    """Write down that this process runs, or is not wanted any more."""
    with contextlib.suppress(OSError):
        (_folder(data) / name).unlink()


def ending_again(data: Path) -> list[EndingAgain]:
    """Return the processes that are started in vain, by name."""
    found = []
    with contextlib.suppress(OSError):
        for path in sorted(_folder(data).iterdir()):
            found.append(EndingAgain(path.name, path.stat().st_mtime_ns // 1_000_000))
    return found


def _folder(data: Path) -> Path:
    return data / "runtime" / "ending-again"
