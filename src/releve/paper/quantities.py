"""Doses in a form that cannot be misread by ten (pure)."""

import re

from releve.paper.pack import Quantity

# Digits, at most one point or comma; a comma before three digits could be a thousand: refused, see below.
_NUMBER = re.compile(r"^(?P<whole>\d*)(?:(?P<sign>[.,])(?P<part>\d*))?$", re.ASCII)
# What feeds write, and the UCUM code whose word paper prints in full: `U` is read as a zero, `µg` as mg.
_ALIASES = {
    "mg": "mg", "g": "g", "kg": "kg", "ug": "ug", "µg": "ug", "μg": "ug", "mcg": "ug", "mcgr": "ug", "gamma": "ug",
    "ng": "ng", "iu": "[iU]", "ui": "[iU]", "u": "[iU]", "unite": "[iU]", "unité": "[iU]", "unités": "[iU]",
    "unit": "[iU]", "units": "[iU]", "[iu]": "[iU]", "ml": "mL", "cc": "mL", "l": "L", "mmol": "mmol",
    "ml/h": "mL/h", "l/min": "L/min", "ui/h": "[iU]/h", "mg/h": "mg/h", "µg/h": "ug/h", "mcg/h": "ug/h",
    "goutte": "[drp]", "gouttes": "[drp]", "gtt": "[drp]", "gttes": "[drp]", "[drp]": "[drp]",
    "cp": "{tbl}", "cpr": "{tbl}", "comp": "{tbl}", "comprimé": "{tbl}", "comprimés": "{tbl}", "tab": "{tbl}",
    "gel": "{cps}", "gél": "{cps}", "gélule": "{cps}", "gélules": "{cps}", "cap": "{cps}",
    "amp": "{amp}", "ampoule": "{amp}", "ampoules": "{amp}", "flacon": "{vial}", "flacons": "{vial}", "fl": "{vial}",
    "sachet": "{sachet}", "sachets": "{sachet}", "patch": "{patch}", "supp": "{supp}", "suppositoire": "{supp}",
    "bouffée": "{puff}", "bouffées": "{puff}", "puff": "{puff}", "puffs": "{puff}",
}  # fmt: skip
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


def unit_code(received: str) -> str:
    """Return the UCUM code of a unit as feeds write it, or the text itself when it is not known.

    >>> unit_code("UI"), unit_code("mcg"), unit_code("mEq")
    ('[iU]', 'ug', 'mEq')
    """
    text = received.strip()
    return _ALIASES.get(text.casefold().replace("µ", "μ"), _ALIASES.get(text.casefold(), text))
