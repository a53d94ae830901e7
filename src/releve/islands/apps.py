"""This room as a Django application: which islands there are, how they stand, what the shell says of them."""

from django.apps import AppConfig

__all__ = ["IslandsConfig"]


class IslandsConfig(AppConfig):
    """Views and pages of `releve.islands`."""

    name = "releve.islands"
    label = "islands"

    def ready(self) -> None:
        """Hand the shell the functions that say how the islands stand and who holds an entry."""
        from releve.islands.held import copies_of, elsewhere, island_of
        from releve.web.elsewhere import set_elsewhere

        set_elsewhere(elsewhere, copies_of, island_of)
