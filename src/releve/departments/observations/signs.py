"""The vital signs that are charted: codes, units, what is impossible, what is asked again. Pure.

Sources: FHIR R4 vital signs profile and LOINC for codes; UCUM for units. The bounds are ours: *impossible* is what no
living person and no device shows, and is refused; *unusual* is asked again, and may be confirmed.
"""

from decimal import Decimal

import msgspec

__all__ = ["BY_CODE", "CONSCIOUSNESS", "GLUCOSE_UNITS", "PANEL_LOINC", "SIGNS", "Sign"]

PANEL_LOINC = "85353-1"  # vital signs panel


class Sign(msgspec.Struct, frozen=True, kw_only=True):
    """One measure. Bounds are inclusive and in `unit` (UCUM); `decimals` are those people may write."""

    code: str  # name of the column
    loinc: str
    unit: str
    english: str  # msgid
    lowest: Decimal
    highest: Decimal
    unusual_below: Decimal
    unusual_above: Decimal
    decimals: int = 0


def _sign(
    code: str,
    loinc: str,
    unit: str,
    english: str,
    possible: tuple[str, str],
    usual: tuple[str, str],
    decimals: int = 0,
) -> Sign:
    lowest, highest, below, above = (Decimal(text) for text in (*possible, *usual))
    return Sign(
        code=code, loinc=loinc, unit=unit, english=english, lowest=lowest, highest=highest, unusual_below=below,
        unusual_above=above, decimals=decimals,
    )  # fmt: skip


# In the order in which they are measured at a bed, which is the order of the form.
SIGNS: tuple[Sign, ...] = (
    _sign("respiratory_rate", "9279-1", "/min", "Respiratory rate", ("0", "120"), ("6", "45")),
    _sign("spo2", "59408-5", "%", "SpO₂", ("10", "100"), ("80", "100")),
    _sign("oxygen_flow", "3151-8", "L/min", "Oxygen flow", ("0.1", "80"), ("0.5", "15"), 1),
    _sign("systolic", "8480-6", "mm[Hg]", "Systolic pressure", ("20", "320"), ("75", "220")),
    _sign("diastolic", "8462-4", "mm[Hg]", "Diastolic pressure", ("5", "220"), ("35", "130")),
    _sign("pulse", "8867-4", "/min", "Pulse", ("0", "320"), ("38", "160")),
    _sign("temperature", "8310-5", "Cel", "Temperature", ("20", "46"), ("34.5", "40.5"), 1),
    _sign("pain", "72514-3", "{score}", "Pain, 0 to 10", ("0", "10"), ("0", "10")),
    _sign("weight", "29463-7", "kg", "Weight", ("0.2", "500"), ("2", "200"), 3),
    _sign("glucose", "41653-7", "g/L", "Capillary glucose", ("0.1", "20"), ("0.6", "4"), 2),
)
# The same sign in the other unit that meters show; 1 g/L of glucose is 5.55 mmol/L.
GLUCOSE_UNITS: dict[str, Sign] = {
    "g/L": next(sign for sign in SIGNS if sign.code == "glucose"),
    "mmol/L": _sign("glucose", "14743-9", "mmol/L", "Capillary glucose", ("0.5", "110"), ("3.3", "22"), 1),
}
BY_CODE: dict[str, Sign] = {sign.code: sign for sign in SIGNS}

# ACVPU, from best to worst; msgids. Source: Royal College of Physicians, NEWS2 (2017).
CONSCIOUSNESS: dict[str, str] = {
    "A": "Alert",
    "C": "New confusion",
    "V": "Responds to voice",
    "P": "Responds to pain",
    "U": "Unresponsive",
}
CONSCIOUSNESS_LOINC = "67775-7"  # level of responsiveness
