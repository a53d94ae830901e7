"""What wards are called on the shell's own pages: the shell knows no map, the room that reads it says their names."""

from collections.abc import Callable

__all__ = ["set_ward_names", "ward_name"]


def _its_code(code: str) -> str:
    return code


_named: Callable[[str], str] = _its_code


def set_ward_names(named: Callable[[str], str] | None) -> None:
    """Take the function that names a ward by its UF code; None goes back to the code."""
    global _named
    _named = named or _its_code


def ward_name(code: str) -> str:
    """Return what people call a ward; its code where the map does not know it."""
    return _named(code)
