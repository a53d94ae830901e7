"""This room as a Django application."""

from releve.views.room import RoomConfig

__all__ = ["WebConfig"]


class WebConfig(RoomConfig):
    """The shell: base page, components, accounts."""

    name = "releve.web"
    label = "web"
    default = True
