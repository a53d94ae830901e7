"""Each task by itself: present, dated as the rule of execution says, by people who can, after what it follows."""

from collections.abc import Iterator

from releve.restoration.case import Task, TaskState
from releve.restoration.checker.criticism import Criticism
from releve.restoration.checker.reading import FAR_HOURS, Reading, team_fits
from releve.restoration.plan import PlannedTask

__all__ = ["presence", "task_by_task"]


def presence(reading: Reading) -> Iterator[Criticism]:
    """Yield what is missing, unknown, said twice, or left out without a reason."""
    seen: set[str] = set()
    for each in reading.plan.tasks:
        if each.task not in reading.tasks:
            yield _wrong(
                each.task, "unknown-task", f"The plan dates {each.task}, which is no task of the case."
            )
        elif each.task in seen:
            yield _wrong(each.task, "task-twice", f"{each.task} stands twice in the plan.")
        seen.add(each.task)
    left_out = set(reading.plan.left_out)
    for name in sorted(left_out - set(reading.tasks)):
        yield _wrong(name, "unknown-task", f"The plan leaves out {name}, which is no task of the case.")
    for name in sorted(left_out & seen):
        yield _wrong(name, "dated-and-left-out", f"{name} has dates and is said to be left out.")
    for task in reading.tasks.values():
        if task.id in seen:
            continue
        if task.id not in left_out:
            sentence = f"{task.id} has no date and is not said to be left out."
            yield _wrong(task.id, "missing-task", sentence)
        elif not _reason(reading, task):
            yield Criticism(
                severity="weak",
                place=f"tasks[{task.id}]",
                rule="left-out-without-reason",
                sentence=f"{task.id} is left out, and nothing in the case shows why it could have no date.",
            )


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
    for planned in reading.planned.values():
        task = reading.tasks[planned.task]
        state = reading.states.get(task.id)
        if planned.start < 0 or planned.end < planned.start or planned.end > FAR_HOURS:
            sentence = f"{task.id} is dated from hour {planned.start} to hour {planned.end}."
            yield _wrong(task.id, "absurd-dates", sentence, start=planned.start, end=planned.end)
            continue
        if state is not None and state.ended is not None:
            yield from _as_reported(planned, state)
            continue
        yield from _people(reading, task, planned, state)
        if state is not None and state.started is not None:
            if planned.start != state.started:
                sentence = (
                    f"{task.id} was reported started at hour {state.started}; the plan says {planned.start}."
                )
                yield _wrong(task.id, "reported", sentence, reported=state.started, planned=planned.start)
            yield from _work(reading, task, planned, state)
            continue
        yield from _not_too_early(reading, task, planned, state)
        yield from _after(reading, task, planned)
        yield from _work(reading, task, planned, state)


def _as_reported(planned: PlannedTask, state: TaskState) -> Iterator[Criticism]:
    if planned.end != state.ended:
        sentence = f"{planned.task} was reported ended at hour {state.ended}; the plan says {planned.end}."
        yield _wrong(planned.task, "reported", sentence, reported=state.ended or 0, planned=planned.end)
    if state.started is not None and planned.start != state.started:
        sentence = (
            f"{planned.task} was reported started at hour {state.started}; the plan says {planned.start}."
        )
        yield _wrong(planned.task, "reported", sentence, reported=state.started, planned=planned.start)


def _not_too_early(
    reading: Reading, task: Task, planned: PlannedTask, state: TaskState | None
) -> Iterator[Criticism]:
    now = reading.case.now
    if planned.start < now and task.kind == "gate":
        sentence = (
            f"The gate {task.id} is said to have passed at {reading.hours.said(planned.end)}, before now (hour {now}), "
            "and nobody reported it: a gate passes only on recorded evidence."
        )
        yield _wrong(task.id, "gate-passed", sentence, start=planned.start, now=now)
    elif planned.start < now:
        sentence = (
            f"{task.id} starts at hour {planned.start}, before now (hour {now}), and nobody reported it."
        )
        yield _wrong(task.id, "before-now", sentence, start=planned.start, now=now)
    if planned.start < task.not_before:
        sentence = (
            f"{task.id} starts at hour {planned.start}; the case says not before hour {task.not_before}."
        )
        yield _wrong(task.id, "not-before", sentence, start=planned.start, not_before=task.not_before)
    if state is not None and state.blocked_until is not None and planned.start < state.blocked_until:
        sentence = (
            f"{task.id} starts at hour {planned.start}; it is blocked until hour {state.blocked_until}."
        )
        yield _wrong(task.id, "blocked", sentence, start=planned.start, blocked_until=state.blocked_until)


def _after(reading: Reading, task: Task, planned: PlannedTask) -> Iterator[Criticism]:
    for before in task.after:
        if before not in reading.tasks:
            yield _wrong(
                task.id, "unknown-task", f"{task.id} follows {before}, which is no task of the case."
            )
        elif before not in reading.planned:
            sentence = f"{task.id} has a date and follows {before}, which has none."
            yield _wrong(task.id, "precedence", sentence)
        elif reading.planned[before].end > planned.start:
            end = reading.planned[before].end
            sentence = (
                f"{task.id} starts at hour {planned.start}; {before}, which it follows, ends at hour {end}."
            )
            yield _wrong(task.id, "precedence", sentence, start=planned.start, end_before=end)
    for need in reading.needs_of(task):
        if need.application not in reading.applications:
            sentence = f"{task.id} needs {need.application}, which is no application of the case."
            yield _wrong(task.id, "unknown-application", sentence)
            continue
        back = reading.back(need.application)
        if back is None:
            sentence = f"{task.id} has a date and needs {need.application}, which is never back."
            yield _wrong(task.id, "dependency", sentence)
        elif back > planned.start:
            sentence = (
                f"{task.id} starts at hour {planned.start}; {need.application}, which {task.application} needs, "
                f"is back at hour {back}."
            )
            yield _wrong(task.id, "dependency", sentence, start=planned.start, back=back)


