"""What can be said in imaging. Pure. Source: FHIR R4 DiagnosticReport; HL7 v2.5 §7.4 (OBR, OBX)."""

import msgspec

__all__ = ["ImagingReported"]


class ImagingReported(msgspec.Struct, frozen=True, kw_only=True, tag="imaging-reported.1"):
    """A report of an examination, or its next state."""

    person: str
    number: str  # filler number, else placer number
    visit: str | None = None
    request: str | None = None
    label: str | None = None
    accession: str | None = None
    body: str | None = None
    status: str = "final"
    performed_at: int | None = None  # UTC ms
    issued_at: int | None = None
    author: str | None = None
