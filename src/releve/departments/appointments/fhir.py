"""FHIR R4 appointments become facts. Pure. Source: FHIR R4 Appointment."""

from collections.abc import Iterator
from typing import Any

from releve.codecs.fhir.reader import Document, Resource
from releve.departments.appointments.facts import AppointmentSaid
from releve.record.fhir import instant_at, place_number, words
from releve.views.reading import Context

__all__ = ["READERS"]

STATUSES = {"cancelled": "cancelled", "noshow": "noshow", "entered-in-error": "cancelled"}


def read_appointment(appointment: Resource, document: Document, context: Context) -> Iterator[Any]:
    """Read an Appointment."""
    people: list[str] = []
    places: list[str] = []
    for participant in appointment.nodes("participant"):
        actor = participant.reference("actor")
        if actor is not None and actor.display and actor.type != "Patient":
            (places if actor.type == "Location" else people).append(actor.display)
    yield AppointmentSaid(
        person=context.person,
        number=place_number(appointment),
        label=words(appointment, "serviceType")
        or appointment.text("description")
        or words(appointment, "appointmentType"),
        place=", ".join(places) or None,
        with_whom=", ".join(people) or None,
        start_at=instant_at(appointment, "start", context),
        end_at=instant_at(appointment, "end", context),
        status=STATUSES.get(appointment.text("status"), "booked"),
        note=appointment.text("comment") or None,
    )


READERS = {"Appointment": read_appointment}
