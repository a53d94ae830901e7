"""What the compiled planner and forecast share: rows as bare pointers, and a number that changes with the code.

Rows are handed on as bare pointers. As arrays, numba asks at each of them whether the place counts from the end, and
at each call of one function by another notes who holds them, which two threads then do to the same rows: together that
took half the time of a forecast. Imported only where numba is.
"""

# mypy: allow-untyped-defs

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from inspect import isfunction
from pathlib import Path
from types import ModuleType
from typing import Any

from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, register_jitable

__all__ = ["bare", "make_compilable", "row_at", "stamp_of"]


def _begin_of(_typing: Any, row: Any) -> Any:
    """Return where an array begins."""

    def lowered(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array = cgutils.create_struct_proxy(signature.args[0])(context, builder, value=arguments[0])
        return array.data

    return types.CPointer(row.dtype)(row), lowered


def _moved(_typing: Any, row: Any, places: Any) -> Any:
    """Return where the part of a row begins that lies so many places further."""

    def lowered(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.gep(arguments[0], [arguments[1]])

    return row(row, types.int64), lowered


bare: Any = intrinsic(_begin_of)
row_at: Any = intrinsic(_moved)


def make_compilable(modules: Sequence[ModuleType]) -> None:
    """Let compiled functions call the functions of these modules, which stay what they are for everybody else."""
    for module in modules:
        for value in list(vars(module).values()):
            if isfunction(value) and getattr(value, "__module__", "") == module.__name__:
                register_jitable(value)


def stamp_of(modules: Sequence[ModuleType]) -> int:
    """Return a number, never 0, that is another one when the text of these modules is.

    What numba keeps compiled asks only for the file it was called from: the number must be a part of the call.
    """
    written = hashlib.sha256()
    for module in modules:
        written.update(Path(str(module.__file__)).read_bytes())
    return int.from_bytes(written.digest()[:7], "big") + 1
