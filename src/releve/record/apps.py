"""This room as a Django application."""

from releve.views.room import RoomConfig

__all__ = ["RecordConfig"]


class RecordConfig(RoomConfig):
    """Tables of `releve.record`."""

    name = "releve.record"
    label = "record"
    default = True
