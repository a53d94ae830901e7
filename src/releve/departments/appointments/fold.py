"""Appointments become rows. Pure."""

from collections.abc import Callable, Iterable
from typing import Any

from releve.departments.appointments.facts import AppointmentSaid
from releve.record.fold import said
from releve.views.reading import Context, Row

__all__ = ["FOLDS"]


def appointment_said(fact: AppointmentSaid, context: Context) -> Iterable[Row]:
    """One row for each appointment number; a change changes it."""
    columns = said(**{name: getattr(fact, name) for name in fact.__struct_fields__ if name != "person"})
    return [Row("appointments_appointment", f"{fact.person}/{fact.number}", columns)]


FOLDS: dict[type, Callable[[Any, Context], Iterable[Row]]] = {AppointmentSaid: appointment_said}
