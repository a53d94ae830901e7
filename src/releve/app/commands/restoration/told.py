"""What replan, explain and what-if share: their files of events, and English sentences for codes and hours."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from releve.app.commands.output import fail
from releve.restoration.case import Case
from releve.restoration.exports.moments import Moments
from releve.restoration.plan import Binding
from releve.restoration.replanning.events import Event, EventError, read_events

__all__ = ["care", "events_of", "moment_of", "why"]


def events_of(path: Path, name: str) -> tuple[Event, ...]:
    """Return the events in a file; ends the command when there are none to read."""
    try:
        return read_events(path.read_bytes(), name=name)
    except OSError as error:
        fail(f"{path}: {error.strerror or 'cannot be read'}")
    except EventError as error:
        fail(f"{path}: {error}")


def moment_of(case: Case) -> Callable[[int | None], str]:
    """Return what says an hour of the case as people read it, in the zone of its calendars."""
    moments = Moments.of(case)

    def said(hour: int | None) -> str:
        return f"{moments.local(hour):%a %d %b %Y %H:%M}" if hour is not None else "no date"

    return said


def why(binding: Binding) -> str:
    """Return in words what a task waited for last."""
    return {
        "start": "starts at once",
        "now": "cannot begin before now",
        "task": f"follows {binding.id}",
        "application": f"needs {binding.id}",
        "person": f"its people are busy with {binding.id}",
        "resource": f"what it uses is held by {binding.id}",
        "calendar": "nobody works before" + (f", since {binding.id} ended" if binding.id else ""),
        "window": "who does it is not there before" + (f", since {binding.id} ended" if binding.id else ""),
        "not-before": "may not begin before",
        "blocked": "is blocked until then",
    }[binding.kind]


def care(loss: float) -> str:
    """Return an amount of care, in units of care."""
    return f"{loss:,.1f}"
