"""The kernels as machine code: written once beside them by numba, read again without it.

Numba takes half a second to load, whatever it finds already compiled: of one second asked for, half the search. What
it made of `kernels.py` is therefore kept as an object file, which `llvmlite` alone loads in some hundredths. Another
text of the kernels, processor or release of `llvmlite` has a file of its own.
"""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import os
import struct
from collections.abc import Callable
from pathlib import Path
from types import FunctionType
from typing import Any

from releve.restoration.makespan import kernels as source

__all__ = ["anneal_compiled"]

_DIGEST = 32  # bytes before all: a file that a disk has spoilt is not run
_HEAD = struct.Struct("<I")  # length of the name that follows; then the object file

_loaded: tuple[Any, Any] | None = None  # the function, and the engine whose memory it lies in


def anneal_compiled() -> Callable[..., int]:
    """Return `kernels.anneal` compiled; it takes ctypes arrays of 64 bits for lists, and lets other threads run."""
    global _loaded
    if _loaded is None:
        _loaded = _load(_read() or _made())
    native, _ = _loaded

    def anneal(*arguments: Any) -> int:
        result, fault = ctypes.c_int64(), ctypes.c_void_p()
        native(ctypes.byref(result), ctypes.byref(fault), *arguments)
        return result.value

    return anneal


def _files() -> list[Path]:
    """Return where the machine code of these kernels, for this processor, may be kept: with the program or at home."""
    import llvmlite
    import llvmlite.binding as llvm

    of = hashlib.sha256()
    for path in (source.__file__, __file__):
        of.update(Path(path).read_bytes())
    of.update(f"{llvmlite.__version__} {llvm.get_host_cpu_name()} {_features()}".encode())
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser())
    name = f"kernels.{of.hexdigest()[:16]}.o"
    return [Path(__file__).parent / "__pycache__" / name, home / "releve" / name]


def _read() -> bytes | None:
    """Return what was compiled before; None where there is nothing, or not what was written."""
    for path in _files():
        with contextlib.suppress(OSError):
            whole = path.read_bytes()
            if hashlib.sha256(whole[_DIGEST:]).digest() == whole[:_DIGEST]:
                return whole[_DIGEST:]
    return None


def _made() -> bytes:
    """Return the machine code compiled now, and keep it where that can be: the file is written whole or not at all."""
    written = _compiled()
    for path in _files():
        part = path.with_name(f"{path.name}.{os.getpid()}.part")
        with contextlib.suppress(OSError):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)  # code: nobody else may write there
            part.write_bytes(hashlib.sha256(written).digest() + written)
            part.replace(path)
            break
    return written


def _features() -> str:
    import llvmlite.binding as llvm

    return str(llvm.get_host_cpu_features().flatten())


def _compiled() -> bytes:
    """Return the machine code of `anneal` and of all it calls, with the name it is found by."""
    import llvmlite.binding as llvm
    from numba import cfunc, njit, types

    # Each kernel again, over names of its own in which the others are compiled too: one source for both.
    names: dict[str, Any] = {"__name__": source.__name__}
    for kernel in source.KERNELS:
        names[kernel.__name__] = twin = FunctionType(kernel.__code__, names, kernel.__name__)
        if kernel is not source.anneal:
            names[kernel.__name__] = njit(error_model="numpy")(twin)
    whole, row = types.int64, types.CPointer(types.int64)
    kinds = [whole if one else row for one in _whole()]
    made = cfunc(whole(*kinds), error_model="numpy")(names["anneal"])
    module = llvm.parse_assembly(made.inspect_llvm())
    # What is called from C hands errors to Python, of which there are none here: the function itself is taken.
    wrapped = made.native_name
    name = wrapped.removeprefix("cfunc.")
    module.get_function(name).linkage = "external"
    module.get_function(wrapped).linkage = "internal"
    machine = _machine(llvm)
    builder = llvm.create_pass_builder(machine, llvm.create_pipeline_tuning_options(speed_level=3))
    passes = llvm.create_new_module_pass_manager()
    passes.add_global_dead_code_eliminate_pass()
    passes.run(module, builder)
    missing = [
        each.name
        for each in (*module.functions, *module.global_variables)
        if each.is_declaration and not each.name.startswith("llvm.")
    ]
    if missing:
        raise RuntimeError(f"kernels: expected nothing from outside, found {', '.join(missing)}")
    code: bytes = machine.emit_object(module)
    return _HEAD.pack(len(name)) + name.encode() + code


def _whole() -> list[bool]:
    """Return of each argument whether it is one number; the others are rows."""
    return [kind is int for name, kind in source.anneal.__annotations__.items() if name != "return"]


def _machine(llvm: Any) -> Any:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    return llvm.Target.from_default_triple().create_target_machine(
        cpu=llvm.get_host_cpu_name(),
        features=_features(),
        opt=3,
        reloc="pic",
        codemodel="jitdefault",
        jit=True,
    )


def _load(written: bytes) -> tuple[Any, Any]:
    """Return the function, and what holds its memory."""
    import llvmlite.binding as llvm

    (length,) = _HEAD.unpack_from(written)
    name, code = written[_HEAD.size : _HEAD.size + length].decode(), written[_HEAD.size + length :]
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), _machine(llvm))
    engine.add_object_file(llvm.ObjectFileRef.from_data(code))
    engine.finalize_object()
    row = ctypes.POINTER(ctypes.c_int64)
    kinds = [ctypes.c_int64 if one else row for one in _whole()]
    fault = ctypes.POINTER(ctypes.c_void_p)
    shape = ctypes.CFUNCTYPE(ctypes.c_int32, row, fault, *kinds)
    return shape(engine.get_function_address(name)), engine
