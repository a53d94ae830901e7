"""This room as a Django application."""

from releve.views.room import RoomConfig

__all__ = ["PrescribingConfig"]


class PrescribingConfig(RoomConfig):
    """Tables of `releve.departments.prescribing`."""

    name = "releve.departments.prescribing"
    label = "prescribing"
    default = True
