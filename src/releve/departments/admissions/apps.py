"""This room as a Django application."""

from releve.views.room import RoomConfig

__all__ = ["AdmissionsConfig"]


class AdmissionsConfig(RoomConfig):
    """Tables of `releve.departments.admissions`."""

    name = "releve.departments.admissions"
    label = "admissions"
    default = True