def _people(
    reading: Reading, task: Task, planned: PlannedTask, state: TaskState | None
) -> Iterator[Criticism]:
    people = planned.people
    asked = sum(max(each.count, 0) for each in task.team) if task.work_hours else 0
    for person in people:
        if person not in reading.people:
            yield _wrong(
                task.id, "unknown-person", f"{task.id} is given to {person}, who is nobody of the case."
            )
    if len(set(people)) < len(people):
        yield _wrong(task.id, "person-twice", f"One person stands twice in the team of {task.id}.")
    reported = reading.reported_people(task.id)
    if reported:
        if set(people) != set(reported):  # whom people put on it is theirs to say, skills or not
            sentence = (
                f"{task.id} is under way with {', '.join(reported)}; the plan gives it to "
                f"{', '.join(people) or 'nobody'}, and the same people do all of a task."
            )
            yield _wrong(task.id, "same-people", sentence)
        return
    if len(people) != asked:
        sentence = f"{task.id} asks for {asked} people and is given {len(people)}."
        yield _wrong(task.id, "team-size", sentence, asked=asked, given=len(people))
    elif asked and not team_fits(reading.qualified(task), people):
        skills = ", ".join(f"{each.count} × {each.skill}" for each in task.team)
        sentence = (
            f"The people of {task.id} ({', '.join(people)}) do not have the skills it asks for ({skills})."
        )
        yield _wrong(task.id, "skill", sentence, asked=asked)


def _work(reading: Reading, task: Task, planned: PlannedTask, state: TaskState | None) -> Iterator[Criticism]:
    """Yield what differs from the rule: the first and the last hour are worked, and all work lies between."""
    if not reading.hours.knows(task.calendar):
        yield _wrong(
            task.id, "unknown-calendar", f"{task.id} follows the calendar {task.calendar}, which is unknown."
        )
        return
    first, work = planned.start, task.work_hours
    under_way = state is not None and state.started is not None
    if under_way and state is not None:
        first = max(reading.case.now, task.not_before, state.blocked_until or 0)
        work = _remaining(reading, task, state)
        if work == 0 and planned.end != first:
            sentence = (
                f"Nothing remains of {task.id}; the plan ends it at hour {planned.end} and not at {first}."
            )
            yield _wrong(task.id, "end", sentence, end=planned.end, now=first)
        if work == 0:
            return
    if work == 0:
        if planned.start != planned.end:
            sentence = f"{task.id} has no work and takes from hour {planned.start} to hour {planned.end}."
            yield _wrong(task.id, "end", sentence, start=planned.start, end=planned.end)
        return
    worked = [
        hour
        for hour in range(first, planned.end)
        if reading.hours.worked(planned.people, task.calendar, hour)
    ]
    said = reading.hours.said
    if not under_way and (not worked or worked[0] != planned.start):
        sentence = (
            f"{task.id} starts at {said(planned.start)}, an hour in which {_who(reading, task, planned)}."
        )
        yield _wrong(task.id, "start", sentence, start=planned.start)
    if len(worked) < work:
        sentence = (
            f"{task.id} has {work} hours of work; between hour {first} and its end at {said(planned.end)} "
            f"its team and its calendar allow {len(worked)}."
        )
        yield _wrong(task.id, "work", sentence, work_hours=work, worked=len(worked), end=planned.end)
    elif len(worked) > work or worked[-1] != planned.end - 1:
        end = worked[work - 1] + 1
        sentence = (
            f"The {work} hours of work of {task.id} have been done at {said(end)}; the plan ends it at "
            f"{said(planned.end)}."
        )
        yield _wrong(task.id, "end", sentence, work_hours=work, end=planned.end, done=end)


def _remaining(reading: Reading, task: Task, state: TaskState) -> int:
    """Return the hours of work that remain of a task under way; not reported: what was not worked since it began."""
    if state.remaining_hours is not None:
        return max(state.remaining_hours, 0)
    done = sum(
        reading.hours.worked(reading.reported_people(task.id), task.calendar, hour)
        for hour in range(state.started or 0, reading.case.now)
    )
    return max(task.work_hours - done, 1 if task.work_hours else 0)


def _who(reading: Reading, task: Task, planned: PlannedTask) -> str:
    """Return why an hour is not worked."""
    if not reading.hours.works(task.calendar, planned.start):
        return f"its calendar {task.calendar} does not work"
    absent = [each for each in planned.people if not reading.hours.there(each, planned.start)]
    return f"{', '.join(absent) or 'nobody'} {'are' if len(absent) > 1 else 'is'} not there"


def _wrong(task: str, rule: str, sentence: str, **numbers: float) -> Criticism:
    return Criticism(severity="wrong", place=f"tasks[{task}]", rule=rule, sentence=sentence, numbers=numbers)
