"""This room as a Django application: pages only, no table of its own."""

from django.apps import AppConfig

__all__ = ["HandbackConfig"]


class HandbackConfig(AppConfig):
    """Pages of `releve.handback`."""

    name = "releve.handback"
    label = "handback"
