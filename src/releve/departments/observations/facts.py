"""What can be charted at a bed. Pure.

Sources: FHIR R4 Observation (vital signs); Royal College of Physicians, NEWS2 (2017), for air, oxygen and ACVPU.
"""

from typing import Literal

import msgspec

from releve.record.acts import CareAct

__all__ = [
    "FluidCharted",
    "HandoverTaken",
    "HandoverWritten",
    "Measurement",
    "ObservationCharted",
    "TakenOver",
]


class Measurement(msgspec.Struct, frozen=True, kw_only=True):
    """One value with its unit, never apart: digits as written, with a decimal point."""

    code: str  # of `signs`
    loinc: str
    value: str
    unit: str  # UCUM


class ObservationCharted(CareAct, frozen=True, kw_only=True, tag="observation.charted.1"):
    """All that one form said of one moment.

    `corrects` is the act that it takes the place of; without any value left, that act is withdrawn, for `reason`.
    """

    values: tuple[Measurement, ...] = ()
    consciousness: Literal["", "A", "C", "V", "P", "U"] = ""
    oxygen: Literal["", "air", "oxygen"] = ""
    spo2_scale: Literal[1, 2] = 1
    note: str = ""
    confirmed: tuple[str, ...] = ()  # unusual values that were asked again and confirmed
    corrects: str = ""
    corrects_at: int = 0  # UTC ms: when the corrected act happened
    reason: str = ""


class FluidCharted(CareAct, frozen=True, kw_only=True, tag="fluid.charted.1"):
    """What went in or came out, in millilitres. A correction takes the place of `corrects`; 0 withdraws it."""

    direction: Literal["in", "out"]
    kind: str  # oral, infusion, urine…: see `fluids`
    volume_ml: int
    note: str = ""
    corrects: str = ""
    reason: str = ""


class HandoverWritten(CareAct, frozen=True, kw_only=True, tag="handover.written.1"):
    """The nurse's own words for the next shift, about one person. They take the place of those she read (`place`)."""

    shift: str  # "2026-11-21/night": see `shifts`
    text: str


class TakenOver(msgspec.Struct, frozen=True, kw_only=True):
    """One person taken over, and the act of the words that were read about her ("": nobody wrote any)."""

    person: str
    about: str = ""


class HandoverTaken(msgspec.Struct, frozen=True, kw_only=True, tag="handover.taken.1"):
    """The next shift read the sheet of a ward and took its patients over. It is owed to no application."""

    act: str
    ward: str
    shift: str
    persons: tuple[TakenOver, ...]
    happened_at: int  # UTC ms
    by: str
    by_name: str
