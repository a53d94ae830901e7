"""This room as a Django application."""

from releve.views.room import RoomConfig

__all__ = ["LaboratoryConfig"]


class LaboratoryConfig(RoomConfig):
    """Tables of `releve.departments.laboratory`."""

    name = "releve.departments.laboratory"
    label = "laboratory"
    default = True
