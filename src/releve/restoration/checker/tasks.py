"""Each task by itself: present, dated as the rule of execution says, by people who can, after what it follows."""

from collections.abc import Iterator

from releve.restoration.case import Task, TaskState
from releve.restoration.checker.criticism import Criticism, found
from releve.restoration.checker.reading import FAR_HOURS, Reading, team_fits
from releve.restoration.checker.values import Fact, Named, hours, people, the, these
from releve.restoration.plan import PlannedTask

__all__ = ["presence", "task_by_task"]


def presence(reading: Reading) -> Iterator[Criticism]:
    """Yield what is missing, unknown, said twice, or left out without a reason."""
    seen: set[str] = set()
    for each in reading.plan.tasks:
        if each.task not in reading.tasks:
            yield _of("dates-unknown-task", each.task)
        elif each.task in seen:
            yield _of("task-twice", each.task)
        seen.add(each.task)
    left_out = set(reading.plan.left_out)
    for name in sorted(left_out - set(reading.tasks)):
        yield _of("leaves-out-unknown-task", name)
    for name in sorted(left_out & seen):
        yield _of("dated-and-left-out", name)
    for task in reading.tasks.values():
        if task.id in seen:
            continue
        if task.id not in left_out:
            yield _of("missing-task", task.id)
        elif not _reason(reading, task):
            yield _of("left-out-without-reason", task.id)


def _reason(reading: Reading, task: Task) -> bool:
    """Return whether the case shows why a task can have no date."""
    known = reading.hours.knows(task.calendar) and task.application in reading.applications
    for before in task.after:
        known = known and before in reading.tasks
    for need in reading.needs_of(task):
        known = known and need.application in reading.applications
    if task.application in reading.applications:
        own = reading.tasks_of[task.application]
        needs = reading.applications[task.application].needs
        known = known and all(not need.before or need.before in own for need in needs)
    if not known or task.work_hours < 0 or reading.earliest(task) is None:
        return True
    if any(use.units > reading.units.get(use.resource, 0) or use.units < 0 for use in task.uses):
        return True
    if not team_fits(reading.qualified(task), tuple(reading.people)):
        return True
    # Somebody can, in principle: is there an hour at which they do? Two years ahead are looked at, every place alone.
    start = max(0, reading.case.now)
    ahead = range(start, start + 2 * 366 * 24)
    places = [[hour for hour in ahead if reading.hours.works(task.calendar, hour)]]
    for place in reading.qualified(task):
        places.append([hour for hour in places[0] if any(reading.hours.there(one, hour) for one in place)])
    return any(len(each) < task.work_hours for each in places)


def task_by_task(reading: Reading) -> Iterator[Criticism]:
    """Yield what is wrong with each dated task by itself and with what it follows."""
    at = reading.hours.said
    for planned in reading.planned.values():
        task = reading.tasks[planned.task]
        state = reading.states.get(task.id)
        if planned.start < 0 or planned.end < planned.start or planned.end > FAR_HOURS:
            yield _of("absurd-dates", task.id, start=at(planned.start), end=at(planned.end))
            continue
        if state is not None and state.ended is not None:
            if planned.end != state.ended:
                yield _of("ended-otherwise", task.id, reported=at(state.ended), planned=at(planned.end))
            yield from _started_as_reported(reading, planned, state)
            continue
        yield from _people(reading, task, planned, state)
        if state is not None and state.started is not None:
            yield from _started_as_reported(reading, planned, state)
            yield from _work(reading, task, planned, state)
            continue
        yield from _not_too_early(reading, task, planned, state)
        yield from _after(reading, task, planned)
        yield from _work(reading, task, planned, state)


def _started_as_reported(reading: Reading, planned: PlannedTask, state: TaskState) -> Iterator[Criticism]:
    at = reading.hours.said
    if state.started is not None and planned.start != state.started:
        yield _of("started-otherwise", planned.task, reported=at(state.started), planned=at(planned.start))


def _not_too_early(
    reading: Reading, task: Task, planned: PlannedTask, state: TaskState | None
) -> Iterator[Criticism]:
    at, now = reading.hours.said, reading.case.now
    start = at(planned.start)
    if planned.start < now and task.kind == "gate":
        yield _of("gate-passed-unreported", task.id, start=start, end=at(planned.end), now=at(now))
    elif planned.start < now:
        yield _of("starts-before-now", task.id, start=start, now=at(now))
    if planned.start < task.not_before:
        yield _of("starts-too-early", task.id, start=start, not_before=at(task.not_before))
    if state is not None and state.blocked_until is not None and planned.start < state.blocked_until:
        yield _of("starts-while-blocked", task.id, start=start, blocked_until=at(state.blocked_until))


