"""HL7 v2 schedules become facts. Pure.

Source: HL7 v2.5 §10.3 (SIU), §10.6.1 (SCH), §10.6.4 to 10.6.7 (AIS, AIG, AIL, AIP).
"""

from collections.abc import Iterator
from typing import Any

from releve.codecs.hl7v2.reader import Message
from releve.departments.appointments.facts import AppointmentSaid
from releve.record.first_said import first_said
from releve.record.hl7 import instant_of
from releve.views.reading import Context, NotRead

__all__ = ["read_siu"]

# Trigger (HL7 v2.5 §10.3): S12 new, S13 moved, S14 changed, S15 cancelled, S17 deleted, S26 did not come.
STATUSES = {
    "S12": "booked",
    "S13": "moved",
    "S14": "booked",
    "S15": "cancelled",
    "S16": "cancelled",
    "S17": "cancelled",
    "S26": "noshow",
}


def read_siu(message: Message, context: Context) -> Iterator[Any]:
    """Read one SIU message: one appointment."""
    sch = message.segment("SCH")
    number = first_said(sch, "1.1", "2.1") if sch is not None else None
    if sch is None or not number:
        yield NotRead(reason="SCH-1: expected the number of the appointment")
        return
    if not context.person:
        yield NotRead(reason="PID-3: expected an identifier of type PI")
        return
    service, place, people = message.segment("AIS"), message.segment("AIL"), list(message.segments("AIP"))
    start = sch["11.4"] or (service["4"] if service is not None else None)
    who = [" ".join(part for part in (aip["3.2.1"] or aip["3.2"], aip["3.3"]) if part) for aip in people]
    yield AppointmentSaid(
        person=context.person,
        number=number,
        visit=context.visit or None,
        label=(service["3.2"] or service["3.1"] if service is not None else None)
        or sch["7.2"]
        or sch["8.2"]
        or sch["7.1"],
        place=(place["3.9"] or place["3.1"] if place is not None else None),
        with_whom=", ".join(name for name in who if name) or None,
        start_at=instant_of(start, context),
        end_at=instant_of(sch["11.5"], context),
        status=STATUSES.get(message.trigger, "booked"),
        note=sch["6.2"] or None,
    )
