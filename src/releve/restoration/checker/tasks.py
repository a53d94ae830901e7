"""Each task by itself: present, dated as the rule of execution says, by people who can, after what it follows."""

from collections.abc import Iterator

from releve.restoration.case import Task, TaskState
from releve.restoration.checker.criticism import Criticism
from releve.restoration.checker.reading import FAR_HOURS, Reading, team_fits
from releve.restoration.checker.sentences import Fact
from releve.restoration.plan import PlannedTask

__all__ = ["presence", "task_by_task"]


def presence(reading: Reading) -> Iterator[Criticism]:
    """Yield what is missing, unknown, said twice, or left out without a reason."""
    seen: set[str] = set()
    for each in reading.plan.tasks:
        if each.task not in reading.tasks:
            yield _wrong(each.task, "unknown-task", "The plan dates %(task)s, which is no task of the case.")
        elif each.task in seen:
            yield _wrong(each.task, "task-twice", "%(task)s stands twice in the plan.")
        seen.add(each.task)
    left_out = set(reading.plan.left_out)
    for name in sorted(left_out - set(reading.tasks)):
        yield _wrong(name, "unknown-task", "The plan leaves out %(task)s, which is no task of the case.")
    for name in sorted(left_out & seen):
        yield _wrong(name, "dated-and-left-out", "%(task)s has dates and is said to be left out.")
    for task in reading.tasks.values():
        if task.id in seen:
            continue
        if task.id not in left_out:
            yield _wrong(task.id, "missing-task", "%(task)s has no date and is not said to be left out.")
        elif not _reason(reading, task):
            yield Criticism(
                severity="weak",
                place=f"tasks[{task.id}]",
                rule="left-out-without-reason",
                said="%(task)s is left out, and nothing in the case shows why it could have no date.",
                facts={"task": task.id},
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
            sentence = "%(task)s is dated from hour %(start)s to hour %(end)s."
            yield _wrong(task.id, "absurd-dates", sentence, start=planned.start, end=planned.end)
            continue
        if state is not None and state.ended is not None:
            yield from _as_reported(planned, state)
            continue
        yield from _people(reading, task, planned, state)
        if state is not None and state.started is not None:
            if planned.start != state.started:
                sentence = "%(task)s was reported started at hour %(reported)s; the plan says %(planned)s."
                yield _wrong(task.id, "reported", sentence, reported=state.started, planned=planned.start)
            yield from _work(reading, task, planned, state)
            continue
        yield from _not_too_early(reading, task, planned, state)
        yield from _after(reading, task, planned)
        yield from _work(reading, task, planned, state)


def _as_reported(planned: PlannedTask, state: TaskState) -> Iterator[Criticism]:
    if planned.end != state.ended:
        sentence = "%(task)s was reported ended at hour %(reported)s; the plan says %(planned)s."
        yield _wrong(planned.task, "reported", sentence, reported=state.ended or 0, planned=planned.end)
    if state.started is not None and planned.start != state.started:
        sentence = "%(task)s was reported started at hour %(reported)s; the plan says %(planned)s."
        yield _wrong(planned.task, "reported", sentence, reported=state.started, planned=planned.start)


def _not_too_early(
    reading: Reading, task: Task, planned: PlannedTask, state: TaskState | None
) -> Iterator[Criticism]:
    now = reading.case.now
    if planned.start < now and task.kind == "gate":
        sentence = (
            "The gate %(task)s is said to have passed at %(at)s, before now (hour %(now)s), "
            "and nobody reported it: a gate passes only on recorded evidence."
        )
        facts: dict[str, Fact] = {"at": reading.hours.said(planned.end)}
        yield _wrong(task.id, "gate-passed", sentence, facts, start=planned.start, now=now)
    elif planned.start < now:
        sentence = "%(task)s starts at hour %(start)s, before now (hour %(now)s), and nobody reported it."
        yield _wrong(task.id, "before-now", sentence, start=planned.start, now=now)
    if planned.start < task.not_before:
        sentence = "%(task)s starts at hour %(start)s; the case says not before hour %(not_before)s."
        yield _wrong(task.id, "not-before", sentence, start=planned.start, not_before=task.not_before)
    if state is not None and state.blocked_until is not None and planned.start < state.blocked_until:
        sentence = "%(task)s starts at hour %(start)s; it is blocked until hour %(blocked_until)s."
        yield _wrong(task.id, "blocked", sentence, start=planned.start, blocked_until=state.blocked_until)


def _after(reading: Reading, task: Task, planned: PlannedTask) -> Iterator[Criticism]:
    for before in task.after:
        if before not in reading.tasks:
            sentence = "%(task)s follows %(other)s, which is no task of the case."
            yield _wrong(task.id, "unknown-task", sentence, {"other": before})
        elif before not in reading.planned:
            sentence = "%(task)s has a date and follows %(other)s, which has none."
            yield _wrong(task.id, "precedence", sentence, {"other": before})
        elif reading.planned[before].end > planned.start:
            end = reading.planned[before].end
            sentence = (
                "%(task)s starts at hour %(start)s; %(other)s, which it follows, ends at hour %(end_before)s."
            )
            yield _wrong(
                task.id, "precedence", sentence, {"other": before}, start=planned.start, end_before=end
            )
    for need in reading.needs_of(task):
        if need.application not in reading.applications:
            sentence = "%(task)s needs %(other)s, which is no application of the case."
            yield _wrong(task.id, "unknown-application", sentence, {"other": need.application})
            continue
        back = reading.back(need.application)
        if back is None:
            sentence = "%(task)s has a date and needs %(other)s, which is never back."
            yield _wrong(task.id, "dependency", sentence, {"other": need.application})
        elif back > planned.start:
            sentence = (
                "%(task)s starts at hour %(start)s; %(other)s, which %(application)s needs, "
                "is back at hour %(back)s."
            )
            facts: dict[str, Fact] = {"other": need.application, "application": task.application}
            yield _wrong(task.id, "dependency", sentence, facts, start=planned.start, back=back)


def _people(
    reading: Reading, task: Task, planned: PlannedTask, state: TaskState | None
) -> Iterator[Criticism]:
    people = planned.people
    asked = sum(max(each.count, 0) for each in task.team) if task.work_hours else 0
    for person in people:
        if person not in reading.people:
            sentence = "%(task)s is given to %(person)s, who is nobody of the case."
            yield _wrong(task.id, "unknown-person", sentence, {"person": person})
    if len(set(people)) < len(people):
        yield _wrong(task.id, "person-twice", "One person stands twice in the team of %(task)s.")
    reported = reading.reported_people(task.id)
    if reported:
        if set(people) != set(reported):  # whom people put on it is theirs to say, skills or not
            sentence = (
                "%(task)s is under way with %(reported)s; the plan gives it to %(people)s, and the same people do all "
                "of a task."
                if people
                else "%(task)s is under way with %(reported)s; the plan gives it to nobody, and the same people do all "
                "of a task."
            )
            facts: dict[str, Fact] = {"reported": ", ".join(reported), "people": ", ".join(people)}
            yield _wrong(task.id, "same-people", sentence, facts)
        return
    if len(people) != asked:
        sentence = "%(task)s asks for %(asked)s people and is given %(given)s."
        yield _wrong(task.id, "team-size", sentence, asked=asked, given=len(people))
    elif asked and not team_fits(reading.qualified(task), people):
        skills = ", ".join(f"{each.count} × {each.skill}" for each in task.team)
        sentence = "The people of %(task)s (%(people)s) do not have the skills it asks for (%(skills)s)."
        yield _wrong(task.id, "skill", sentence, {"people": ", ".join(people), "skills": skills}, asked=asked)


def _work(reading: Reading, task: Task, planned: PlannedTask, state: TaskState | None) -> Iterator[Criticism]:
    """Yield what differs from the rule: the first and the last hour are worked, and all work lies between."""
    if not reading.hours.knows(task.calendar):
        sentence = "%(task)s follows the calendar %(calendar)s, which is unknown."
        yield _wrong(task.id, "unknown-calendar", sentence, {"calendar": task.calendar})
        return
    first, work = planned.start, task.work_hours
    under_way = state is not None and state.started is not None
    if under_way and state is not None:
        first = max(reading.case.now, task.not_before, state.blocked_until or 0)
        work = _remaining(reading, task, state)
        if work == 0 and planned.end != first:
            sentence = "Nothing remains of %(task)s; the plan ends it at hour %(end)s and not at %(now)s."
            yield _wrong(task.id, "end", sentence, end=planned.end, now=first)
        if work == 0:
            return
    if work == 0:
        if planned.start != planned.end:
            sentence = "%(task)s has no work and takes from hour %(start)s to hour %(end)s."
            yield _wrong(task.id, "end", sentence, start=planned.start, end=planned.end)
        return
    worked = [
        hour
        for hour in range(first, planned.end)
        if reading.hours.worked(planned.people, task.calendar, hour)
    ]
    said = reading.hours.said
    if not under_way and (not worked or worked[0] != planned.start):
        sentence, who = _who(reading, task, planned)
        yield _wrong(task.id, "start", sentence, who | {"at": said(planned.start)}, start=planned.start)
    if len(worked) < work:
        sentence = (
            "%(task)s has %(work_hours)s hours of work; between hour %(first)s and its end at %(at)s "
            "its team and its calendar allow %(worked)s."
        )
        ends: dict[str, Fact] = {"first": first, "at": said(planned.end)}
        yield _wrong(task.id, "work", sentence, ends, work_hours=work, worked=len(worked), end=planned.end)
    elif len(worked) > work or worked[-1] != planned.end - 1:
        end = worked[work - 1] + 1
        sentence = (
            "The %(work_hours)s hours of work of %(task)s have been done at %(done_at)s; the plan ends it at "
            "%(ends_at)s."
        )
        facts: dict[str, Fact] = {"done_at": said(end), "ends_at": said(planned.end)}
        yield _wrong(task.id, "end", sentence, facts, work_hours=work, end=planned.end, done=end)


def _remaining(reading: Reading, task: Task, state: TaskState) -> int:
    """Return the hours of work that remain of a task under way; not reported: what was not worked since it began."""
    if state.remaining_hours is not None:
        return max(state.remaining_hours, 0)
    done = sum(
        reading.hours.worked(reading.reported_people(task.id), task.calendar, hour)
        for hour in range(state.started or 0, reading.case.now)
    )
    return max(task.work_hours - done, 1 if task.work_hours else 0)


def _who(reading: Reading, task: Task, planned: PlannedTask) -> tuple[str, dict[str, Fact]]:
    """Return the sentence that says why an hour is not worked, and its facts."""
    if not reading.hours.works(task.calendar, planned.start):
        sentence = "%(task)s starts at %(at)s, an hour in which its calendar %(calendar)s does not work."
        return sentence, {"calendar": task.calendar}
    absent = [each for each in planned.people if not reading.hours.there(each, planned.start)]
    return "%(task)s starts at %(at)s; not there in that hour: %(people)s.", {"people": ", ".join(absent)}


def _wrong(
    task: str, rule: str, sentence: str, facts: dict[str, Fact] | None = None, **numbers: float
) -> Criticism:
    return Criticism(
        severity="wrong",
        place=f"tasks[{task}]",
        rule=rule,
        said=sentence,
        facts={"task": task, **numbers, **(facts or {})},
        numbers=numbers,
    )