def _after(reading: Reading, task: Task, planned: PlannedTask) -> Iterator[Criticism]:
    at = reading.hours.said
    for before in task.after:
        other = the("tasks", before)
        if before not in reading.tasks:
            yield _of("follows-unknown-task", task.id, other=other)
        elif before not in reading.planned:
            yield _of("follows-undated-task", task.id, other=other)
        elif (end := reading.planned[before].end) > planned.start:
            start = at(planned.start)
            yield _of("starts-before-predecessor-ends", task.id, other=other, start=start, end_before=at(end))
    for need in reading.needs_of(task):
        other = the("applications", need.application)
        if need.application not in reading.applications:
            yield _of("needs-unknown-application", task.id, other=other)
            continue
        back = reading.back(need.application)
        if back is None:
            yield _of("needs-application-never-back", task.id, other=other)
        elif back > planned.start:
            yield _of(
                "starts-before-need-is-back",
                task.id,
                other=other,
                application=the("applications", task.application),
                start=at(planned.start),
                back=at(back),
            )


def _people(
    reading: Reading, task: Task, planned: PlannedTask, state: TaskState | None
) -> Iterator[Criticism]:
    team = planned.people
    asked = sum(max(each.count, 0) for each in task.team) if task.work_hours else 0
    for person in team:
        if person not in reading.people:
            yield _of("unknown-person", task.id, person=the("people", person))
    if len(set(team)) < len(team):
        yield _of("person-twice", task.id)
    reported = reading.reported_people(task.id)
    if reported:
        if set(team) != set(reported):  # whom people put on it is theirs to say, skills or not
            under_way = these("people", reported)
            if team:
                yield _of("other-people", task.id, reported=under_way, people=these("people", team))
            else:
                yield _of("nobody-any-more", task.id, reported=under_way)
        return
    if len(team) != asked:
        yield _of("team-size", task.id, asked=people(asked), given=people(len(team)))
    elif asked and not team_fits(reading.qualified(task), team):
        skills = Named(
            list="skills",
            ids=tuple(each.skill for each in task.team),
            counts=tuple(each.count for each in task.team),
        )
        yield _of("team-skills", task.id, people=these("people", team), skills=skills)


def _work(reading: Reading, task: Task, planned: PlannedTask, state: TaskState | None) -> Iterator[Criticism]:
    """Yield what differs from the rule: the first and the last hour are worked, and all work lies between."""
    if not reading.hours.knows(task.calendar):
        yield _of("unknown-calendar", task.id, calendar=the("calendars", task.calendar))
        return
    at = reading.hours.said
    first, work = planned.start, task.work_hours
    start, end = at(planned.start), at(planned.end)
    under_way = state is not None and state.started is not None
    if under_way and state is not None:
        first = max(reading.case.now, task.not_before, state.blocked_until or 0)
        work = _remaining(reading, task, state)
        if work == 0 and planned.end != first:
            yield _of("nothing-remains", task.id, end=end, now=at(first))
        if work == 0:
            return
    if work == 0:
        if planned.start != planned.end:
            yield _of("time-without-work", task.id, start=start, end=end)
        return
    worked = [
        hour
        for hour in range(first, planned.end)
        if reading.hours.worked(planned.people, task.calendar, hour)
    ]
    if not under_way and (not worked or worked[0] != planned.start):
        if not reading.hours.works(task.calendar, planned.start):
            calendar = the("calendars", task.calendar)
            yield _of("starts-on-closed-hour", task.id, start=start, calendar=calendar)
        else:
            away = [each for each in planned.people if not reading.hours.there(each, planned.start)]
            yield _of("starts-with-people-away", task.id, start=start, people=these("people", away))
    asked = hours(work)
    if len(worked) < work:
        done = hours(len(worked))
        yield _of("too-few-hours", task.id, work_hours=asked, first=at(first), end=end, worked=done)
    elif len(worked) > work or worked[-1] != planned.end - 1:
        yield _of("ends-after-its-work", task.id, work_hours=asked, done=at(worked[work - 1] + 1), end=end)


def _remaining(reading: Reading, task: Task, state: TaskState) -> int:
    """Return the hours of work that remain of a task under way; not reported: what was not worked since it began."""
    if state.remaining_hours is not None:
        return max(state.remaining_hours, 0)
    done = sum(
        reading.hours.worked(reading.reported_people(task.id), task.calendar, hour)
        for hour in range(state.started or 0, reading.case.now)
    )
    return max(task.work_hours - done, 1 if task.work_hours else 0)


def _of(code: str, task: str, /, **facts: Fact) -> Criticism:
    return found(code, f"tasks[{task}]", task=the("tasks", task), **facts)
