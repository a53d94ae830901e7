"""This room as a Django application."""

from releve.views.room import RoomConfig

__all__ = ["ImagingConfig"]


class ImagingConfig(RoomConfig):
    """Tables of `releve.departments.imaging`."""

    name = "releve.departments.imaging"
    label = "imaging"
    default = True
