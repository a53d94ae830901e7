"""What happened since a plan was made, or might happen: one struct a kind, a JSON list of them.

The format is told in `docs/reference/restoration-replan.md`. `applied.py` brings a case up to them; the same
kinds are the changes of `what_if.py`. Hours are those of the case.
"""

from typing import Literal

import msgspec

from releve.restoration.case import (
    Application,
    Calendar,
    CaseError,
    Person,
    Service,
    Skill,
    Task,
)  # fmt: skip

__all__ = [
    "ApplicationAdded", "ApplicationRemoved", "BackupInfected", "CoverageDropped", "DatePublished", "Event",
    "EventError", "GateFailed", "PeopleAdded", "PersonAbsent", "ResourceChanged", "TaskBlocked", "TaskEnded",
    "TaskLate", "TaskStarted", "VendorLate", "read_events",
]  # fmt: skip


class EventError(CaseError):
    """An event cannot be: the message names the place (`events[3].task`) and what was expected there."""


class _Event(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
    tag_field="event",
):
    pass


class TaskStarted(_Event, frozen=True, kw_only=True, tag="task-started"):
    """Work began at hour `at`.

    Without `people`, those of the plan; without `remaining_hours`, what is left of the estimate after the hours
    worked since.
    """

    task: str
    at: int
    people: tuple[str, ...] = ()
    remaining_hours: int | None = None


class TaskEnded(_Event, frozen=True, kw_only=True, tag="task-ended"):
    """Work ended at hour `at`; of a gate: passed, on evidence somebody recorded."""

    task: str
    at: int


class TaskLate(_Event, frozen=True, kw_only=True, tag="task-late"):
    """From now on so many hours of work remain; of a task that has not begun: so many in all."""

    task: str
    remaining_hours: int


class TaskBlocked(_Event, frozen=True, kw_only=True, tag="task-blocked"):
    """It does not start or go on before the hour `until`."""

    task: str
    until: int


class GateFailed(_Event, frozen=True, kw_only=True, tag="gate-failed"):
    """The evidence was not good: what the gate says is done again, and all of its application that follows.

    `hours`: work of some of these tasks this time, when it is not the first estimate.
    """

    task: str
    hours: dict[str, int] = {}


class PersonAbsent(_Event, frozen=True, kw_only=True, tag="person-absent"):
    """Somebody is away, the hour `to_hour` not included."""

    person: str
    from_hour: int
    to_hour: int


class VendorLate(_Event, frozen=True, kw_only=True, tag="vendor-late"):
    """The window that was to open at `window_from` moves; a vendor or an expert, not the staff."""

    person: str
    window_from: int
    from_hour: int
    to_hour: int


class PeopleAdded(_Event, frozen=True, kw_only=True, tag="people-added"):
    """Somebody more, or a whole team, with the calendars and skills the case did not know."""

    people: tuple[Person, ...]
    calendars: tuple[Calendar, ...] = ()
    skills: tuple[Skill, ...] = ()


class ResourceChanged(_Event, frozen=True, kw_only=True, tag="resource-changed"):
    """There are now so many units of a resource in all."""

    resource: str
    units: int


class BackupInfected(_Event, frozen=True, kw_only=True, tag="backup-infected"):
    """The backup an application was restored from is not clean: restore, scan and what followed are done again.

    The first restoring task takes `more_hours` more (an older backup must be found and read).
    """

    application: str
    more_hours: int


class ApplicationAdded(_Event, frozen=True, kw_only=True, tag="application-added"):
    """An application nobody had thought of; `required_by` names services of the case that are not back without it."""

    application: Application
    tasks: tuple[Task, ...]
    required_by: tuple[str, ...] = ()
    services: tuple[Service, ...] = ()


class ApplicationRemoved(_Event, frozen=True, kw_only=True, tag="application-removed"):
    """It is not brought back any more, and nobody waits for it; a service that nothing else brings back goes too."""

    application: str


class CoverageDropped(_Event, frozen=True, kw_only=True, tag="coverage-dropped"):
    """From this many days after the start on, the degraded mode covers only this share (0 to 1) of the service."""

    service: str
    from_day: float
    share: float


class DatePublished(_Event, frozen=True, kw_only=True, tag="date-published"):
    """A date was announced, the hour of the P80; it takes the place of the one announced before."""

    kind: Literal["application", "service"] = "application"
    id: str
    p80: int


Event = (
    TaskStarted | TaskEnded | TaskLate | TaskBlocked | GateFailed | PersonAbsent | VendorLate | PeopleAdded
    | ResourceChanged | BackupInfected | ApplicationAdded | ApplicationRemoved | CoverageDropped | DatePublished
)  # fmt: skip

_decoder = msgspec.json.Decoder(tuple[Event, ...])


def read_events(data: bytes, *, name: str = "events") -> tuple[Event, ...]:
    """Return the events of a JSON list, in the order they are told.

    Raises:
        EventError: not JSON, or a line is not what the format says; the message names the place, below `name`.
    """
    try:
        return _decoder.decode(data)
    except msgspec.MsgspecError as error:
        words = str(error)
        head, found, path = words.rpartition(" - at `$")
        raise EventError(f"{name}{path.rstrip('`')}: {head}" if found else f"{name}: {words}") from error
