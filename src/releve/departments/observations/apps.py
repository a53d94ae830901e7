"""This room as a Django application."""

from releve.views.room import RoomConfig

__all__ = ["ObservationsConfig"]


class ObservationsConfig(RoomConfig):
    """Tables of `releve.departments.observations`."""

    name = "releve.departments.observations"
    label = "observations"
    default = True
