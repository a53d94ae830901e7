"""A restoration case: what must come back, what it needs, who can do it and when, what each day without it costs.

Everything is counted in whole **hours since `starts_at`**; hour `h` is the hour from `h` to `h + 1`, in elapsed
hours (a change to summer time moves the calendars, never the count). The format is told in
`docs/reference/restoration-case.md`. Formulation: RCPSP with calendars, skills and service milestones, where care
lost over time is what is minimised (Hartmann & Kolisch 2006; Nurre et al., EJOR 223, 2012).
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final, Literal

import msgspec

__all__ = [
    "ALWAYS", "FORMAT", "HOUR_MS", "Application", "Calendar", "CalendarException", "Case", "CaseError", "Coverage",
    "Impact", "Need", "Person", "PublishedDate", "Resource", "Service", "Share", "Skill", "SkillCount", "Task",
    "TaskKind", "TaskState", "Uncertainty", "Use", "Window", "WorkingHours", "names_of", "read_case", "write_case",
]  # fmt: skip

FORMAT: Final = "releve-restoration-case-1"
HOUR_MS = 3_600_000
ALWAYS = "always"  # the calendar that works every hour; it needs no line of its own

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
TaskKind = Literal[
    "contain", "rebuild", "restore", "scan", "harden", "test", "reopen", "catch-up", "gate", "workstations", "other"
]  # fmt: skip


class CaseError(ValueError):
    """A case cannot be read: the message names the place (`tasks[3].work_hours`) and what was expected there."""


class _Line(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One line of a case; an unknown field is an error that names it, not a setting silently ignored."""


class WorkingHours(_Line, frozen=True, kw_only=True):
    """Local hours worked on some days of the week: from `from_hour` to `to_hour` (0 to 24), every week."""

    days: tuple[Weekday, ...]
    from_hour: int
    to_hour: int


class CalendarException(_Line, frozen=True, kw_only=True):
    """From one hour to another (hours since the start, end not included), worked or not whatever the week says."""

    from_hour: int
    to_hour: int
    works: bool = False
    name: str = ""  # such as a holiday


class Calendar(_Line, frozen=True, kw_only=True):
    """When somebody works, or when a thing may run. Of two exceptions over one hour the later listed one holds."""

    id: str
    name: str = ""
    week: tuple[WorkingHours, ...] = ()
    exceptions: tuple[CalendarException, ...] = ()


class Skill(_Line, frozen=True, kw_only=True):
    """What a person can do."""

    id: str
    name: str = ""


class Window(_Line, frozen=True, kw_only=True):
    """Hours in which somebody is there, end not included."""

    from_hour: int
    to_hour: int


class Person(_Line, frozen=True, kw_only=True):
    """Somebody who works on one task at a time.

    Available at an hour when the calendar works, inside one of the windows (none: no limit), outside all absences.
    """

    id: str
    name: str = ""
    kind: Literal["staff", "expert", "vendor"] = "staff"
    skills: tuple[str, ...]
    calendar: str = ALWAYS
    windows: tuple[Window, ...] = ()
    absences: tuple[Window, ...] = ()
    no_show_probability: float = 0.0  # of a vendor's or an expert's window; in the forecast only


class Resource(_Line, frozen=True, kw_only=True):
    """What several tasks share by whole units, night and day: restore bandwidth, clean benches, rack places."""

    id: str
    name: str = ""
    units: int


class SkillCount(_Line, frozen=True, kw_only=True):
    """So many people who have the skill; no person counts twice in one task."""

    skill: str
    count: int = 1


class Use(_Line, frozen=True, kw_only=True):
    """So many units of a resource, held from the start of the task to its end."""

    resource: str
    units: int = 1


class Task(_Line, frozen=True, kw_only=True):
    """A piece of work for one application.

    It takes `work_hours` hours in which everybody of its team is available and `calendar` works. Between two such
    hours it rests (a night, a Sunday); its people and resources stay with it from its first hour to its last.
    The same people do all of it. Without a team it is machine work and follows `calendar` alone. With
    `work_hours` 0 it is a milestone: it starts and ends at one moment and holds nobody.
    A *gate* passes only on recorded evidence; a plan gives it a date, nobody but a person passes it.
    """

    id: str
    application: str
    kind: TaskKind = "other"
    name: str = ""
    work_hours: int
    after: tuple[str, ...] = ()  # tasks that end before it starts
    team: tuple[SkillCount, ...] = ()
    uses: tuple[Use, ...] = ()
    calendar: str = ALWAYS
    not_before: int = 0
    evidence: str = ""  # of a gate: what is asked, such as "rapport d’analyse antivirale sans alerte"
    fail_probability: float = 0.0  # in the forecast only
    rework: tuple[str, ...] = ()  # done again when it fails; empty: itself alone
    spread: float | None = None  # sigma of the logarithm of its length; None: that of `Uncertainty`


class Need(_Line, frozen=True, kw_only=True):
    """Another application that must be back before.

    `before` names the task of this application that waits for it; empty: all tasks that follow none of their own
    application.
    """

    application: str
    before: str = ""


