"""A log format that names places only: a patient's value can sit in a path, a message or an exception's text."""

import logging
import traceback
from types import TracebackType

from releve.journal.logged import Stamped

__all__ = ["PlacesOnly"]

_Raised = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class PlacesOnly(Stamped):
    """Write moment, level, logger and route; of an exception its type and the lines it passed, never its text."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line, and the places of the exception below it."""
        request = getattr(record, "request", None)
        if request is not None:
            match = getattr(request, "resolver_match", None)
            route = match.route if match is not None else "no such page"
            status = getattr(record, "status_code", "")
            text = f"{record.levelname} {record.name}: {status} {request.method} {route}"
        elif record.name.startswith("django"):
            text = f"{record.levelname} {record.name}: {record.msg if isinstance(record.msg, str) else ''}"
        else:
            text = f"{record.levelname} {record.name}: {record.getMessage()}"
        text = f"{self.formatTime(record)} {text}"
        if record.exc_info:
            text = f"{text}\n{self.formatException(record.exc_info)}"
        return text

    def formatException(self, ei: _Raised) -> str:  # noqa: N802  (the name is logging's)
        """Return the type of the exception and its places, innermost last."""
        kind, _, frames = ei
        lines = [f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(frames)]
        return "\n".join([*lines, f"  {kind.__name__ if kind else 'unknown'}"])
