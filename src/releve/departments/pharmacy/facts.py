"""What can be said in the pharmacy. Pure. Source: FHIR R4 MedicationDispense; HL7 v2.5 §4.14.5 (RXD)."""

import msgspec

__all__ = ["MedicationDispensed"]


class MedicationDispensed(msgspec.Struct, frozen=True, kw_only=True, tag="medication-dispensed.1"):
    """A product dispensed to a person."""

    person: str
    request: str | None
    number: str  # RXD-7, else the moment
    visit: str | None = None
    label: str | None = None
    code: str | None = None
    quantity: str | None = None
    unit: str | None = None
    lot: str | None = None
    expires: str | None = None
    dispensed_at: int | None = None  # UTC ms
    by: str | None = None
