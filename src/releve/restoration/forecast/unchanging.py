"""Rows and records that a compiled run only reads, said to be so: LLVM then reads each number once.

Of bare pointers (`pointers.py`) it must suppose that whatever is written may change whatever is read, and reads the
place of every row again at every use: a twentieth of a forecast. Imported only where numba is.
"""

# mypy: allow-untyped-defs, allow-untyped-calls

from __future__ import annotations

import operator
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.datamodel import models
from numba.core.datamodel.registry import register_default
from numba.core.imputils import impl_ret_untracked, lower_builtin, lower_getattr_generic
from numba.core.typing.templates import AttributeTemplate, infer_getattr
from numba.extending import intrinsic

__all__ = ["read_only", "record_read_only"]


class _Row(types.CPointer):
    """A row of numbers that nobody writes while it is read."""

    def __init__(self, dtype: Any) -> None:
        super().__init__(dtype)
        self.name = f"unchanging({dtype})"

    @property
    def key(self) -> Any:
        return "unchanging", self.dtype


class _Record(types.Type):
    """A record that nobody writes while it is read."""

    def __init__(self, record: Any) -> None:
        self.record = record
        super().__init__(name=f"unchanging({record.name})")


register_default(_Row)(models.PointerModel)
register_default(_Record)(models.OpaqueModel)


@infer_getattr
class _Fields(AttributeTemplate):
    key = _Record

    def generic_resolve(self, value: Any, name: str) -> Any:  # type: ignore[override]
        return value.record.typeof(name) if name in value.record.fields else None


def _loaded(builder: Any, place: Any) -> Any:
    load = builder.load(place)
    load.set_metadata("invariant.load", builder.module.add_metadata([]))
    return load


@lower_builtin(operator.getitem, _Row, types.Integer)
def _number_at(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    row, index = arguments
    number = _loaded(builder, builder.gep(row, [index]))
    return impl_ret_untracked(context, builder, signature.return_type, number)


@lower_getattr_generic(_Record)
def _field(context: Any, builder: Any, kind: Any, value: Any, name: str) -> Any:
    place = builder.gep(value, [ir.Constant(ir.IntType(64), kind.record.offset(name))])
    number = context.get_data_type(kind.record.typeof(name))
    return _loaded(builder, builder.bitcast(place, number.as_pointer()))


def _row_of(_typing: Any, row: Any) -> Any:
    """Return where an array begins that is only read."""

    def lowered(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return cgutils.create_struct_proxy(signature.args[0])(context, builder, value=arguments[0]).data

    return _Row(row.dtype)(row), lowered


def _record_of(_typing: Any, record: Any) -> Any:
    """Return a record that is only read."""

    def lowered(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.IntType(8).as_pointer())

    return _Record(record)(record), lowered


read_only: Any = intrinsic(_row_of)
record_read_only: Any = intrinsic(_record_of)
