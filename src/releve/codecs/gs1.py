"""GS1 element strings of medicine packs (DataMatrix, GS1-128), and bare product numbers. Pure.

Source: GS1 General Specifications, §3 (application identifiers), §7.8 (separator), §7.12 (dates); CIP13 and UCD13 are
GTIN-13 (34009…, 34008…). A separator that a scanner swallowed makes a serial a part of the lot: such a scan is refused,
never guessed.
"""

import re
from calendar import monthrange

import msgspec

from releve.codecs.azerty import as_scanned

__all__ = ["Product", "Unreadable", "read_elements", "read_product"]

GS = "\x1d"
# What scanners and keyboards put in its place.
_SEPARATORS = ("\u241d", "<GS>", "{GS}", "[GS]")
_SYMBOLOGY = re.compile(r"^\](?:d2|C1|Q3|e0|J1)")
_PARENTHESES = re.compile(r"\(([0-9]{2,4})\)([^()]*)")
# Length of the value of identifiers whose length is fixed by their first two digits; none: up to the separator.
_FIXED = {
    "00": 18, "01": 14, "02": 14, "03": 14, "04": 16, "11": 6, "12": 6, "13": 6, "15": 6, "16": 6, "17": 6, "20": 2,
}  # fmt: skip
# Identifiers that end at a separator: how many digits they have and how long their value may be.
_VARIABLE = {
    "10": (2, 20), "21": (2, 20), "22": (2, 20), "30": (2, 8), "37": (2, 8), "24": (3, 30), "25": (3, 30),
    "71": (3, 20), "70": (4, 30), "90": (2, 30), "91": (2, 90), "92": (2, 90), "93": (2, 90),
}  # fmt: skip
# Those that stand on every pack of medicine: found inside a value, they say that a separator was lost.
_ON_PACKS = ("01", "10", "17", "21")


class Unreadable(ValueError):
    """Why a scan is no product: not-a-product, separator-missing, check-digit, date. `args[0]` is the code."""


class Product(msgspec.Struct, frozen=True, kw_only=True):
    """What a pack says of itself. `number` is the GTIN, without the leading zero of a CIP13 or UCD13."""

    number: str
    lot: str = ""
    expiry: str = ""  # ISO date: the last day it may be given
    serial: str = ""


def read_product(scanned: str) -> Product:
    """Return the product of a scan: GS1 elements, or a bare CIP13/UCD13; typed on a French layout too.

    >>> read_product("010340093405123417260131" + "10A1234B" + GS + "21XK9F7Q0001").lot
    'A1234B'
    >>> read_product("3400893766521").number
    '3400893766521'

    Raises:
        Unreadable: it is no product, or not for sure.
    """
    text = scanned.strip(" \t\r\n")
    wrong: Unreadable | None = None
    for candidate in dict.fromkeys((text, as_scanned(text))):
        try:
            return _read(candidate)
        except Unreadable as error:
            # What reads as a product up to its fault says more than "no product at all".
            wrong = error if wrong is None or wrong.args[0] == "not-a-product" else wrong
    raise wrong or Unreadable("not-a-product")


def _read(text: str) -> Product:
    if re.fullmatch(r"[0-9]{13,14}", text):
        return Product(number=_number(text.zfill(14)))
    elements = read_elements(text)
    if "01" not in elements:
        raise Unreadable("not-a-product")
    return Product(
        number=_number(elements["01"]),
        lot=elements.get("10", ""),
        expiry=_date(elements["17"]) if "17" in elements else "",
        serial=elements.get("21", ""),
    )


def read_elements(text: str) -> dict[str, str]:
    """Return application identifier → value.

    Raises:
        Unreadable: an identifier is unknown, a value too short or too long, or a separator was lost.
    """
    for other in _SEPARATORS:
        text = text.replace(other, GS)
    text = _SYMBOLOGY.sub("", text).lstrip(GS)
    if text.startswith("("):
        pairs = _PARENTHESES.findall(text)
        if "".join(f"({ai}){value}" for ai, value in pairs) != text.replace(GS, ""):
            raise Unreadable("not-a-product")
        return {ai: value.strip() for ai, value in pairs}
    found: dict[str, str] = {}
    at = 0
    while at < len(text):
        if text[at] == GS:
            at += 1
            continue
        head = text[at : at + 2]
        if head in _FIXED:
            ai, size = head, _FIXED[head]
            value = text[at + 2 : at + 2 + size]
            if len(value) != size or not value.isascii() or not value.isdigit():
                raise Unreadable("not-a-product")
            at += 2 + size
        elif head in _VARIABLE:
            digits, most = _VARIABLE[head]
            ai = text[at : at + digits]
            end = text.find(GS, at)
            end = len(text) if end < 0 else end
            value = text[at + digits : end]
            if not ai.isdigit() or not value or not value.isascii() or not value.isprintable():
                raise Unreadable("not-a-product")
            if len(value) > most:
                raise Unreadable("separator-missing")
            at = end
        else:
            raise Unreadable("not-a-product")
        if ai in found:
            raise Unreadable("not-a-product")
        found[ai] = value
    if not found:
        raise Unreadable("not-a-product")
    _complete(found)
    return found


def _complete(found: dict[str, str]) -> None:
    """Refuse elements of which one may have swallowed another."""
    for ai in ("10", "21"):
        value = found.get(ai, "")
        for inside in _ON_PACKS:
            if inside not in found and inside in value[1:-1]:
                raise Unreadable("separator-missing")


def _number(gtin: str) -> str:
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(gtin))
    if total % 10:
        raise Unreadable("check-digit")
    return gtin[1:] if gtin.startswith("0") else gtin


def _date(text: str) -> str:
    """Return the last day of an expiry: YYMMDD, the day 00 being the last of its month.

    >>> _date("260200")
    '2026-02-28'
    """
    year, month, day = (
        2000 + int(text[:2]),
        int(text[2:4]),
        int(text[4:]),
    )  # no medicine on a shelf is of before
    if not 1 <= month <= 12 or day > monthrange(year, month)[1]:
        raise Unreadable("date")
    return f"{year:04d}-{month:02d}-{day or monthrange(year, month)[1]:02d}"
