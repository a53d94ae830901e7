"""What decides when an application is back: the time to its return, told apart by what it goes to. Pure.

A plan says of each task what it waited for last. Walked back from the last task of an application, that gives one line
of tasks from its return to the cut; each hour of it belongs to one thing: its own work, what it needs, other work of
the people it waits for, hours at which nobody works.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from releve.restoration.case import Application, Case, Task
from releve.restoration.plan import Plan, PlannedTask

__all__ = ["Cause", "Link", "causes", "chain_of"]

Kind = Literal["own", "needs", "people", "shared", "nobody", "vendor", "named", "blocked", "gone"]
_WAITS: dict[str, Kind] = {
    "calendar": "nobody", "window": "vendor", "not-before": "named", "blocked": "blocked",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Link:
    """One task of the line, the latest first, with what the case says of it (None: no longer in the catalogue)."""

    planned: PlannedTask
    task: Task | None


@dataclass(slots=True)
class Cause:
    """What a part of the time goes to: `id` is the skill or shared means, `hours` by application, `tasks` how many."""

    kind: Kind
    id: str = ""
    hours: float = 0.0
    tasks: int = 0
    applications: dict[str, float] = field(default_factory=dict)

    def add(self, hours: float, application: str) -> None:
        """Count these hours."""
        self.hours += hours
        self.tasks += 1
        self.applications[application] = self.applications.get(application, 0.0) + hours

    @property
    def longest_first(self) -> list[str]:
        """The applications that take most of it, the longest first."""
        return sorted(self.applications, key=lambda id_: (-self.applications[id_], id_))


def chain_of(case: Case, plan: Plan, application: str) -> list[Link]:
    """Return the line of tasks that decides when an application is back, from its last task to the start."""
    planned = {one.task: one for one in plan.tasks}
    tasks = {task.id: task for task in case.tasks}
    at = _last(planned, (task.id for task in case.tasks if task.application == application))
    found: dict[str, Link] = {}
    while at is not None and at.task not in found:
        task = tasks.get(at.task)
        found[at.task] = Link(at, task)
        at = _before(at, task, case, planned)
    return list(found.values())


def _before(
    one: PlannedTask, task: Task | None, case: Case, planned: Mapping[str, PlannedTask]
) -> PlannedTask | None:
    """Return the task that comes before in the line: the one that is named, else the last of those it follows."""
    binding = one.binding
    if binding.kind == "application":
        return _last(planned, (each.id for each in case.tasks if each.application == binding.id))
    if binding.kind in ("task", "person", "resource"):
        return planned.get(binding.id)
    if task is None or binding.kind == "start":
        return None
    # Nobody works before, or an hour was named: what it follows had ended by then, and is the rest of the reason.
    return _last(planned, task.after)


def _last(planned: Mapping[str, PlannedTask], ids: Iterable[str]) -> PlannedTask | None:
    ends = [planned[id_] for id_ in ids if id_ in planned]
    return max(ends, key=lambda one: (one.end, one.start, one.task), default=None)


def causes(case: Case, line: list[Link], own: str, *, now_hour: int = 0) -> list[Cause]:
    """Return what the time from the cut to the return goes to, the most first; hours before `now_hour` are *gone*."""
    needed = _needed(case, own)
    found: dict[tuple[Kind, str], Cause] = {}

    def cause(kind: Kind, id_: str = "") -> Cause:
        return found.setdefault((kind, id_), Cause(kind, id_))

    held: tuple[Kind, str] = ("people", "")  # by what the line left the application and what it needs
    for place, link in enumerate(line):
        of = link.task.application if link.task is not None else ""
        earlier = line[place + 1].planned if place + 1 < len(line) else None
        begins = max(earlier.end if earlier is not None else 0, now_hour)
        works = max(min(link.planned.start, link.planned.end), begins)
        waits = _WAITS.get(link.planned.binding.kind)
        if waits is not None and works > begins:
            cause(waits).add(works - begins, of)
            begins = works
        if link.planned.end > begins:
            kind: tuple[Kind, str] = ("own", "") if of == own else ("needs", "") if of in needed else held
            cause(*kind).add(link.planned.end - begins, of)
        if link.planned.binding.kind == "resource" and link.task is not None:
            held = ("shared", _shared(link.task, line, place))
        elif link.planned.binding.kind == "person" and link.task is not None:
            held = ("people", _skill(case, link, earlier))
    if now_hour > 0 and line and line[0].planned.end > now_hour:
        cause("gone").hours = now_hour
    return sorted(found.values(), key=lambda one: (-one.hours, one.kind, one.id))


def _needed(case: Case, own: str) -> set[str]:
    of: dict[str, Application] = {one.id: one for one in case.applications}
    waiting, found = [own], {own}
    while waiting:
        one = of.get(waiting.pop())
        for need in one.needs if one is not None else ():
            if need.application not in found:
                found.add(need.application)
                waiting.append(need.application)
    return found


def _skill(case: Case, link: Link, earlier: PlannedTask | None) -> str:
    """Return the skill for which a task waits for people of another."""
    both = set(link.planned.people) & set(earlier.people if earlier is not None else ())
    can = {person.id: person.skills for person in case.people}
    team = [count.skill for count in link.task.team] if link.task is not None else []
    return next((skill for skill in team for id_ in sorted(both) if skill in can.get(id_, ())), "")


def _shared(task: Task, line: list[Link], place: int) -> str:
    before = line[place + 1].task if place + 1 < len(line) else None
    used = {use.resource for use in before.uses} if before is not None else set()
    return next((use.resource for use in task.uses if use.resource in used), "")
