"""Numbers of registers inside a text that somebody typed: a hospital's FINESS, a prescriber's RPPS."""

import re
from typing import NamedTuple

from . import doubts
from .registers import check_finess, check_rpps

__all__ = ["Doubted", "doubts_said"]

# Nine signs alone are a FINESS, eleven an RPPS, eight and eleven an IdNPS; a telephone number has ten.
_NUMBER = re.compile(r"(?<![0-9A-Za-z])(?:[0-9]{11,12}|[0-9]{9}|2[ABab][0-9]{7})(?![0-9A-Za-z])", re.ASCII)


class Doubted(NamedTuple):
    """A number that does not fit: of which register, and why (a msgid of `doubts`). The number itself is not kept."""

    register: str  # FINESS, RPPS
    why: str


def doubts_said(text: str) -> list[Doubted]:
    """Return what does not fit in the numbers of a text; a text without any has no doubt.

    >>> doubts_said("CH de Valombre 750712184"), doubts_said("Dr Vasseur, poste 4412")
    ([], [])
    >>> [one.register for one in doubts_said("CHU 750712185, Dr X 10003456788")]
    ['FINESS', 'RPPS']
    """
    found: dict[Doubted, None] = {}
    for match in _NUMBER.finditer(text):
        number = match[0]
        register, check = ("FINESS", check_finess) if len(number) == 9 else ("RPPS", check_rpps)
        for why in check(number):
            if why != doubts.CORSICAN_KEY:  # a rule that nobody confirmed raises no doubt at the bedside
                found[Doubted(register, why)] = None
    return list(found)
