"""How far work has come by an hour: what could be worked of a task, and a plan told as if it had been kept."""

from collections.abc import Iterable

from releve.restoration.case import Case, Task
from releve.restoration.plan import Plan
from releve.restoration.planner.calendars import calendar_masks, person_mask, window_mask
from releve.restoration.planner.links import link
from releve.restoration.replanning.events import (
    Event,
    GateFailed,
    TaskBlocked,
    TaskEnded,
    TaskLate,
    TaskStarted,
)

__all__ = ["WorkedHours", "as_planned"]


class WorkedHours:
    """The hours before `horizon` in which a task can be worked on by the people who hold it."""

    def __init__(self, case: Case, horizon: int) -> None:
        self._horizon = max(horizon, 0)
        self._calendars = calendar_masks(case, self._horizon)
        self._people = {each.id: each for each in case.people}

    def count(self, task: Task, people: Iterable[str], from_hour: int, to_hour: int) -> int:
        """Return how many hours everybody of `people` and the task's calendar have between two hours."""
        mask = self._calendars.get(task.calendar, 0) & window_mask(from_hour, to_hour, self._horizon)
        for id in people:
            person = self._people.get(id)
            mask &= person_mask(person, self._calendars, self._horizon) if person is not None else 0
        return mask.bit_count()


def as_planned(case: Case, plan: Plan, now: int, told: Iterable[Event] = ()) -> tuple[Event, ...]:
    """Return what else would be told by hour `now` had all that `told` does not speak of kept to the plan.

    What follows a task that is late, blocked or failed has not begun, nor what its people were to do after it.
    Tell these before `told`.
    """
    states = {each.task: each for each in case.states}
    late = {each.task for each in told if isinstance(each, TaskLate | TaskStarted)}
    ended = {each.task: each.at for each in told if isinstance(each, TaskEnded)}
    silent = {each.task for each in told if isinstance(each, TaskStarted | TaskBlocked | GateFailed)}
    held = late | silent  # not ended by now
    busy: set[str] = set()  # people whom a held task keeps
    links = link(case)
    events: list[tuple[int, int, Event]] = []
    for planned in sorted(plan.tasks, key=lambda each: (each.start, each.end)):
        id, state = planned.task, states.get(planned.task)
        if state is not None and state.ended is not None:
            continue
        start = state.started if state is not None and state.started is not None else planned.start
        unbegun = state is None or state.started is None
        follows = {case.tasks[i].id for i in links.before[links.task[id]]} if id in links.task else set()
        if unbegun and id not in late and not (held.isdisjoint(follows) and busy.isdisjoint(planned.people)):
            held.add(id)
            silent.add(id)
        if id in held:
            busy.update(planned.people)
        if (
            unbegun
            and id not in silent
            and (start < now or planned.end <= now)
            and start <= ended.get(id, start)
        ):
            events.append((start, 0, TaskStarted(task=id, at=start, people=planned.people)))
        if planned.end <= now and id not in held and id not in ended:
            events.append((planned.end, 1, TaskEnded(task=id, at=planned.end)))
    events.sort(key=lambda each: each[:2])
    return tuple(each[2] for each in events)
