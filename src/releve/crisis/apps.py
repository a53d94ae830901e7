"""This room as a Django application: pages only; what it declares is a view of `releve.hospital`."""

from django.apps import AppConfig

__all__ = ["CrisisConfig"]


class CrisisConfig(AppConfig):
    """Pages of `releve.crisis`."""

    name = "releve.crisis"
    label = "crisis"
