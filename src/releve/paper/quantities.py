"""Doses in a form that cannot be misread by ten (pure)."""

import re

from releve.codecs.ucum import unit_code
from releve.paper.pack import Quantity

__all__ = ["SAFE", "quantity", "unit_code"]

# Digits, at most one point or comma; a comma before three digits could be a thousand: refused, see below.
_NUMBER = re.compile(r"^(?P<whole>\d*)(?:(?P<sign>[.,])(?P<part>\d*))?$", re.ASCII)
SAFE = re.compile(r"^(0|[1-9][0-9]*)(\.[0-9]*[1-9])?$", re.ASCII)


def quantity(value: str, unit: str) -> Quantity | None:
    """Return the dose in safe form (no trailing zero, no naked point), or None when it cannot be read for sure.

    None goes to `MedicationLine.dose_text`: printed as received, and said to be unread.

    >>> quantity("1.0", "mg")
    Quantity(value='1', unit='mg')
    >>> quantity(".50", "mg")
    Quantity(value='0.5', unit='mg')
    >>> quantity("1,000", "[iU]") is None  # one, or a thousand?
    True
    """
    match = _NUMBER.match(value.strip())
    if not match or not (match["whole"] or match["part"]):
        return None
    if match["sign"] == "," and len(match["part"]) == 3:
        return None
    whole = (match["whole"] or "0").lstrip("0") or "0"
    part = (match["part"] or "").rstrip("0")
    return Quantity(value=f"{whole}.{part}" if part else whole, unit=unit_code(unit))
