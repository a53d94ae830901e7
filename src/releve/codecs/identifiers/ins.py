"""INS, the national health identity: NIR or provisional number (NIA), and the OID that says which.

Source: Référentiel INS (ANS), matricule INS and its OIDs; INSEE, structure of the NIR.
"""

from __future__ import annotations

import re

from stdnum.fr import nir

from . import doubts

_ROOT = "1.2.250.1.213.1.4."
OID_NIR = _ROOT + "8"
OID_NIA = _ROOT + "9"
OID_TEST = _ROOT + "10"
OID_DEMONSTRATION = _ROOT + "11"
OID_OLD = _ROOT + "2"

_SHAPE = re.compile(r"[1-478]\d{4}(?:\d\d|2[AB])\d{6}(?:\d\d)?", re.ASCII)
# 20–42 and 50–99 stand for a month that the birth certificate does not tell.
_MONTHS = frozenset((*range(1, 13), *range(20, 43), *range(50, 100)))
_PROVISIONAL = frozenset("3478")


def check_ins(text: str, *, oid: str = "", exercise: bool = False) -> list[str]:
    """Return the doubts about a matricule INS, and about the OID of its authority when one is given.

    Identities of tests and demonstrations are in doubt unless this island is an exercise.

    >>> check_ins("2 79 03 51 215 189 89")
    []
    >>> check_ins("279035121518988")
    ['the control key does not fit the number']
    """
    number = doubts.compact(text)
    found = []
    if not _SHAPE.fullmatch(number):
        found.append(doubts.NOT_15_SIGNS)
    else:
        if int(number[3:5]) not in _MONTHS:
            found.append(doubts.NOT_A_BIRTH_MONTH)
        if len(number) == 13:
            found.append(doubts.KEY_MISSING)
        elif nir.calc_check_digits(number) != number[13:]:
            found.append(doubts.WRONG_KEY)
    return found + _doubts_of_oid(number, oid, exercise=exercise)


def _doubts_of_oid(number: str, oid: str, *, exercise: bool) -> list[str]:
    provisional = number[:1] in _PROVISIONAL
    if oid == OID_OLD:
        return [doubts.OLD_INS]
    if oid in (OID_TEST, OID_DEMONSTRATION):
        return [] if exercise else [doubts.TEST_IDENTITY]
    if oid == OID_NIR:
        return [doubts.NOT_AN_NIR] if provisional else []
    if oid == OID_NIA:
        return [] if provisional else [doubts.NOT_AN_NIA]
    return [doubts.UNKNOWN_OID] if oid else []
