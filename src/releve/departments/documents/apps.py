"""This room as a Django application."""

from releve.views.room import RoomConfig

__all__ = ["DocumentsConfig"]


class DocumentsConfig(RoomConfig):
    """Tables of `releve.departments.documents`."""

    name = "releve.departments.documents"
    label = "documents"
    default = True
