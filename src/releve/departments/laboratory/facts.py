"""What can be said in medical biology. Pure. Source: FHIR R4 Observation; HL7 v2.5 §7.4.2 (OBX); IHE LAB-3."""

import msgspec

__all__ = ["ResultReported"]


class ResultReported(msgspec.Struct, frozen=True, kw_only=True, tag="result-reported.1"):
    """One result as reported; a correction is reported again, with status "corrected"."""

    person: str
    series: str  # code^system: one line of a trend
    sample: str  # filler number of the report, else the moment of sampling
    visit: str | None = None
    request: str | None = None  # placer number
    report: str | None = None
    label: str | None = None
    code: str | None = None
    system: str | None = None
    value: str | None = None  # as received
    number: float | None = None
    unit: str | None = None
    range: str | None = None
    flag: str | None = None
    status: str = "final"
    value_type: str | None = None
    sampled_at: int | None = None  # UTC ms
    issued_at: int | None = None
    validated_by: str | None = None
    note: str | None = None
