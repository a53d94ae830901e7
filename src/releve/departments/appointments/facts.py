"""What can be said of appointments. Pure. Source: FHIR R4 Appointment; HL7 v2.5 ch. 10 (SIU)."""

import msgspec

__all__ = ["AppointmentSaid"]


class AppointmentSaid(msgspec.Struct, frozen=True, kw_only=True, tag="appointment-said.1"):
    """An appointment as booked, moved or cancelled."""

    person: str
    number: str
    visit: str | None = None
    label: str | None = None
    place: str | None = None
    with_whom: str | None = None
    start_at: int | None = None  # UTC ms
    end_at: int | None = None
    status: str = "booked"  # booked, moved, cancelled, noshow
    note: str | None = None
