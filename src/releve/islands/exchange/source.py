"""Where the files of a log are pulled from: a folder (a stick), another island over HTTPS.

Whatever comes out is believed by nobody yet: `pull` checks it. What a source promises is bounds: never more bytes than
asked for, never longer than its time.
"""

import os
import stat
from pathlib import Path
from typing import Protocol

from releve.islands.exchange import layout
from releve.journal.errors import JournalError

__all__ = ["FolderSource", "Source", "SourceGone", "SourceTooLarge", "read_below"]


class SourceGone(JournalError):
    """Nothing can be had from there now, or what answers is not what was expected there. Safe to retry."""


class SourceTooLarge(SourceGone):
    """What is there is longer than the layout allows. Nothing of it is handed over."""


class Source(Protocol):
    """Files of logs, by their names in `layout`. Used by one thread at a time."""

    def get(self, path: str, limit: int) -> bytes | None:
        """Return the file of that name, None when it is not there; never more than `limit` bytes.

        Raises:
            LayoutError: the name is not of the layout.
            SourceTooLarge: it is there and longer.
            SourceGone: nothing can be had now.
        """

    def close(self) -> None:
        """Let go of what is held open; a later `get` opens it again."""


class FolderSource:
    """A folder in this layout: an unsealed stick, a copy carried by any means. Links in it are not followed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, path: str, limit: int) -> bytes | None:
        """Return the file of that name, None when it is not there; never more than `limit` bytes.

        Raises:
            LayoutError: the name is not of the layout.
            SourceTooLarge: it is there and longer.
            SourceGone: the folder is gone, or cannot be read.
        """
        if path != layout.LOGS:
            layout.parse_path(path)
        try:
            found = read_below(self._folder, path.split("/"), limit)
        except OSError as error:
            raise SourceGone(f"{path}: expected a readable file ({error.strerror})") from error
        if found is not None and len(found) > limit:
            raise SourceTooLarge(f"{path}: expected {limit} bytes at most")
        return found

    def close(self) -> None:
        """Nothing is held open."""


def read_below(folder: Path, names: list[str], limit: int) -> bytes | None:
    """Return up to `limit` + 1 bytes of a plain file, None when there is none; no link is followed on the way."""
    here = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for name in names[:-1]:
            try:
                below = os.open(
                    name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=here
                )
            except (FileNotFoundError, NotADirectoryError):
                return None
            os.close(here)
            here = below
        try:
            # Not blocking: whoever prepared a stick could have left a pipe under the name.
            file = os.open(names[-1], os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=here)
        except FileNotFoundError:
            return None
    finally:
        os.close(here)
    with os.fdopen(file, "rb") as opened:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            return None
        return opened.read(limit + 1)
