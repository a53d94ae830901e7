"""Whole numbers in text, each with the line it stands on: what the readers of project files share."""

from collections.abc import Iterator
from typing import NamedTuple

from releve.restoration.makespan.project import ProjectError

__all__ = ["BYTES_MAX", "Number", "lines_of", "numbers_of", "read_number"]

BYTES_MAX = 32 << 20  # the largest file of the field has 2 MiB
_DIGITS_MAX = 12


class Number(NamedTuple):
    """A whole number and its line, counted from 1."""

    value: int
    line: int


def lines_of(data: bytes) -> list[str]:
    """Return the lines of a file, whatever ends them.

    Raises:
        ProjectError: larger than any project file, or not text.
    """
    if len(data) > BYTES_MAX:
        raise ProjectError(f"file: expected at most {BYTES_MAX >> 20} MiB")
    before, zero, _ = data.partition(b"\0")
    if zero:
        raise ProjectError(f"line {len(before.splitlines()) or 1}: expected text, found bytes")
    return data.decode("utf-8-sig", errors="replace").splitlines()


def read_number(word: str, line: int, what: str) -> int:
    """Return the whole number `word` stands for.

    Raises:
        ProjectError: it stands for none.
    """
    digits = word[1:] if word[:1] in "+-" else word
    if digits.isascii() and digits.isdigit() and len(digits) <= _DIGITS_MAX:
        return int(word)
    raise ProjectError(f"line {line}: expected {what}, a whole number, found {word[:40]!r}")


def numbers_of(text: str, line: int, what: str) -> Iterator[Number]:
    """Yield the numbers of one line."""
    for word in text.split():
        yield Number(read_number(word, line, what), line)
