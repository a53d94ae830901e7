"""What the processes and threads of one island do one after the other."""

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path

__all__ = ["turn"]


@contextlib.contextmanager
def turn(data: Path, name: str) -> Iterator[None]:
    """Wait until nobody else does what is called `name` here, and do it; the kernel ends the turn of who dies."""
    (data / "runtime").mkdir(parents=True, exist_ok=True)
    with (data / "runtime" / f"{name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
