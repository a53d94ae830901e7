"""Codes of medicines: CIP13 (a box), UCD13 (a unit to dispense), EAN-13 (any product).

Source: GS1 General Specifications, GTIN-13; Club Inter Pharmaceutique, CIP and UCD codification.
"""

from __future__ import annotations

from stdnum import ean

from . import doubts


def check_ean13(text: str) -> list[str]:
    """Return the doubts about an EAN-13.

    >>> check_ean13("3400935955838")
    []
    """
    number = doubts.compact(text)
    if len(number) != 13 or not doubts.is_digits(number):
        return [doubts.NOT_13_DIGITS]
    return [] if ean.is_valid(number) else [doubts.WRONG_KEY]


def check_cip13(text: str) -> list[str]:
    """Return the doubts about the code of a box of medicine.

    >>> check_cip13("3400893766521")
    ['expected 34009 at the beginning of a CIP13']
    """
    return _check_prefix(text, "34009", doubts.NOT_A_CIP)


def check_ucd13(text: str) -> list[str]:
    """Return the doubts about the code of a unit to dispense.

    >>> check_ucd13("3400893766521")
    []
    """
    return _check_prefix(text, "34008", doubts.NOT_A_UCD)


def _check_prefix(text: str, prefix: str, doubt: str) -> list[str]:
    found = check_ean13(text)
    if doubts.NOT_13_DIGITS not in found and not doubts.compact(text).startswith(prefix):
        found.append(doubt)
    return found