class Application(_Line, frozen=True, kw_only=True):
    """An application, a technical service or a batch of workstations. It is back when all its tasks have ended."""

    id: str
    name: str = ""
    kind: Literal["application", "technical", "workstations"] = "application"
    tier: int = 3  # 1: technical ground, 2: common to several departments, 3: of one department
    needs: tuple[Need, ...] = ()
    owner: str = ""  # who answers for it, by role or name
    spread: float | None = (
        None  # sigma of what its tasks share; None: `application_sigma`; less once some have ended
    )


class Impact(_Line, frozen=True, kw_only=True):
    """From this many days after the start on, so much care is lost a day while the service is not back."""

    from_day: float
    per_day: float


class Coverage(_Line, frozen=True, kw_only=True):
    """From this many days after the start on, the degraded mode covers this share (0 to 1) of the service.

    Imaging at 40 of 350 patients a day is 0.114.
    """

    from_day: float
    share: float


class Share(_Line, frozen=True, kw_only=True):
    """This application brings this share (above 0) of the service back by itself, once all `requires` are back."""

    application: str
    share: float


class Service(_Line, frozen=True, kw_only=True):
    """A care function: it is back when all of `requires` are; the weight of care stands here, not on tasks.

    Lost until it is back at hour C: the integral from 0 to C of impact x (1 - coverage), in units of care
    (`per_day` times days). With `shares` (whose sum is at most 1), each share of the loss ends when its own application
    and all of `requires` are back, and what the shares leave ends with `requires` alone.
    """

    id: str
    name: str = ""
    requires: tuple[str, ...] = ()
    shares: tuple[Share, ...] = ()
    impact: tuple[Impact, ...]
    coverage: tuple[Coverage, ...] = ()
    patients_per_day: float = 0.0  # at normal activity, for the curve of care returned


class TaskState(_Line, frozen=True, kw_only=True):
    """What was reported of a task before `Case.now`.

    Ended: `ended`. Under way: `started`, with the people who do it and the hours of work that remain from now on.
    Blocked: it does not start or go on before `blocked_until`.
    """

    task: str
    started: int | None = None
    ended: int | None = None
    people: tuple[str, ...] = ()
    remaining_hours: int | None = None
    blocked_until: int | None = None


class PublishedDate(_Line, frozen=True, kw_only=True):
    """A date that was announced: the hour of the P80, of an application or of a service."""

    kind: Literal["application", "service"] = "application"
    id: str
    p80: int


class Uncertainty(_Line, frozen=True, kw_only=True):
    """How far work runs from its estimate, before anything was learned; log-normal around the estimate as median."""

    task_sigma: float = 0.35
    application_sigma: float = 0.25  # shared by all tasks of one application
    kind_sigma: float = 0.12  # shared by all tasks of one kind
    common_sigma: float = 0.3  # shared by all tasks: how wrong all estimates run together
    reinfection_probability: float = (
        0.0  # per application that is back: its tasks from `restore` on are done again
    )
    reinfection_after_days: float = 5.0


class Case(_Line, frozen=True, kw_only=True):
    """Everything a plan is made from."""

    format: Literal["releve-restoration-case-1"] = FORMAT
    name: str = ""
    starts_at: datetime  # hour 0, with its zone: the cut
    zone: str = "Europe/Paris"  # in which the hours of the calendars are read
    now: int = 0  # nothing that has not started may start before
    calendars: tuple[Calendar, ...] = ()
    skills: tuple[Skill, ...] = ()
    people: tuple[Person, ...] = ()
    resources: tuple[Resource, ...] = ()
    applications: tuple[Application, ...]
    tasks: tuple[Task, ...]
    services: tuple[Service, ...]
    states: tuple[TaskState, ...] = ()
    published: tuple[PublishedDate, ...] = ()
    uncertainty: Uncertainty = Uncertainty()

    @property
    def starts_at_ms(self) -> int:
        """Hour 0 as UTC milliseconds."""
        return round(self.starts_at.timestamp() * 1000)


def names_of(lines: Iterable[Application | Person | Resource | Service | Skill]) -> dict[str, str]:
    """Return the name of each of these lines by its id; the id itself where it has no name."""
    return {one.id: one.name or one.id for one in lines}


_decoder = msgspec.json.Decoder(Case)


def read_case(data: bytes) -> Case:
    """Return the case written in JSON. What it means is not judged here: see `problems.py`.

    Raises:
        CaseError: not JSON, or a line is not what the format says; the message names the place.
    """
    try:
        case = _decoder.decode(data)
    except msgspec.MsgspecError as error:
        raise CaseError(str(error)) from error
    if case.starts_at.tzinfo is None:
        raise CaseError(
            "starts_at: expected a date and time with its zone, such as 2026-11-22T03:10:00+01:00"
        )
    return case


def write_case(case: Case) -> bytes:
    """Return the case as indented JSON; what stands at its default is left out."""
    return msgspec.json.format(msgspec.json.encode(case), indent=1) + b"\n"
