"""Who may chart, and what is refused at the field. Pure.

A refusal carries a code and the field it stands at; the pages hold the sentences.
"""

import re
from collections.abc import Collection, Mapping
from decimal import Decimal

from releve.departments.observations.facts import Measurement
from releve.departments.observations.signs import GLUCOSE_UNITS, SIGNS, Sign
from releve.web import refusal

__all__ = [
    "CHARTERS", "NOTE_CHARS_MAX", "VOLUME_ML_MAX", "Refusal", "check_values", "read_value", "read_volume", "unusual",
]  # fmt: skip

# Those who measure at the bed. Source: Code de la santé publique, R4311-5 (nurse), R4311-4 (with care assistants).
CHARTERS = frozenset({"nurse", "midwife", "assistant", "physician"})
NOTE_CHARS_MAX = 500
# A cardiopulmonary pump apart, nothing of ten litres is one event of a balance.
VOLUME_ML_MAX = 10_000

_NUMBER = re.compile(r"[0-9]{1,4}(?:[.,][0-9]{1,3})?")


class Refusal(refusal.Refusal, frozen=True, kw_only=True):
    """Why nothing is recorded. `field` is "" for the form as a whole; `low`, `high` bound what is expected."""

    low: str = ""
    high: str = ""


def read_value(sign: Sign, text: str) -> str | Refusal | None:
    """Return the value with a decimal point, None when nothing was written, or why it is refused.

    >>> from releve.departments.observations.signs import BY_CODE
    >>> read_value(BY_CODE["temperature"], " 38,5 ")
    '38.5'
    >>> read_value(BY_CODE["pulse"], "72.5").code
    'whole'
    """
    bare = text.strip().replace("\u00a0", "").replace("\u202f", "")
    if not bare:
        return None
    if not _NUMBER.fullmatch(bare):
        return Refusal(code="number", field=sign.code)
    value = bare.replace(",", ".")
    decimals = len(value.partition(".")[2])
    if decimals > sign.decimals:
        return Refusal(
            code="whole" if sign.decimals == 0 else "decimals", field=sign.code, high=str(sign.decimals)
        )
    if not sign.lowest <= Decimal(value) <= sign.highest:
        return Refusal(code="impossible", field=sign.code, low=str(sign.lowest), high=str(sign.highest))
    return value


def unusual(sign: Sign, value: str) -> bool:
    """Tell whether a possible value is asked again: the slip of a finger is likelier than the illness."""
    return not sign.unusual_below <= Decimal(value) <= sign.unusual_above


def check_values(
    written: Mapping[str, str],
    *,
    glucose_unit: str,
    oxygen: str,
    consciousness: str,
    confirmed: Collection[str],
) -> tuple[tuple[Measurement, ...], tuple[Refusal, ...]]:
    """Return the measurements of a form and every refusal.

    `confirmed` are those measured again, as "pulse=210": a value that was changed since is asked again.
    """
    found: list[Measurement] = []
    refused: list[Refusal] = []
    values: dict[str, str] = {}
    for listed in SIGNS:
        sign = GLUCOSE_UNITS.get(glucose_unit, listed) if listed.code == "glucose" else listed
        value = read_value(sign, written.get(sign.code, ""))
        if isinstance(value, Refusal):
            refused.append(value)
        elif value is not None:
            values[sign.code] = value
            if unusual(sign, value) and f"{sign.code}={value}" not in confirmed:
                refused.append(Refusal(code="unusual", field=sign.code, low=value))
            found.append(Measurement(code=sign.code, loinc=sign.loinc, value=value, unit=sign.unit))
    low, high = values.get("diastolic"), values.get("systolic")
    if low and high and Decimal(low) >= Decimal(high):
        refused.append(Refusal(code="pressures", field="diastolic"))
    if "oxygen_flow" in values and oxygen != "oxygen":
        refused.append(Refusal(code="flow-on-air" if oxygen == "air" else "flow-alone", field="oxygen"))
    if not found and not oxygen and not consciousness and not refused:
        refused.append(Refusal(code="nothing"))
    return tuple(found), tuple(refused)


def read_volume(text: str) -> int | Refusal:
    """Return a volume in mL, or why it is refused."""
    bare = text.strip().replace("\u00a0", "").replace("\u202f", "").replace(" ", "")
    if not re.fullmatch(r"[0-9]{1,6}", bare):
        return Refusal(code="volume", field="volume")
    volume = int(bare)
    if not 1 <= volume <= VOLUME_ML_MAX:
        return Refusal(code="impossible", field="volume", low="1", high=str(VOLUME_ML_MAX))
    return volume
