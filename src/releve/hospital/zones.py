"""Whether a time zone exists, by the tables installed with Python or shipped in `tzdata`."""

import re
from zoneinfo import ZoneInfo

_ZONE = re.compile(r"[A-Za-z]+(/[A-Za-z0-9_+\-]+)*")


def is_zone(name: str) -> bool:
    """Return whether a zone of this name, such as `Europe/Paris`, is known."""
    if not _ZONE.fullmatch(name):  # before it becomes a path
        return False
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True
