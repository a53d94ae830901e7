"""How Django finds a room's tables: each room keeps them in `tables.py`."""

from importlib import import_module

from django.apps import AppConfig

__all__ = ["RoomConfig"]


class RoomConfig(AppConfig):
    """A Django application whose models live in `tables.py`, as in every room of the house."""

    default_auto_field = "django.db.models.BigAutoField"

    def import_models(self) -> None:
        """Load the room's tables instead of a `models` module."""
        assert self.apps is not None, "Django calls this once the registry stands"
        self.models = self.apps.all_models[self.label]
        self.models_module = import_module(f"{self.name}.tables")
