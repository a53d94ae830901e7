"""The Django application of `runtime.sqlite3`."""

from releve.views.room import RoomConfig

__all__ = ["RuntimeConfig"]


class RuntimeConfig(RoomConfig):
    """Sessions' neighbours: attempts to enter, form keys."""

    name = "releve.web.runtime"
    label = "runtime"
