"""Units of measure as feeds send them, and as people read them: UCUM codes ↔ words (pure).

A unit that is not known comes back as it was received: a guess here would be a wrong dose.
Source: The Unified Code for Units of Measure, version 2.1 (case sensitive codes).
"""

import re
from functools import lru_cache

__all__ = ["dose_unit", "symbol", "unit_code"]

# What feeds write for a dose, and the UCUM code whose word is then written in full.
_ALIASES = {
    "mg": "mg", "g": "g", "kg": "kg", "ug": "ug", "µg": "ug", "μg": "ug", "mcg": "ug", "mcgr": "ug", "gamma": "ug",
    "ng": "ng", "iu": "[iU]", "ui": "[iU]", "u": "[iU]", "unite": "[iU]", "unité": "[iU]", "unités": "[iU]",
    "unit": "[iU]", "units": "[iU]", "[iu]": "[iU]", "ml": "mL", "cc": "mL", "l": "L", "mmol": "mmol",
    "ml/h": "mL/h", "l/min": "L/min", "ui/h": "[iU]/h", "mg/h": "mg/h", "µg/h": "ug/h", "μg/h": "ug/h", "mcg/h": "ug/h",
    "goutte": "[drp]", "gouttes": "[drp]", "gtt": "[drp]", "gttes": "[drp]", "[drp]": "[drp]",
    "cp": "{tbl}", "cpr": "{tbl}", "comp": "{tbl}", "comprimé": "{tbl}", "comprimés": "{tbl}", "tab": "{tbl}",
    "gel": "{cps}", "gél": "{cps}", "gélule": "{cps}", "gélules": "{cps}", "cap": "{cps}",
    "amp": "{amp}", "ampoule": "{amp}", "ampoules": "{amp}", "flacon": "{vial}", "flacons": "{vial}", "fl": "{vial}",
    "sachet": "{sachet}", "sachets": "{sachet}", "patch": "{patch}", "supp": "{supp}", "suppositoire": "{supp}",
    "bouffée": "{puff}", "bouffées": "{puff}", "puff": "{puff}", "puffs": "{puff}",
}  # fmt: skip

# Dose units that are written in full: `U` is read as a zero and `µg` as mg. French, then English: one, several.
_DOSES = {
    "ug": ("microgramme", "microgrammes", "microgram", "micrograms"),
    "ng": ("nanogramme", "nanogrammes", "nanogram", "nanograms"),
    "[iU]": ("unité", "unités", "unit", "units"),
    "[drp]": ("goutte", "gouttes", "drop", "drops"),
    "{tbl}": ("comprimé", "comprimés", "tablet", "tablets"),
    "{cps}": ("gélule", "gélules", "capsule", "capsules"),
    "{amp}": ("ampoule", "ampoules", "ampoule", "ampoules"),
    "{vial}": ("flacon", "flacons", "vial", "vials"),
    "{sachet}": ("sachet", "sachets", "sachet", "sachets"),
    "{patch}": ("patch", "patchs", "patch", "patches"),
    "{supp}": ("suppositoire", "suppositoires", "suppository", "suppositories"),
    "{puff}": ("bouffée", "bouffées", "puff", "puffs"),
    "[iU]/h": ("unités/h", "unités/h", "units/h", "units/h"),
    "ug/h": ("microgrammes/h", "microgrammes/h", "micrograms/h", "micrograms/h"),
}

# Parts of a unit that are not written as people write them. French, then English.
_ATOMS = {
    "[iU]": ("UI", "IU"), "{IU}": ("UI", "IU"), "[IU]": ("UI", "IU"), "k[iU]": ("kUI", "kIU"), "m[iU]": ("mUI", "mIU"),
    "u[iU]": ("µUI", "µIU"), "mm[Hg]": ("mmHg", "mmHg"), "cm[H2O]": ("cmH₂O", "cmH₂O"), "Cel": ("°C", "°C"),
    "[degF]": ("°F", "°F"), "m2": ("m²", "m²"), "{1.73_m2}": ("1,73\u00a0m²", "1.73\u00a0m²"), "d": ("j", "d"),
    "wk": ("semaine", "week"), "mo": ("mois", "month"), "a": ("an", "year"), "eq": ("Eq", "Eq"), "meq": ("mEq", "mEq"),
}  # fmt: skip
_NOTHING = {"1", "[pH]", "{INR}", "{ratio}", "{index}", "{score}"}
_MICRO = re.compile(r"u(?=(?:mol|g|L|m|kat|V|A|s|eq)\b)")
_POWER = re.compile(r"10\*(-?\d+)")
_PLAIN = re.compile(r"[A-Za-zµμ°%]+")
_RAISED = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


@lru_cache(maxsize=512)
def symbol(received: str, language: str) -> str:
    """Return the unit of a measure as people write it; "" for what has none; what is not known as received.

    >>> symbol("umol/L", "fr"), symbol("10*9/L", "fr"), symbol("{IU}/mL", "fr"), symbol("[pH]", "fr")
    ('µmol/L', '10⁹/L', 'UI/mL', '')
    >>> symbol("{cellules}/champ", "fr")
    '{cellules}/champ'
    """
    text = received.strip()
    if text in _NOTHING:
        return ""
    parts = [_atom(part, language) for part in text.split("/")]
    if any(part is None for part in parts):
        return text
    return "/".join(part or "" for part in parts)


def _atom(part: str, language: str) -> str | None:
    if part in _ATOMS:
        return _ATOMS[part][0 if language.startswith("fr") else 1]
    if part == "":
        return ""  # "/min" has nothing before its bar
    if power := _POWER.fullmatch(part):
        return f"10{power[1].translate(_RAISED)}"
    return _MICRO.sub("µ", part, count=1) if _PLAIN.fullmatch(part) else None


def unit_code(received: str) -> str:
    """Return the UCUM code of a dose's unit as feeds write it, or the text itself when it is not known.

    >>> unit_code("UI"), unit_code("mcg"), unit_code("mEq")
    ('[iU]', 'ug', 'mEq')
    """
    text = received.strip()
    return _ALIASES.get(text.casefold().replace("µ", "μ"), _ALIASES.get(text.casefold(), text))


def dose_unit(received: str, value: str, language: str) -> str:
    """Return the unit of a dose in words; in full where a sign was taken for another (U, µg).

    `value` decides between one and several: in French from two on, in English all but one.

    >>> dose_unit("UI", "4000", "fr"), dose_unit("goutte", "1.5", "fr"), dose_unit("µg", "75", "en")
    ('unités', 'goutte', 'micrograms')
    """
    code = unit_code(received)
    if code not in _DOSES:
        return symbol(code, language)
    try:
        number = float(value.replace(",", "."))
    except ValueError:
        number = 2.0  # "1-2": several
    one, several = _DOSES[code][:2] if language.startswith("fr") else _DOSES[code][2:]
    single = abs(number) < 2 if language.startswith("fr") else number == 1
    return one if single else several
