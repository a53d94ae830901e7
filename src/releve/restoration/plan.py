"""A plan: the order in which applications are taken up, and what follows from it; immutable, a new one has a parent.

Hours are those of the case (see `case.py`). The dates of a plan are never announced: what is announced is the P80
of the forecast (`forecast/`), because more than half of the dates of any plan are earlier than their own median.
"""

from typing import Final, Literal

import msgspec

from releve.restoration.case import Case, CaseError

__all__ = [
    "FORMAT",
    "BackAt",
    "Binding",
    "Plan",
    "PlannedTask",
    "Preference",
    "order_back",
    "order_of",
    "read_plan",
    "write_plan",
]

FORMAT: Final = "releve-restoration-plan-1"


class _Line(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    pass


class Binding(_Line, frozen=True, kw_only=True):
    """Why a task starts no earlier: what it waited for last.

    `task`: a task it follows (`id` names it). `application`: one it needs. `person`: somebody of the skill was not
    free (`id` the task that held them). `resource`: units (`id` the task that held them). `calendar`: nobody works
    before. `window`: a vendor or expert was not there. `not-before`, `now`, `blocked`: what the case says. `start`:
    nothing, it starts at once.
    """

    kind: Literal[
        "start", "now", "task", "application", "person", "resource", "calendar", "window", "not-before", "blocked"
    ]  # fmt: skip
    id: str = ""


class PlannedTask(_Line, frozen=True, kw_only=True):
    """From the hour at which work begins to the hour at which it has ended (the end of its last hour of work)."""

    task: str
    start: int
    end: int
    people: tuple[str, ...] = ()
    binding: Binding = Binding(kind="start")


class Preference(_Line, frozen=True, kw_only=True):
    """A task that asks for these skills ends up to so many hours later rather than take this person.

    With the order it says who does what: the same order and preferences give the same dates.
    """

    skills: tuple[str, ...]  # each as often as people with it are asked
    person: str
    hours: int
    calendar: str = "always"  # of the task


class BackAt(_Line, frozen=True, kw_only=True):
    """When an application or a service is back, and (of a service) the care lost until then."""

    id: str
    hour: int
    loss: float = 0.0


class Plan(_Line, frozen=True, kw_only=True):
    """One plan for one case. `id` is a digest of its content, `case` the digest of the case's bytes."""

    format: Literal["releve-restoration-plan-1"] = FORMAT
    id: str = ""
    parent: str = ""
    case: str = ""
    made_by: str = ""  # engine and its version, or the person who made it by hand
    seed: int = 0
    order: tuple[str, ...] = ()  # applications, first taken up first
    preferences: tuple[Preference, ...] = ()
    tasks: tuple[PlannedTask, ...]
    applications: tuple[BackAt, ...] = ()
    services: tuple[BackAt, ...] = ()
    loss: float = 0.0  # care lost over all services
    bound: float | None = None  # no plan loses less; None: not computed
    left_out: tuple[str, ...] = ()  # tasks no date could be given to, with the reason in the case's problems


_decoder = msgspec.json.Decoder(Plan)


def read_plan(data: bytes) -> Plan:
    """Return the plan written in JSON.

    Raises:
        CaseError: not JSON, or a line is not what the format says; the message names the place.
    """
    try:
        return _decoder.decode(data)
    except msgspec.MsgspecError as error:
        raise CaseError(str(error)) from error


def write_plan(plan: Plan) -> bytes:
    """Return the plan as indented JSON."""
    return msgspec.json.format(msgspec.json.encode(plan), indent=1) + b"\n"


def order_of(plan: Plan, case: Case) -> tuple[str, ...]:
    """Return the plan's order of applications; of a plan without one, that of the first starts."""
    if plan.order:
        return plan.order
    application = {task.id: task.application for task in case.tasks}
    return tuple(dict.fromkeys(application[each.task] for each in plan.tasks if each.task in application))


def order_back(plan: Plan, case: Case) -> tuple[str, ...]:
    """Return the applications in the order in which the last task of each ends."""
    application = {task.id: task.application for task in case.tasks}
    planned = sorted((each.end, each.start, each.task) for each in plan.tasks if each.task in application)
    return tuple(dict.fromkeys(application[task] for _end, _start, task in reversed(planned)))[::-1]
