"""This room as a Django application."""

from releve.views.room import RoomConfig

__all__ = ["PharmacyConfig"]


class PharmacyConfig(RoomConfig):
    """Tables of `releve.departments.pharmacy`."""

    name = "releve.departments.pharmacy"
    label = "pharmacy"
    default = True
