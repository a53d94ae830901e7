"""This room as a Django application: pages only, no table of its own."""

from django.apps import AppConfig

__all__ = ["BedsideConfig"]


class BedsideConfig(AppConfig):
    """Pages of `releve.bedside`."""

    name = "releve.bedside"
    label = "bedside"
