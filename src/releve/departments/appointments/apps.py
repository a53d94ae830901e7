"""This room as a Django application."""

from releve.views.room import RoomConfig

__all__ = ["AppointmentsConfig"]


class AppointmentsConfig(RoomConfig):
    """Tables of `releve.departments.appointments`."""

    name = "releve.departments.appointments"
    label = "appointments"
    default = True
