"""How one message spells its values: the signs that separate, the escape, the character set. Pure.

A message and its segments share it and none of them knows the other: no circle of references, so that a message
is gone as soon as it was read. (Measured: breaking circles by the garbage collector was a sixth of a fold.)

Source: HL7 v2.9 chapter 2, §2.5 (separators), §2.7 (escapes), §2.14.9.18 (MSH-18).
"""

from __future__ import annotations

from functools import lru_cache
from string import punctuation
from typing import Final, NamedTuple

from .charset import Charset, choose_charset
from .escape import Separators, unescape

__all__ = ["NULL", "Spelling", "Syntax", "read_syntax"]


class Null(str):
    """The HL7 null: the sender says that what the receiver knows is to be deleted."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "NULL"


NULL: Final = Null('""')


_SIGNS = frozenset(punctuation.encode())


class Syntax(NamedTuple):
    """The separators of a message, as bytes for splitting and as text for unescaping."""

    field: bytes
    component: bytes
    repetition: bytes
    escape: bytes
    subcomponent: bytes
    separators: Separators


@lru_cache(maxsize=64)
def read_syntax(field: bytes, encoding: bytes) -> Syntax:
    """Return the syntax that MSH-1 and MSH-2 declare; missing encoding characters take the usual ones."""
    if not _SIGNS.issuperset(encoding):
        encoding = b""  # letters, blanks or halves of a character cannot separate: not an MSH-2
    known = encoding[:4] + b"^~\\&"[len(encoding) :]
    component, repetition, escape, subcomponent = (known[i : i + 1] for i in range(4))
    signs = (field, component, repetition, escape, subcomponent, encoding[4:5])
    separators = Separators(*(sign.decode("latin-1") for sign in signs))
    return Syntax(field, component, repetition, escape, subcomponent, separators)


class Spelling:
    """What turns a part of a received field into text."""

    __slots__ = ("_body", "_charset", "_codec", "_declared", "component", "escape", "field", "repetition",
                 "separators", "subcomponent")  # fmt: skip

    def __init__(self, syntax: Syntax, body: bytes, header: bytes) -> None:
        """`header`: the line of MSH, which names the character set; `body`: what it is tried on."""
        self.field, self.component, self.repetition, self.escape, self.subcomponent, separators = syntax
        self.separators: Final = separators  # as MSH-1 and MSH-2 declare them
        self._body = body
        self._declared = header
        self._charset: Charset | None = None
        self._codec = ""

    @property
    def charset(self) -> Charset:
        """The character set declared by MSH-18, or the one that the bytes fit; read once."""
        charset = self._charset
        if charset is None:
            fields = self._declared.split(self.field, 18)  # the name and its separator are MSH and MSH-1
            declared = fields[17] if len(fields) > 17 else b""
            names = declared.decode("latin-1").split(self.separators.repetition) if declared else ()
            charset = self._charset = choose_charset(names, self._body)
            self._codec = charset.codec
        return charset

    def text(self, value: bytes) -> str:
        """Return `value` as text, escapes undone."""
        if self.escape in value:
            charset = self.charset
            return unescape(str(value, charset.codec), self.separators, charset.escapes)
        # Every codec reads ASCII alike; measured: four times quicker than Python's cp1252.
        if value.isascii():
            return str(value, "ascii")
        return str(value, self._codec or self.charset.codec)

    def repeated(self, value: bytes, repetition: int) -> bytes | None:
        """Return one repetition of a field; None when there are fewer."""
        if self.repetition in value:
            repetitions = value.split(self.repetition, repetition)
            return repetitions[repetition - 1] if len(repetitions) >= repetition else None
        return value if repetition == 1 else None

    def part(self, value: bytes, component: int, subcomponent: int) -> str | None:
        """Return the text of a part of `value`, one repetition; its whole when `component` is 0."""
        if value == b'""':
            return NULL
        if component:
            if self.component in value:
                components = value.split(self.component, component)
                if len(components) < component:
                    return None
                value = components[component - 1]
            elif component > 1:
                return None
            if subcomponent and value != b'""':
                if self.subcomponent in value:
                    parts = value.split(self.subcomponent, subcomponent)
                    if len(parts) < subcomponent:
                        return None
                    value = parts[subcomponent - 1]
                elif subcomponent > 1:
                    return None
            if value == b'""':
                return NULL
        if not value or value.isspace():  # blanks alone say nothing
            return None
        return self.text(value)
