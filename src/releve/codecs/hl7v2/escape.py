r"""Escape sequences of HL7 v2 text: `\F\ \S\ \T\ \R\ \E\ \P\ \X..\ \.br\` and their kin.

Source: HL7 v2.9 chapter 2, §2.7 Use of escape sequences in text fields.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

_HEXADECIMAL = frozenset("0123456789abcdefABCDEF")
_BREAKS_MAX = 40  # `\.sp9999\` must not make a page of nothing


class Separators(NamedTuple):
    """The six signs that MSH-1 and MSH-2 declare, one character each; `truncation` is "" before v2.7."""

    field: str = "|"
    component: str = "^"
    repetition: str = "~"
    escape: str = "\\"
    subcomponent: str = "&"
    truncation: str = ""


STANDARD = Separators()


def unescape(text: str, separators: Separators = STANDARD, codecs: Sequence[str] = ("utf-8",)) -> str:
    r"""Return `text` as a person reads it; `codecs` are tried in order for the bytes of `\X..\`.

    Highlighting and indents vanish, line commands become line ends. A sequence that is unknown, unfinished
    or not in the character set stays as it was received, a lone backslash too: nothing is ever swallowed.

    >>> unescape(r"A\T\B\S\C\F\D\R\E\E\G")
    'A&B^C|D~E\\G'
    >>> unescape(r"LEF\XC389\VRE C:\temp\x \Z99\ ")
    'LEFÉVRE C:\\temp\\x \\Z99\\ '
    """
    sign = separators.escape
    pieces: list[str] = []
    position = 0
    while True:
        start = text.find(sign, position)
        end = text.find(sign, start + 1) if start >= 0 else -1
        if end < 0:
            pieces.append(text[position:])
            return "".join(pieces)
        pieces.append(text[position:start])
        body = text[start + 1 : end]
        first = body[:1]
        plain: str | None
        if first == "X":
            # A character of several bytes is sometimes sent as one sequence a byte: read neighbours together.
            digits = body[1:]
            while text.startswith(sign + "X", end + 1) and (after := text.find(sign, end + 2)) > 0:
                more = text[end + 3 : after]
                if not _is_bytes(more):
                    break
                digits += more
                end = after
            plain = _characters(digits, codecs)
            position = end + 1
            pieces.append(text[start:position] if plain is None else plain)
            continue
        plain = _NAMED[body](separators) if body in _NAMED else _line_command(body) if first == "." else None
        if plain is not None:
            pieces.append(plain)
            position = end + 1
        elif first in _KEPT and body[1:].isalnum():
            pieces.append(text[start : end + 1])
            position = end + 1
        else:
            pieces.append(text[start:end])  # a stray sign: the next one may open a real sequence
            position = end


def escape(text: str, separators: Separators = STANDARD, codec: str = "utf-8") -> str:
    r"""Return `text` with every separator and control character written as an escape sequence.

    A line feed becomes `\.br\`, other control characters `\X..\`. Characters that `codec` lacks stay: the
    writer refuses them by address.

    >>> escape("1^2|C:\\x\n\r")
    '1\\S\\2\\F\\C:\\E\\x\\.br\\\\X0D\\'
    """
    table = _escapes(separators)
    return text.translate(table)


def _characters(digits: str, codecs: Sequence[str]) -> str | None:
    if not _is_bytes(digits):
        return None
    data = bytes.fromhex(digits)
    for codec in codecs:
        try:
            return data.decode(codec)
        except UnicodeDecodeError:
            continue
    return None


def _is_bytes(digits: str) -> bool:
    return bool(digits) and len(digits) % 2 == 0 and _HEXADECIMAL.issuperset(digits)


def _line_command(body: str) -> str | None:
    """Return what a formatting command leaves in plain text. Source: §2.7.6 Formatted text."""
    name, count = body[1:3], body[3:].lstrip("+- ")
    if name not in _LINE_COMMANDS or (count and not (count.isascii() and count.isdigit())):
        return None
    times = min(int(count[:4] or 1), _BREAKS_MAX)
    return _LINE_COMMANDS[name] * times


# Local (Z) and character set (C, M) sequences are well formed but say nothing here: kept whole, as received.
_KEPT = frozenset("ZCM")
_LINE_COMMANDS = {"br": "\n", "sp": "\n", "ce": "\n", "sk": " ", "in": "", "ti": "", "fi": "", "nf": ""}
_NAMED = {
    "F": lambda signs: signs.field,
    "S": lambda signs: signs.component,
    "T": lambda signs: signs.subcomponent,
    "R": lambda signs: signs.repetition,
    "E": lambda signs: signs.escape,
    "P": lambda signs: signs.truncation or "#",
    "H": lambda signs: "",
    "N": lambda signs: "",
}
_TABLES: dict[Separators, dict[int, str]] = {}


def _escapes(separators: Separators) -> dict[int, str]:
    table = _TABLES.get(separators)
    if table is None:
        sign = separators.escape
        table = {code: f"{sign}X{code:02X}{sign}" for code in (*range(32), 127)}
        table[ord("\n")] = f"{sign}.br{sign}"
        for letter, value in zip("FSRETP", separators, strict=True):
            if value:
                table[ord(value)] = f"{sign}{letter}{sign}"
        if len(_TABLES) < 64:
            _TABLES[separators] = table
    return table
