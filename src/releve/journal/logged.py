"""What a process says of itself: each line begins with its moment, in the same form in all processes of an island."""

import logging
import sys
from datetime import UTC, datetime


class Stamped(logging.Formatter):
    """Writes moments in UTC, ISO 8601 with offset: only where Django runs is local time the hospital's."""

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802  (logging's name)
        """Return the moment of a record.

        >>> record = logging.makeLogRecord({"created": 1795300200.25})
        >>> Stamped().formatTime(record)
        '2026-11-21T22:30:00.250+00:00'
        """
        return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")


def form(name: str) -> str:
    """Return the form of a line of the process of this name."""
    return f"%(asctime)s {name}: %(message)s"


def say_on_stderr(name: str) -> None:
    """Let everything this process logs go to its standard error under its name."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Stamped(form(name)))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
