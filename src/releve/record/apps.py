"""This room as a Django application."""

from releve.views.room import RoomConfig

__all__ = ["RecordConfig"]


class RecordConfig(RoomConfig):
    """Tables of `releve.record`."""

    name = "releve.record"
    label = "record"
    default = True

    def ready(self) -> None:
        """Hand the receipt of an act the function that says what to read again of its paper form."""
        super().ready()
        from releve.record.paper_copied import noticed_in
        from releve.web.acting import set_noticed

        set_noticed(noticed_in)
