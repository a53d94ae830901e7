"""Long lists of keys, in parts that one query of a view takes."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

__all__ = ["in_parts"]

# SQLite binds 32,766 values in a sentence; far fewer are as quick, and sentences of few sizes are prepared once.
PART = 400
_T = TypeVar("_T")


def in_parts(items: Sequence[_T], size: int = PART) -> Iterator[list[_T]]:
    """Yield the items in order, at most `size` at a time."""
    for start in range(0, len(items), size):
        yield list(items[start : start + size])
