"""National registers: RPPS (professionals), FINESS (establishments), SIRET and SIREN (companies).

Source: ANS, RPPS and IdNPS; FINESS: rule found on published numbers; INSEE, SIRENE.
"""

from __future__ import annotations

from stdnum import luhn
from stdnum.fr import siren, siret

from . import doubts

_CORSICA = {"2A": "21", "2B": "22"}  # fits the numbers known; no published rule was found


def check_rpps(text: str) -> list[str]:
    """Return the doubts about an RPPS number, or an IdNPS, which is 8 and the RPPS.

    >>> check_rpps("10000023084"), check_rpps("801234567897")
    ([], [])
    >>> check_rpps("10000023085")
    ['the control key does not fit the number']
    """
    number = doubts.compact(text)
    if len(number) == 12 and number.startswith("8"):
        number = number[1:]
    if len(number) != 11 or not doubts.is_digits(number):
        return [doubts.NOT_AN_RPPS]
    return [] if luhn.is_valid(number) else [doubts.WRONG_KEY]


def check_finess(text: str) -> list[str]:
    """Return the doubts about a FINESS number, of an establishment or of a legal entity.

    >>> check_finess("910002773"), check_finess("2A0000014")
    ([], [])
    """
    number = doubts.compact(text)
    digits = _CORSICA.get(number[:2], number[:2]) + number[2:]
    if len(digits) != 9 or not doubts.is_digits(digits):
        return [doubts.NOT_A_FINESS]
    if luhn.is_valid(digits):
        return []
    return [doubts.WRONG_KEY if digits == number else doubts.CORSICAN_KEY]


def check_siret(text: str) -> list[str]:
    """Return the doubts about a SIRET number; those of La Poste follow a rule of their own.

    >>> check_siret("772 201 489 00022")
    []
    """
    number = doubts.compact(text)
    if len(number) != 14 or not doubts.is_digits(number):
        return [doubts.NOT_A_SIRET]
    return [] if siret.is_valid(number) else [doubts.WRONG_KEY]


def check_siren(text: str) -> list[str]:
    """Return the doubts about a SIREN number.

    >>> check_siren("772201489")
    []
    """
    number = doubts.compact(text)
    if len(number) != 9 or not doubts.is_digits(number):
        return [doubts.NOT_A_SIREN]
    return [] if siren.is_valid(number) else [doubts.WRONG_KEY]
