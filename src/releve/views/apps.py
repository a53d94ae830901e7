"""This room as a Django application."""

from releve.views.room import RoomConfig

__all__ = ["ViewsConfig"]


class ViewsConfig(RoomConfig):
    """Tables of `releve.views`."""

    name = "releve.views"
    label = "views"
    default = True
