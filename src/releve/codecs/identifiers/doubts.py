"""What a check of an identifier may say, as English msgids without any value, and how text is made comparable."""

from typing import Final

WRONG_KEY: Final = "the control key does not fit the number"
NOT_15_SIGNS: Final = "expected 15 signs: 13 and a key of two digits"
KEY_MISSING: Final = "the key of two digits is missing"
NOT_A_BIRTH_MONTH: Final = "digits 4 and 5 are no month of birth"
UNKNOWN_OID: Final = "the OID is none of the national health identity (INS)"
NOT_AN_NIR: Final = "the OID announces a NIR, the number is a provisional one"
NOT_AN_NIA: Final = "the OID announces a provisional number (NIA), the number is a NIR"
OLD_INS: Final = "the OID is that of the old calculated INS (INS-C), which identifies nobody any more"
TEST_IDENTITY: Final = "the OID is kept for tests and demonstrations: no real person"
NOT_AN_RPPS: Final = "expected 11 digits (RPPS), or 8 and 11 digits (IdNPS)"
NOT_A_FINESS: Final = "expected 9 digits (FINESS; 2A or 2B first in Corsica)"
CORSICAN_KEY: Final = "the control key does not fit the number (the rule for Corsica is not confirmed)"
NOT_13_DIGITS: Final = "expected 13 digits"
NOT_A_CIP: Final = "expected 34009 at the beginning of a CIP13"
NOT_A_UCD: Final = "expected 34008 at the beginning of a UCD13"
NOT_A_SIRET: Final = "expected 14 digits (SIRET)"
NOT_A_SIREN: Final = "expected 9 digits (SIREN)"
NOT_A_SINUS: Final = "expected 21 signs: country, department, entity, year, TR or HP, six digits (SINUS)"
NO_SIGN: Final = "expected at least one sign"
BLANK_OR_CONTROL: Final = "expected neither blanks nor control characters inside"
TOO_LONG: Final = "expected 20 signs at most"
PLACEHOLDER: Final = "one sign repeated: this looks like a filler"
LOOKS_LIKE_INS: Final = "this looks like a NIR: expected a number of the hospital"
NOT_THE_HOUSE_PATTERN: Final = "expected the pattern that the hospital set for its numbers"


def compact(text: str) -> str:
    """Return `text` in capitals, without the blanks that people put between groups."""
    return "".join(text.split()).upper()


def is_digits(text: str) -> bool:
    """Return whether `text` is made of the digits 0 to 9; other scripts have digits that no register knows."""
    return text.isascii() and text.isdigit()
