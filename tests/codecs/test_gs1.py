"""Symbols of medicine packs, as scanners really deliver them. Vectors: GS1 General Specifications; CIP."""

import pytest

from releve.codecs.azerty import as_scanned
from releve.codecs.gs1 import Product, Unreadable, read_product

GS = "\x1d"
PACK = f"01034009340512341726013110A1234B{GS}21XK9F7Q0001"  # number, expiry, lot, serial
FRENCH = str.maketrans("1234567890AQWZ", "&é\"'(-è_çàQAZW")
WHOLE = Product(number="3400934051234", lot="A1234B", expiry="2026-01-31", serial="XK9F7Q0001")


@pytest.mark.parametrize(
    "scanned",
    [
        PACK,
        f"]d2{PACK}",
        PACK.replace(GS, "\u241d"),
        PACK.replace(GS, "<GS>"),
        "(01)03400934051234(17)260131(10)A1234B(21)XK9F7Q0001",
        PACK.translate(FRENCH),
        f"{GS}{PACK}",
        f"010340093405123421XK9F7Q0001{GS}1726013110A1234B",
    ],
)
def test_a_pack_says_product_lot_expiry_and_serial(scanned: str) -> None:
    """Whatever the scanner puts before, between or instead of digits, the pack is the same."""
    assert read_product(scanned) == WHOLE


def test_a_lost_separator_is_refused() -> None:
    """The serial swallowed into the lot would make a recall miss the patient."""
    with pytest.raises(Unreadable, match="separator-missing"):
        read_product(PACK.replace(GS, ""))


def test_the_day_00_is_the_last_of_its_month() -> None:
    """A pack that expires "in February" may be given on the 28th."""
    assert read_product(PACK.replace("260131", "260200")).expiry == "2026-02-28"


@pytest.mark.parametrize("number", ["3400935955838", "3400893766521", "3400893936047"])
def test_a_bare_product_number_is_read(number: str) -> None:
    """Unit doses carry a bar code with nothing but the number; a GTIN-14 begins with a zero more."""
    assert read_product(number).number == number
    assert read_product(f"0{number}").number == number


@pytest.mark.parametrize(
    ("scanned", "code"),
    [
        ("3400891234567", "check-digit"),
        (PACK.replace("260131", "261340"), "date"),
        (PACK.replace("260131", "260230"), "date"),
        ("", "not-a-product"),
        ("RLV1|P|8000412301", "not-a-product"),
        ("010340093405", "not-a-product"),
        ("99" * 40, "not-a-product"),
        ("٣٤٠٠٨٩٣٧٦٦٥٢١", "not-a-product"),
        (f"01034009340512341010A1{GS}1010B2", "not-a-product"),
        ("0103400934051234" + "10" + "A" * 21, "separator-missing"),
        ("(01)03400934051234(10", "not-a-product"),
        ("\x00" * 5, "not-a-product"),
    ],
)
def test_what_is_not_a_product_for_sure_is_none(scanned: str, code: str) -> None:
    """A guess here is the wrong drug in a vein."""
    with pytest.raises(Unreadable) as refused:
        read_product(scanned)
    assert refused.value.args[0] == code


def test_a_label_typed_on_a_french_layout_is_read_back() -> None:
    """Half of the scanners are left on the layout they were sold with."""
    assert as_scanned("RLV&µPµ_ààà'&éè") == "RLV1|P|80004127"
