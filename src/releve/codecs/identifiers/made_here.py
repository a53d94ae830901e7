"""Numbers that an island makes itself and people copy by hand or scan: blank forms, tubes. Pure.

A form's number ends with two check digits since `A-000417-74`; a tube's with one, and begins with 8. Numbers of before
(`A-000417`, tubes that begin with 9) have none and go on being read: nothing is said against them.
A tube bears figures only, for analysers; the first ones of the fourteen in its middle are those of one island's epoch.
Source: ISO/IEC 7064, MOD 97-10 (every wrong sign, every two that changed places); Damm 2004 (the same, one digit).
"""

from __future__ import annotations

import re

from stdnum import damm
from stdnum.iso7064 import mod_97_10

from . import doubts

__all__ = [
    "TUBES_MAX", "check_form", "check_tube", "form_key", "form_number", "is_tube", "tube_drawn", "tube_number",
    "tubes_of",
]  # fmt: skip

_FORM = re.compile(r"(?P<prefix>.+?)-(?P<counter>\d{1,6})(?:-(?P<check>\d{1,2}))?", re.ASCII)
_TUBE = re.compile(r"[89]\d{15}", re.ASCII)
_TUBE_DIGITS = 14
TUBES_MAX = 999_999  # of one epoch: the last six of the fourteen
_EPOCHS = 1_000  # the three before them
_SIGNS = "abcdefghijklmnopqrstuvwxyz0123456789-"  # of an island's name
_NAME_MAX = 3  # the five that are left count its names of one to three signs: 37 + 37² + 37³ = 52,059
_NAMES = 52_059
# What stands between the groups of a number that was copied by hand.
_BETWEEN = re.compile(r"[\s‐-―−-]+")


def form_number(prefix: str, counter: int) -> str:
    """Return the number of a blank form as it is printed.

    >>> form_number("A", 417), form_number("A.2.", 417)
    ('A-000417-74', 'A.2.-000417-91')
    """
    return f"{prefix}-{counter:06d}-{_check(prefix, counter)}"


def form_key(text: str) -> str:
    """Return what two ways of writing one form's number have in common, "" for no number at all.

    >>> form_key("a 417"), form_key("A-000417-74"), form_key("RLV1|RX1|A-000417-74|1"), form_key("bon bleu")
    ('A-000417', 'A-000417', 'A-000417', 'BON-BLEU')
    """
    said = _said(text)
    match = _FORM.fullmatch(said)
    return f"{match['prefix']}-{int(match['counter']):06d}" if match else said


def check_form(text: str) -> list[str]:
    """Return the doubts about the number of a form; one without check digits has none.

    >>> check_form("A-000417-74"), check_form("A-000417"), check_form("A-000471-74")
    ([], [], ['the control key does not fit the number'])
    """
    match = _FORM.fullmatch(_said(text))
    if match is None or match["check"] is None:
        return []
    fits = match["check"] == _check(match["prefix"], int(match["counter"]))
    return [] if fits else [doubts.WRONG_KEY]


def tube_number(drawn: int) -> str:
    """Return the number of a tube, sixteen digits, from any whole number.

    >>> tube_number(12345678901234)
    '8123456789012348'
    """
    digits = f"8{drawn % 10**_TUBE_DIGITS:0{_TUBE_DIGITS}d}"
    return digits + damm.calc_check_digit(digits)


def tubes_of(island: str, epoch: int) -> int | None:
    """Return the number that counting an island's tubes starts from, `TUBES_MAX` after it are reserved for it alone.

    None for a name of more than three signs, or an epoch of more than three figures: nothing is reserved for those.

    >>> tubes_of("a", 1), tubes_of("a", 2), tubes_of("b", 1), tubes_of("north", 1)
    (1001000000, 1002000000, 2001000000, None)
    """
    if len(island) > _NAME_MAX or not 0 < epoch < _EPOCHS or not set(island) <= set(_SIGNS):
        return None
    place = 0
    for sign in island:
        place = place * len(_SIGNS) + _SIGNS.index(sign) + 1
    return (place * _EPOCHS + epoch) * (TUBES_MAX + 1)


def tube_drawn(drawn: int) -> str:
    """Return a tube's number for an island that has none reserved, from any whole number: in no island's range.

    >>> tube_drawn(12345678901234), check_tube(tube_drawn(0))
    ('8644056789012347', [])
    """
    each = _EPOCHS * (TUBES_MAX + 1)
    first = (_NAMES + 1) * each
    return tube_number(first + drawn % (10**_TUBE_DIGITS - first))


def is_tube(text: str) -> bool:
    """Return whether this has the shape of a tube's number made here."""
    return _TUBE.fullmatch(doubts.compact(text)) is not None


def check_tube(text: str) -> list[str]:
    """Return the doubts about the number of a tube; one of before, that begins with 9, has no check digit.

    >>> check_tube("8123456789012348"), check_tube("8123456789012358"), check_tube("9656840304770003")
    ([], ['the control key does not fit the number'], [])
    """
    number = doubts.compact(text)
    if not is_tube(number) or number[0] == "9":
        return []
    return [] if damm.is_valid(number) else [doubts.WRONG_KEY]


def _said(text: str) -> str:
    """Return the number in a text: capitals, one hyphen between groups; out of the symbol of a page when it is one."""
    parts = text.strip().split("|")
    number = parts[2] if len(parts) > 2 and parts[0].upper() == "RLV1" else text
    return _BETWEEN.sub("-", number.strip()).upper()


def _check(prefix: str, counter: int) -> str:
    signs = re.sub(r"[^0-9A-Z]", "", prefix.upper())
    return mod_97_10.calc_check_digits(f"{signs}{counter:06d}")
