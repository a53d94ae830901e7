"""Settles how every Struct is decoded before a process has several threads.

msgspec reads a type's fields when it is first decoded, and keeps it half read meanwhile: a second thread that decodes
the same type then ends the whole process (segmentation fault, msgspec 0.22; thirty times of thirty with the hospital's
map and eight threads). The first pages asked of a server at once are just that.
"""

import contextlib
from collections.abc import Iterator
from typing import Any

import msgspec

__all__ = ["settle_structs"]


def settle_structs() -> None:
    """Have the fields of every Struct that is known so far read, in this thread. Some hundredths of a second."""
    for kind in set(_below(msgspec.Struct)):
        # What is only ever made here, never decoded, may hold what msgspec cannot tell apart.
        with contextlib.suppress(TypeError):
            msgspec.json.Decoder(kind)


def _below(kind: type[Any]) -> Iterator[type[Any]]:
    for one in kind.__subclasses__():
        yield one
        yield from _below(one)
