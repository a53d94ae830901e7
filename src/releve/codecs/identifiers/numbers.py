"""Numbers given on the spot: SINUS (victims of a disaster) and the hospital's own patient number (IPP).

Source: SINUS number as used by the French emergency services (21 signs); HL7 v2.9 chapter 2A, CX.1.
"""

from __future__ import annotations

import re

from . import doubts
from .ins import check_ins

_SINUS = re.compile(r"[A-Z]{2}[0-9AB]{3}[0-9A-Z]{4}20\d\d(?:TR|HP)\d{6}", re.ASCII)
_IPP_SIGNS_MAX = 20  # the widest column met in the systems a number is handed back to


def check_sinus(text: str) -> list[str]:
    """Return the doubts about a SINUS number: country, department, entity, year, TR or HP, six digits.

    >>> check_sinus("FR075SAMU2026TR000417")
    []
    """
    return [] if _SINUS.fullmatch(doubts.compact(text)) else [doubts.NOT_A_SINUS]


def check_ipp(text: str, *, pattern: str = "") -> list[str]:
    """Return the doubts about a patient number of the hospital; `pattern` is the hospital's own, if it set one.

    >>> check_ipp("8000123456")
    []
    >>> check_ipp("0000000000")
    ['one sign repeated: this looks like a filler']
    """
    number = text.strip()
    if not number:
        return [doubts.NO_SIGN]
    found = []
    if len(number) > _IPP_SIGNS_MAX:
        found.append(doubts.TOO_LONG)
    if any(sign.isspace() or not sign.isprintable() for sign in number):
        found.append(doubts.BLANK_OR_CONTROL)
    if len(number) > 3 and len(set(number)) == 1:
        found.append(doubts.PLACEHOLDER)
    if len(number) == 15 and not check_ins(number):
        found.append(doubts.LOOKS_LIKE_INS)
    if pattern and not re.fullmatch(pattern, number):
        found.append(doubts.NOT_THE_HOUSE_PATTERN)
    return found
