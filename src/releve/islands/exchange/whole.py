"""Files whose name always leads to a whole content, even after a power cut."""

import os
from pathlib import Path
from secrets import token_hex

from releve.journal import durable, modes

__all__ = ["PRIVATE", "write_whole"]

PRIVATE = modes.FILE


def write_whole(path: Path, content: bytes, *, mode: int = PRIVATE, sync: bool = True) -> None:
    """Write a file under another name, then give it its own; `sync` False for what is written anew every second.

    Raises:
        OSError: it could not be written; what stood there before still does.
    """
    part = path.with_name(f".{path.name}.{token_hex(4)}.part")
    try:
        with os.fdopen(
            os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode), "wb"
        ) as file:
            file.write(content)
            if sync:
                file.flush()
                os.fsync(file.fileno())
        part.replace(path)
        if sync:
            durable.sync(path.parent)
    finally:
        part.unlink(missing_ok=True)
