"""This room as a Django application: the catalogue, plans and what was reported of them; pages."""

from releve.views.room import RoomConfig

__all__ = ["RestorationConfig"]


class RestorationConfig(RoomConfig):
    """Views and pages of `releve.restoration`."""

    name = "releve.restoration"
    label = "restoration"
    default = True
