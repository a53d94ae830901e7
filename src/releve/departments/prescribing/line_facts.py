"""What is done to a medication line here: the bodies of the entries `prescription.*`. Pure.

Source: FHIR R4 MedicationRequest (status, dosageInstruction); HL7 v2.5 §4 (ORC-1 NW, XO, DC, HD, RL).
"""

from hashlib import blake2b
from typing import Literal

import msgspec

from releve.record.acts import CareAct

__all__ = [
    "Decided",
    "LineAct",
    "OPINIONS",
    "Posology",
    "PrescriptionChanged",
    "PrescriptionCountersigned",
    "PrescriptionOpinion",
    "PrescriptionReconciled",
    "PrescriptionResumed",
    "PrescriptionStarted",
    "PrescriptionStopped",
    "PrescriptionSuspended",
    "Warned",
    "order_number",
]


class Posology(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is to be given, how and when. Instants are UTC ms, `[start, end[`; `times` are hospital time.

    `interval_hours` of a line given as needed is the least time between two doses. `free_text`: the product was typed,
    not chosen, so nothing is known of its substance.
    """

    label: str
    code: str = ""  # UCD13, CIP13 or local
    system: str = ""
    substance: str = ""
    drug_class: str = ""  # ATC
    free_text: bool = False
    dose_value: str = ""  # "500"; a range is "1-2"
    dose_unit: str = ""  # UCUM
    route: str = ""
    route_code: str = ""  # HL7 table 0162
    form: str = ""
    rate: str = ""  # "20 mL/h"
    times: tuple[str, ...] = ()
    interval_hours: float | None = None
    once: bool = False
    as_needed: bool = False
    continuous: bool = False
    condition: str = ""
    start_at: int | None = None
    end_at: int | None = None
    high_alert: bool = False
    note: str = ""


class Warned(msgspec.Struct, frozen=True, kw_only=True):
    """A warning that was shown, and why the prescriber went on."""

    check: str
    about: str = ""
    reason: str = ""


class PrescriptionStarted(CareAct, frozen=True, kw_only=True, tag="prescription.started.1"):
    """A new line. `awaits`: told by telephone, a prescriber has still to sign it."""

    order: str
    what: Posology
    prescriber: str = ""  # account; "" while it waits for a signature
    prescriber_name: str = ""
    awaits: bool = False
    warnings: tuple[Warned, ...] = ()
    unchecked: tuple[str, ...] = ()  # checks that could not be made, as "check:what is missing"
    checked: tuple[str, ...] = ()  # checks that were made
    copied_from: str = ""  # the row it was copied from
    protocol: str = ""


class _OnLine(CareAct, frozen=True, kw_only=True):
    """An act on a line that is there. `line` is its row, "PERSON/PLACER"; `label` its product, for lone readers."""

    line: str
    label: str = ""
    awaits: bool = False


class PrescriptionChanged(_OnLine, frozen=True, kw_only=True, tag="prescription.changed.1"):
    """A line as it is from here on, whole. `revalidated`: it was received from an application, and is signed here."""

    what: Posology
    before: Posology | None = None
    prescriber: str = ""
    prescriber_name: str = ""
    revalidated: bool = False
    warnings: tuple[Warned, ...] = ()
    unchecked: tuple[str, ...] = ()
    checked: tuple[str, ...] = ()


class PrescriptionStopped(_OnLine, frozen=True, kw_only=True, tag="prescription.stopped.1"):
    """A line that is given no more."""

    reason: str


class PrescriptionSuspended(_OnLine, frozen=True, kw_only=True, tag="prescription.suspended.1"):
    """A line that waits."""

    reason: str


class PrescriptionResumed(_OnLine, frozen=True, kw_only=True, tag="prescription.resumed.1"):
    """A suspended line that goes on."""

    reason: str = ""


Opinion = Literal["agrees", "advises", "asks-change", "asks-stop"]
OPINIONS: tuple[Opinion, ...] = ("agrees", "advises", "asks-change", "asks-stop")


class PrescriptionOpinion(_OnLine, frozen=True, kw_only=True, tag="prescription.opinion.1"):
    """What a pharmacist thinks of a line. It changes nothing by itself."""

    opinion: Opinion
    text: str = ""


class PrescriptionCountersigned(_OnLine, frozen=True, kw_only=True, tag="prescription.countersigned.1"):
    """A prescriber signs what was told by telephone. `acts` are those acts."""

    acts: tuple[str, ...] = ()


class Decided(msgspec.Struct, frozen=True, kw_only=True):
    """What was decided of one line before the ward writes in the application again."""

    line: str
    label: str
    decision: Literal["goes-on", "enter", "stop", "none"]
    place: str = ""


class PrescriptionReconciled(CareAct, frozen=True, kw_only=True, tag="prescription.reconciled.1"):
    """Every active line of a person was looked at and decided on, and somebody signed."""

    decided: tuple[Decided, ...]


LineAct = (
    PrescriptionStarted
    | PrescriptionChanged
    | PrescriptionStopped
    | PrescriptionSuspended
    | PrescriptionResumed
    | PrescriptionOpinion
    | PrescriptionCountersigned
    | PrescriptionReconciled
)

# Crockford's base 32: no letter that is read as a figure.
_SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def order_number(act: str) -> str:
    """Return the order number of a line started by this act: the same on every island.

    Sixty bits of a digest of the act's own key, which is drawn by lot, under the prefix of Relève: among a million
    orders of all islands, one chance in two million that two are alike.

    >>> order_number("a-form-s-own-key"), len(order_number("another"))
    ('RLVYD30KSBKA5ZG', 15)
    """
    bits = int.from_bytes(blake2b(act.encode(), digest_size=8).digest(), "big") >> 4
    return "RLV" + "".join(_SIGNS[bits >> shift & 31] for shift in range(55, -5, -5))
