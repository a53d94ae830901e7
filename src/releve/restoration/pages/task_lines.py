"""The tasks as a list that a team works from: what, for which application, when, who, where it stands."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from releve.hospital.spreadsheet import fold_name
from releve.restoration.case import Task, names_of
from releve.restoration.pages.sentences import STATES, WHY_OVERDUE, kind_name
from releve.restoration.plan import PlannedTask
from releve.restoration.standing.now import RestorationNow
from releve.restoration.standing.overdue import Overdue, overdue
from releve.restoration.standing.tasks import TaskNow, token

__all__ = [
    "TaskLine",
    "for_today",
    "in_order",
    "lines_asked",
    "task_label",
    "task_lines",
]

TODAY_HOURS = 24


@dataclass(frozen=True)
class TaskLine:
    """One task; moments are UTC milliseconds."""

    task: Task
    name: str
    application: str
    kind: str
    state: str
    state_words: str
    planned: PlannedTask | None
    start_ms: int | None
    end_ms: int | None
    people: tuple[str, ...]
    now: TaskNow | None
    overdue: Overdue | None
    overdue_words: str
    seen: str
    waits: tuple[str, ...]  # names of the tasks it follows that are not done

    @property
    def is_gate(self) -> bool:
        """Whether it passes only with evidence."""
        return self.task.kind == "gate"

    @property
    def happened_ms(self) -> int | None:
        """When it was done, or began where it is under way; None of all others, and of what machines say themselves."""
        if self.now is None or self.now.fleet is not None:
            return None
        return {"done": self.now.ended_ms, "started": self.now.started_ms}.get(self.state)


def task_label(task: Task) -> str:
    """Return the name of a task, of its kind when it has none."""
    return task.name or kind_name(task.kind).capitalize()


def task_lines(now: RestorationNow) -> list[TaskLine]:
    """Return every task, in the order in which the plan in force begins them."""
    case, seen = now.case, now.in_force
    plan = seen.plan if seen is not None else None
    planned = {one.task: one for one in plan.tasks} if plan is not None else {}
    names = names_of(case.applications)
    people = names_of(case.people)
    held = {one.task: one for one in overdue(case, plan, now.tasks)} if now.cut is not None else {}
    labels = {task.id: task_label(task) for task in case.tasks}

    def line(task: Task) -> TaskLine:
        one, due = now.tasks.get(task.id), planned.get(task.id)
        state = one.state if one is not None else "todo"
        late = held.get(task.id)
        who = (one.people if one is not None else ()) or (due.people if due is not None else ())
        return TaskLine(
            task=task,
            name=labels[task.id],
            application=names.get(task.application, task.application),
            kind=kind_name(task.kind),
            state=state,
            state_words=str(STATES[state]),
            planned=due,
            start_ms=seen.ms(due.start) if seen is not None and due is not None else None,
            end_ms=seen.ms(due.end) if seen is not None and due is not None else None,
            people=tuple(people.get(id_, id_) for id_ in who),
            now=one,
            overdue=late,
            overdue_words=str(WHY_OVERDUE[late.why]) if late is not None else "",
            seen=token(one),
            waits=tuple(
                labels[id_]
                for id_ in task.after
                if id_ in labels and not (id_ in now.tasks and now.tasks[id_].state == "done")
            ),
        )

    far = 1 << 40
    return sorted(
        (line(task) for task in case.tasks),
        key=lambda each: (
            each.planned.start if each.planned is not None else far,
            each.planned.end if each.planned is not None else far,
            each.task.id,
        ),
    )


def lines_asked(
    lines: Iterable[TaskLine], *, team: str, application: str, person: str, words: str
) -> list[TaskLine]:
    """Return the lines of a skill, of an application, of a person, or that hold each of some words; "" for any.

    Words are found in the names and ids of task and application, whatever their accents.
    """
    wanted = [word for word in fold_name(words).split("_") if word]

    def told(line: TaskLine) -> str:
        return fold_name(
            " ".join((line.application, line.task.application, line.name, line.kind, line.task.id))
        )

    return [
        line
        for line in lines
        if (not team or any(count.skill == team for count in line.task.team))
        and (not application or line.task.application == application)
        and (not person or _is_on(line, person))
        and (not wanted or all(word in told(line) for word in wanted))
    ]


def in_order(tasks: Iterable[Task]) -> list[Task]:
    """Return the tasks of an application, each after those it follows; what goes round in a circle comes last."""
    left, done, found = sorted(tasks, key=lambda one: one.id), set[str](), []
    while left:
        ids = {one.id for one in left}
        ready = [one for one in left if not any(id_ in ids and id_ not in done for id_ in one.after)] or left
        found += ready
        done.update(one.id for one in ready)
        left = [one for one in left if one.id not in done]
    return found


def for_today(lines: Iterable[TaskLine], now: RestorationNow) -> list[TaskLine]:
    """Return what is under way, held up, or planned to begin within a day."""
    hour = now.case.now
    return [
        line
        for line in lines
        if line.state != "done"
        and (
            line.state in ("started", "late", "blocked")
            or line.overdue is not None
            or (line.now is not None and line.now.disputed)
            or (line.planned is not None and line.planned.start < hour + TODAY_HOURS)
        )
    ]


def _is_on(line: TaskLine, person: str) -> bool:
    who: Any = (line.now.people if line.now is not None else ()) or (
        line.planned.people if line.planned is not None else ()
    )
    return person in who
