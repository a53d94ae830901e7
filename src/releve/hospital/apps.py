"""This room as a Django application."""

from releve.views.room import RoomConfig

__all__ = ["HospitalConfig"]


class HospitalConfig(RoomConfig):
    """Tables of `releve.hospital`."""

    name = "releve.hospital"
    label = "hospital"
    default = True
