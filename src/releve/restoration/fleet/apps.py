"""The fleet as a Django application."""

from releve.views.room import RoomConfig

__all__ = ["FleetConfig"]


class FleetConfig(RoomConfig):
    """Tables and pages of `releve.restoration.fleet`."""

    name = "releve.restoration.fleet"
    label = "fleet"
    default = True
