"""What can be said of medication. Pure. Source: FHIR R4 MedicationRequest, MedicationAdministration; HL7 v2.5 ch. 4."""

import msgspec

__all__ = ["MedicationAdministered", "MedicationRequested", "MedicationSheetKept"]


class MedicationRequested(msgspec.Struct, frozen=True, kw_only=True, tag="medication-requested.1"):
    """A medication line, or its new state. `None`: the message did not say."""

    person: str
    placer: str
    visit: str | None = None
    label: str | None = None
    code: str | None = None
    system: str | None = None
    substance: str | None = None  # common name
    drug_class: str | None = None  # ATC
    dose_value: str | None = None  # "500", or "1-2"
    dose_unit: str | None = None
    dose_text: str | None = None
    route: str | None = None
    route_code: str | None = None
    form: str | None = None
    rate: str | None = None
    times: tuple[str, ...] | None = None  # "08:00", hospital time
    interval_hours: float | None = None
    schedule_text: str | None = None
    as_needed: bool | None = None
    condition: str | None = None
    start_at: int | None = None  # UTC ms
    end_at: int | None = None
    status: str | None = None  # active, suspended, stopped, completed, cancelled
    prescriber: str | None = None
    high_alert: bool | None = None
    note: str | None = None
    ordered_at: int | None = None
    awaits: bool | None = None  # told by telephone here: a prescriber has still to sign it
    # The line was sent again with its product, or with its hours: what these do not say no longer holds.
    whole: bool = False
    timed: bool = False
    status_if_new: str | None = (
        None  # a change does not resume a suspended line, but a line first heard of is active
    )


class MedicationAdministered(msgspec.Struct, frozen=True, kw_only=True, tag="medication-administered.1"):
    """A dose charted. `rank` tells apart what one message charts twice of the same order, product and moment."""

    person: str
    request: str | None  # placer number
    rank: int
    visit: str | None = None
    label: str | None = None
    code: str | None = None
    given_at: int | None = None
    status: str = "given"  # given, partial, omitted, refused, unknown, deleted
    dose_value: str | None = None
    dose_unit: str | None = None
    reason: str | None = None
    by: str | None = None
    route: str | None = None
    lot: str | None = None
    number: str | None = None  # RXA-2: which administration of the order
    action: str | None = None  # RXA-21: A, U (put right), D


class MedicationSheetKept(msgspec.Struct, frozen=True, kw_only=True, tag="medication-sheet-kept.1"):
    """A printed medication sheet (PDF, PN13) of a ward or a person, kept as it came."""

    ward: str | None
    about: str | None  # person key
    media_type: str
    dated_at: int | None
    person: str = ""  # folded with no person: a sheet may be about a whole ward
