"""Addresses of Unix sockets that are too long for the kernel's 108 bytes."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ADDRESS_BYTES_MAX = 100  # sun_path holds 108, the terminating zero included; see unix(7)


@contextmanager
def address(path: Path) -> Iterator[str]:
    """Give a name for `path` short enough to bind or connect to, valid inside the block."""
    if len(os.fsencode(path)) <= ADDRESS_BYTES_MAX:
        yield os.fspath(path)
        return
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
