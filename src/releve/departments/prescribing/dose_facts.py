"""What can be said of a dose here: given, not given, and a charting put right. Pure.

Source: HL7 v2.5 §4.14.7 (RXA), FHIR R4 MedicationAdministration (status, statusReason, dosage, performer, note).
"""

import msgspec

from releve.record.acts import CareAct

__all__ = ["DOSE_ACTS", "DoseCharted", "DoseCorrected", "DoseGiven", "DoseOmitted"]


class _DoseAct(CareAct, frozen=True, kw_only=True):
    """A dose of one line. `request` is the line's row; `due_at` (UTC ms) the hour it answers, None: as needed."""

    request: str
    label: str
    code: str = ""
    due_at: int | None = None
    warned: tuple[str, ...] = ()  # what the screen said before, and was answered "all the same"
    note: str = ""


class DoseGiven(_DoseAct, frozen=True, kw_only=True, tag="dose.given.1"):
    """A dose given, or given in part; an infusion started or stopped.

    `lot`, `expiry` (ISO date) and `product` are as read from the pack. `alone` says why nobody checked with her a
    medicine that two people check.
    """

    status: str = "given"  # given, partial, started, ended
    dose_value: str = ""
    dose_unit: str = ""
    route: str = ""
    rate: str = ""
    product: str = ""
    lot: str = ""
    expiry: str = ""
    wristband: bool = False  # the patient was read, not chosen from a list
    alone: str = ""


class DoseOmitted(_DoseAct, frozen=True, kw_only=True, tag="dose.omitted.1"):
    """A dose not given: `reason` is a code of `dose_rules.REASONS`, `note` the words beside it."""

    reason: str


class DoseCorrected(_DoseAct, frozen=True, kw_only=True, tag="dose.corrected.1"):
    """A charting put right. `dose` is its row; what it said before stays in its own entry, and in `was_*` here.

    `status` "deleted": it was charted by mistake, nothing of it was done.
    """

    dose: str
    status: str
    given_at: int
    dose_value: str = ""
    dose_unit: str = ""
    reason: str = ""
    why: str
    was_status: str
    was_at: int | None = None
    was_dose: str = ""


DOSE_ACTS: dict[str, type[DoseGiven | DoseOmitted | DoseCorrected]] = {
    "dose.given.1": DoseGiven,
    "dose.omitted.1": DoseOmitted,
    "dose.corrected.1": DoseCorrected,
}


class DoseCharted(msgspec.Struct, frozen=True, kw_only=True, tag="dose-charted.1"):
    """The columns of one row of `prescribing_administration`, charted or corrected here."""

    person: str
    row: str
    line: str  # number of the line; "" where a correction does not say it again
    columns: dict[str, str | int | bool | None]
