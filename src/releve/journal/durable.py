"""What a file holds and what a folder names, brought to the disk."""

import os
from pathlib import Path

__all__ = ["sync"]


def sync(path: Path) -> None:
    """Make what a file holds durable, or the names in a folder.

    Raises:
        OSError: the disk did not take it.
    """
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
