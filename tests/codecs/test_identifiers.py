"""Identifiers: what fits, what is in doubt, and the traps met in published examples."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from stdnum import luhn

from releve.codecs.identifiers import doubts
from releve.codecs.identifiers.ins import OID_DEMONSTRATION, OID_NIA, OID_NIR, OID_OLD, OID_TEST, check_ins
from releve.codecs.identifiers.numbers import check_ipp, check_sinus
from releve.codecs.identifiers.products import check_cip13, check_ean13, check_ucd13
from releve.codecs.identifiers.registers import check_finess, check_rpps, check_siren, check_siret

INS = [
    "279035121518989",
    "274075176079430",
    "137047624348415",
    "262087503203977",
    "185052A00800158",
    "285052A00800108",
    "285052B03302537",
]
FINESS = [
    *("010000016", "010780195", "010000172", "010780054"),
    *("910002773", "780110078", "340780477", "760780239"),
]


@pytest.mark.parametrize("number", [*INS, "2 79 03 51 215 189 89", "185052a00800158"])
def test_ins_with_the_right_key_is_without_doubt(number: str) -> None:
    """Corsicans, small letters and the groups printed on cards included: a false alarm teaches to ignore alarms."""
    assert check_ins(number) == []


@pytest.mark.parametrize(
    ("number", "doubt"),
    [
        ("279035121518988", doubts.WRONG_KEY),
        ("185052B00800158", doubts.WRONG_KEY),
        ("285052B03302587", doubts.WRONG_KEY),  # listed as valid in our reference notes; the rule gives 37
        ("2790351215189", doubts.KEY_MISSING),
        ("27903512151898", doubts.NOT_15_SIGNS),
        ("579035121518989", doubts.NOT_15_SIGNS),
        ("2٧9035121518989", doubts.NOT_15_SIGNS),
        ("185052C00800158", doubts.NOT_15_SIGNS),
        ("", doubts.NOT_15_SIGNS),
        ("2791351215189" + "23", doubts.NOT_A_BIRTH_MONTH),
    ],
)
def test_ins_that_does_not_fit_is_in_doubt(number: str, doubt: str) -> None:
    """A slip in the number files a patient's documents under somebody else."""
    assert doubt in check_ins(number)


@given(st.sampled_from(INS), st.integers(0, 14), st.sampled_from("0123456789"))
def test_one_wrong_digit_never_passes(number: str, place: int, digit: str) -> None:
    """What the key is for: the commonest typing error."""
    assume(number[place] in "0123456789" and number[place] != digit)

    assert check_ins(number[:place] + digit + number[place + 1 :])


@pytest.mark.parametrize(
    ("number", "oid", "exercise", "expected"),
    [
        (INS[0], OID_NIR, False, []),
        (INS[0], OID_NIA, False, [doubts.NOT_AN_NIA]),
        (INS[0], OID_TEST, False, [doubts.TEST_IDENTITY]),
        (INS[0], OID_TEST, True, []),
        (INS[0], OID_DEMONSTRATION, False, [doubts.TEST_IDENTITY]),
        (INS[0], OID_OLD, False, [doubts.OLD_INS]),
        (INS[0], "1.2.3", False, [doubts.UNKNOWN_OID]),
        ("779035121518988", OID_NIR, False, [doubts.WRONG_KEY, doubts.NOT_AN_NIR]),
    ],
)
def test_the_oid_must_agree_with_the_number(
    number: str, oid: str, exercise: bool, expected: list[str]
) -> None:
    """A test identity in care, or a provisional number taken for a final one, opens the wrong shared record."""
    assert check_ins(number, oid=oid, exercise=exercise) == expected


@pytest.mark.parametrize("number", ["10000023084", "801234567897", "1000 0023 084"])
def test_rpps_and_idnps_with_the_right_key_are_without_doubt(number: str) -> None:
    """Both forms travel: 11 digits in one message, 8 and 11 in the next."""
    assert check_rpps(number) == []


@pytest.mark.parametrize(
    ("number", "doubt"),
    [
        ("10000023085", doubts.WRONG_KEY),
        ("801234564895", doubts.WRONG_KEY),  # published by the agency itself: a doubt must never block
        ("1000002308", doubts.NOT_AN_RPPS),
        ("910000023084", doubts.NOT_AN_RPPS),
        ("1000002308A", doubts.NOT_AN_RPPS),
    ],
)
def test_rpps_that_does_not_fit_is_in_doubt(number: str, doubt: str) -> None:
    """It signs prescriptions."""
    assert check_rpps(number) == [doubt]


