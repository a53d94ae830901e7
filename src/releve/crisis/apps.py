"""This room as a Django application."""

from releve.views.room import RoomConfig

__all__ = ["CrisisConfig"]


class CrisisConfig(RoomConfig):
    """Tables of `releve.crisis`."""

    name = "releve.crisis"
    label = "crisis"
    default = True
