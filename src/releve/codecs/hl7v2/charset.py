"""Which characters the bytes of a message stand for: MSH-18 as it is meant, and as it is misused.

Source: HL7 v2.9 chapter 2, MSH-18 and table 0211.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

UNKNOWN_CHARSET = "MSH-18 names no character set known here"
BYTES_DO_NOT_FIT = "the bytes are not of the character set that MSH-18 names"

# Sender's name (capitals, without blanks and dashes) → codecs to try, in order.
# 8859/1 is read as windows-1252: both agree outside 0x80–0x9F, where real 8859/1 has no letter
# and where French senders put œ, € and the typographic apostrophe (WHATWG Encoding does the same).
_UNDECLARED = ("utf-8", "cp1252")
_READING: dict[str, tuple[str, ...]] = {
    "": _UNDECLARED,
    "ASCII": _UNDECLARED,
    "USASCII": _UNDECLARED,
    "ISOIR6": _UNDECLARED,
    "UNICODEUTF8": ("utf-8",),
    "UTF8": ("utf-8",),
    # By the standard UNICODE is a two-byte code, which MLLP cannot carry: whoever sends it with a one-byte
    # header sends UTF-8. A header really written in two bytes is found by `decode_wide`.
    "UNICODE": _UNDECLARED,
    "UNICODEUTF16": _UNDECLARED,
    "UNICODEUTF32": _UNDECLARED,
    "UTF16": _UNDECLARED,
    "8859/1": ("cp1252",),
    "ISOIR100": ("cp1252",),
    "88591": ("cp1252",),
    "ISO88591": ("cp1252",),
    "LATIN1": ("cp1252",),
    "WINDOWS1252": ("cp1252",),
    "CP1252": ("cp1252",),
    "ANSI": ("cp1252",),
    "ISO885915": ("iso8859-15",),
    "885915": ("iso8859-15",),
    "LATIN9": ("iso8859-15",),
    **{f"8859/{part}": (f"iso8859-{part}",) for part in (2, 3, 4, 5, 6, 7, 8, 9, 15)},
}

# What the writer may declare, and the strict codec behind it.
WRITING: dict[str, str] = {
    "": "ascii",
    "ASCII": "ascii",
    "UNICODE UTF-8": "utf-8",
    "8859/1": "iso8859-1",
    **{f"8859/{part}": f"iso8859-{part}" for part in (2, 3, 4, 5, 6, 7, 8, 9, 15)},
}


class Charset(NamedTuple):
    """How the bytes of one message are read."""

    codec: str  # Python's name of it; decodes every byte of the message
    escapes: tuple[str, ...]  # codecs to try for the bytes of `\\X..\\`
    trouble: str  # "" or why the text may be wrong


def choose_charset(declared: Sequence[str], data: bytes) -> Charset:
    r"""Return the character set that reads `data`, which declares the repetitions of MSH-18.

    Empty and ASCII are tried as UTF-8, then windows-1252. What does not decode as declared is tried the same
    way and flagged: a flow must not stop for an accent, and the bytes are kept anyway.

    >>> choose_charset(["8859/15"], b"3 \xa4").codec
    'iso8859-15'
    >>> choose_charset(["UNICODE UTF-8"], b"LEF\xc8VRE")
    Charset(codec='cp1252', escapes=('utf-8',), trouble='the bytes are not of the character set that MSH-18 names')
    """
    codecs, trouble = _codecs_to_try(tuple(declared))
    if data.isascii():
        return Charset(codecs[0], codecs, trouble)
    for codec in codecs:
        if _reads(codec, data):
            return Charset(codec, codecs, trouble)
    trouble = BYTES_DO_NOT_FIT
    for codec in _UNDECLARED:
        if codec not in codecs and _reads(codec, data):
            return Charset(codec, codecs, trouble)
    return Charset("latin-1", codecs, trouble)  # never fails: each byte stays visible as one sign


def decode_wide(data: bytes) -> tuple[str, str] | None:
    r"""Return (text, codec) when `data` begins like an HL7 message of two bytes a character, else None.

    >>> decode_wide("MSH|^~\\&|LABO".encode("utf-16"))
    ('MSH|^~\\&|LABO', 'utf-16-le')
    """
    head = data[:16].lstrip(b"\x0b\r\n ")
    for codec, mark in (("utf-16-le", b"\xff\xfe"), ("utf-16-be", b"\xfe\xff")):
        body = data[data.find(mark) + 2 :] if head.startswith(mark) else data
        if body[:16].lstrip(b"\x0b\r\n ").startswith("MSH".encode(codec)):
            return body.decode(codec, errors="replace"), codec
    return None


def _reads(codec: str, data: bytes) -> bool:
    try:
        data.decode(codec)
    except UnicodeDecodeError:
        return False
    return True


@lru_cache(maxsize=256)
def _codecs_to_try(declared: tuple[str, ...]) -> tuple[tuple[str, ...], str]:
    codecs: list[str] = []
    trouble = ""
    guessed = False
    for name in declared or ("",):
        key = name.upper().translate({ord(c): None for c in " -_"})
        known = _READING.get(key)
        if known is None:
            trouble = UNKNOWN_CHARSET
            known = _UNDECLARED
        if known is _UNDECLARED:
            guessed = True
            known = ("utf-8",)
        codecs += [codec for codec in known if codec not in codecs]
    if guessed and "cp1252" not in codecs:
        codecs.append("cp1252")  # reads nearly any bytes, so only after what another repetition names
    return tuple(codecs), trouble
