"""This folder as a Django application."""

from django.apps import AppConfig

__all__ = ["LockedConfig"]


class LockedConfig(AppConfig):
    """The page of a locked island."""

    name = "releve.app.locked"
    label = "locked"