@pytest.mark.parametrize("number", [*FINESS, "2A0000014", "2B0000020"])
def test_finess_of_the_register_is_without_doubt(number: str) -> None:
    """Numbers of real establishments; the rule was found on them."""
    assert check_finess(number) == []


@pytest.mark.parametrize(
    ("number", "doubt"),
    [
        ("000897406", doubts.WRONG_KEY),  # in the agency's own examples
        ("2A0000015", doubts.CORSICAN_KEY),
        ("2C0000014", doubts.NOT_A_FINESS),
        ("91000277", doubts.NOT_A_FINESS),
    ],
)
def test_finess_that_does_not_fit_is_in_doubt(number: str, doubt: str) -> None:
    """It tells two hospitals of one group apart."""
    assert check_finess(number) == [doubt]


def test_codes_of_medicines_are_told_apart() -> None:
    """A box and a unit differ by one digit and by a factor of thirty."""
    assert check_cip13("3400935955838") == []
    assert check_ean13("3400935955838") == []
    assert [check_ucd13(code) for code in ("3400893766521", "3400893936047")] == [[], []]
    assert check_cip13("3400893766521") == [doubts.NOT_A_CIP]
    assert check_ucd13("3400935955838") == [doubts.NOT_A_UCD]
    assert check_ucd13("3400891234567") == [doubts.WRONG_KEY]
    assert check_ean13("34009359") == [doubts.NOT_13_DIGITS]
    assert check_cip13("03400935955838") == [doubts.NOT_13_DIGITS]


def test_companies_are_checked_like_the_register() -> None:
    """Suppliers must be paid during the downtime, the right ones."""
    assert check_siret("77220148900022") == []
    assert check_siren("772201489") == []
    assert check_siret("35600000009075") == []  # La Poste: digits add up to a multiple of five
    assert check_siret("77220148900023") == [doubts.WRONG_KEY]
    assert check_siret("7722014890002") == [doubts.NOT_A_SIRET]
    assert check_siren("772201488") == [doubts.WRONG_KEY]
    assert check_siren("77220148X") == [doubts.NOT_A_SIREN]


@pytest.mark.parametrize(
    ("number", "fits"),
    [
        ("FR075SAMU2026TR000417", True),
        ("fr 02A SDIS 2026 HP 000001", True),
        ("FR075SAMU2026XX000417", False),
        ("FR075SAMU2026TR00041", False),
        ("FR075SAMU1926TR000417", False),
    ],
)
def test_the_number_of_a_victim_has_its_shape(number: str, fits: bool) -> None:
    """Victims keep it from the street to the ward; a wrong one loses a family's search."""
    assert (check_sinus(number) == []) is fits


@pytest.mark.parametrize(
    ("number", "pattern", "expected"),
    [
        ("8000123456", "", []),
        ("CHU-77.2", "", []),
        ("  ", "", [doubts.NO_SIGN]),
        ("12 34", "", [doubts.BLANK_OR_CONTROL]),
        ("12\x0034", "", [doubts.BLANK_OR_CONTROL]),
        ("9999999999", "", [doubts.PLACEHOLDER]),
        ("1" + "23" * 10, "", [doubts.TOO_LONG]),
        (INS[0], "", [doubts.LOOKS_LIKE_INS]),
        ("8000123456", r"8\d{9}", []),
        ("123", r"8\d{9}", [doubts.NOT_THE_HOUSE_PATTERN]),
    ],
)
def test_the_hospitals_own_number_has_a_sane_shape(number: str, pattern: str, expected: list[str]) -> None:
    """Fillers and NIR typed as patient numbers join strangers in one record."""
    assert check_ipp(number, pattern=pattern) == expected


@given(st.text(max_size=24))
def test_any_text_is_survived_and_no_doubt_repeats_it(text: str) -> None:
    """Doubts go to logs and lists; they hold no value."""
    checks = [
        check_ins,
        check_rpps,
        check_finess,
        check_siret,
        check_siren,
        check_cip13,
        check_ucd13,
        check_sinus,
    ]

    found = [doubt for check in checks for doubt in check(text)] + check_ipp(text)

    assert set(found) <= {value for name, value in vars(doubts).items() if name.isupper()}


@given(st.integers(min_value=0, max_value=10**10 - 1))
def test_every_rpps_with_its_key_passes(stem: int) -> None:
    """The whole range, against the library."""
    number = f"{stem:010}"

    assert check_rpps(number + luhn.calc_check_digit(number)) == []
