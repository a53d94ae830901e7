"""The case as it stands once events are known: a new case, the old one untouched."""

from collections.abc import Sequence

import msgspec

from releve.restoration.case import (
    ALWAYS,
    Application,
    Case,
    Coverage,
    PublishedDate,
    Service,
    Task,
    TaskState,
    Window,
)  # fmt: skip
from releve.restoration.plan import Plan
from releve.restoration.replanning.events import (
    ApplicationAdded,
    ApplicationRemoved,
    BackupInfected,
    CoverageDropped,
    DatePublished,
    Event,
    EventError,
    GateFailed,
    PeopleAdded,
    PersonAbsent,
    ResourceChanged,
    TaskBlocked,
    TaskEnded,
    TaskLate,
    TaskStarted,
    VendorLate,
)  # fmt: skip
from releve.restoration.replanning.progress import WorkedHours

__all__ = ["apply"]

# A task that should have ended by the estimate and was not said to have ended takes at least this much longer.
_OVERDUE_HOURS = 1


def apply(
    case: Case,
    events: Sequence[Event],
    now: int,
    *,
    plan: Plan | None = None,
    before: Sequence[Event] = (),
    name: str = "events",
) -> Case:
    """Return the case at hour `now` with all that was told, in the order it was told.

    Of a task under way that nothing is told of, the hours it could be worked on since are taken off its rest; one
    hour at least remains until somebody says that it ended. A task nobody says has started has not. `plan` says
    who does a task whose start is told without people; `before` is told first, and not numbered.

    Raises:
        EventError: an event cannot be; the message names the place below `name`, and what was expected there.
    """
    if now < case.now:
        raise EventError(f"now: expected an hour from {case.now} on, which the case has reached")
    draft = _Draft(case, now, plan)
    for number, event in enumerate((*before, *events), -len(before)):
        try:
            draft.tell(event)
        except _Refused as refused:
            raise EventError(f"{name}[{number}].{refused.field}: expected {refused.expected}") from None
    return draft.finished()


class _Refused(Exception):
    def __init__(self, field: str, expected: str) -> None:
        super().__init__(field, expected)
        self.field = field
        self.expected = expected


class _Draft:
    """A case being brought up to date: its lines by id, in the order they were listed."""

    def __init__(self, case: Case, now: int, plan: Plan | None) -> None:
        self.case = case
        self.now = now
        self.people_planned = {task.task: task.people for task in plan.tasks} if plan is not None else {}
        self.calendars = {each.id: each for each in case.calendars}
        self.skills = {each.id: each for each in case.skills}
        self.people = {each.id: each for each in case.people}
        self.resources = {each.id: each for each in case.resources}
        self.applications = {each.id: each for each in case.applications}
        self.tasks = {each.id: each for each in case.tasks}
        self.services = {each.id: each for each in case.services}
        self.states = {each.task: each for each in case.states}
        self.published = {(each.kind, each.id): each for each in case.published}
        # From which hour on the rest of a task under way is counted, until the end of the telling.
        self.since = {
            each.task: case.now for each in case.states if each.started is not None and each.ended is None
        }

    def tell(self, event: Event) -> None:
        match event:
            case TaskStarted() | TaskEnded() | TaskLate() | TaskBlocked() | GateFailed():
                self._tell_of_task(event)
            case PersonAbsent() | VendorLate() | PeopleAdded() | ResourceChanged():
                self._tell_of_means(event)
            case BackupInfected():
                self._infected(event)
            case ApplicationAdded():
                self._add(event)
            case ApplicationRemoved():
                self._remove(event)
            case CoverageDropped():
                self._drop_coverage(event)
            case DatePublished():
                self._publish(event)

    def finished(self) -> Case:
        case = msgspec.structs.replace(
            self.case,
            now=self.now,
            calendars=tuple(self.calendars.values()),
            skills=tuple(self.skills.values()),
            people=tuple(self.people.values()),
            resources=tuple(self.resources.values()),
            applications=tuple(self.applications.values()),
            tasks=tuple(self.tasks.values()),
            services=tuple(self.services.values()),
            published=tuple(self.published.values()),
        )
        # Only now: an absence told after the start of a task counts all the same.
        worked = WorkedHours(case, self.now)
        states = [self._progressed(worked, state) for state in self.states.values()]
        return msgspec.structs.replace(case, states=tuple(states))

    def _progressed(self, worked: WorkedHours, state: TaskState) -> TaskState:
        since = self.since.get(state.task)
        if since is None or since >= self.now:
            return state
        task = self.tasks[state.task]
        if state.remaining_hours is None:
            rest, since = task.work_hours, state.started if state.started is not None else since
        else:
            rest = state.remaining_hours
        start = max(since, state.blocked_until or 0)
        rest -= worked.count(task, state.people, start, self.now)
        return msgspec.structs.replace(state, remaining_hours=max(rest, min(_OVERDUE_HOURS, task.work_hours)))

    # Tasks ----------------------------------------------------------------------------------

    def _task(self, id: str) -> Task:
        if id not in self.tasks:
            raise _Refused("task", "the id of a task of the case")
        return self.tasks[id]

    def _state(self, id: str) -> TaskState:
        return self.states.get(id, TaskState(task=id))

    def _reported_at(self, at: int) -> int:
        if not 0 <= at <= self.now:
            raise _Refused("at", f"an hour from 0 to {self.now}, which is now")
        return at

    def _open(self, id: str) -> TaskState:
        state = self._state(self._task(id).id)
        if state.ended is not None:
            raise _Refused("task", "a task that has not ended")
        return state

    def _tell_of_task(self, event: TaskStarted | TaskEnded | TaskLate | TaskBlocked | GateFailed) -> None:
        match event:
            case TaskStarted():
                self._start(event)
            case TaskEnded():
                state = self._open(event.task)
                at = self._reported_at(event.at)
                if state.started is not None and at < state.started:
                    raise _Refused("at", f"an hour from {state.started} on, at which it started")
                self._keep(msgspec.structs.replace(state, ended=at, remaining_hours=None, blocked_until=None))
            case TaskLate():
                self._late(event)
            case TaskBlocked():
                state = self._open(event.task)
                if event.until < 0:
                    raise _Refused("until", "an hour that is not negative")
                self._keep(msgspec.structs.replace(state, blocked_until=event.until))
            case GateFailed():
                self._fail(event)

    def _keep(self, state: TaskState) -> None:
        self.states[state.task] = state
        if state.ended is not None:
            self.since.pop(state.task, None)

    def _start(self, event: TaskStarted) -> None:
        state = self._open(event.task)
        if state.started is not None:
            raise _Refused("task", "a task that has not started")
        task = self.tasks[event.task]
        at = self._reported_at(event.at)
        people = event.people or self.people_planned.get(task.id, ())
        needed = sum(each.count for each in task.team)
        if len(people) != needed or len(set(people)) != needed:
            raise _Refused("people", f"{needed} of them, each once")
        if not set(people) <= self.people.keys():
            raise _Refused("people", "ids of people of the case")
        if event.remaining_hours is not None and event.remaining_hours < 0:
            raise _Refused("remaining_hours", "hours, not negative")
        self._keep(
            msgspec.structs.replace(
                state,
                started=at,
                people=people,
                remaining_hours=event.remaining_hours,
                blocked_until=None if (state.blocked_until or 0) <= at else state.blocked_until,
            )
        )
        # What remains is told as of now; the estimate is worked off from the start.
        self.since[task.id] = at if event.remaining_hours is None else self.now

    def _late(self, event: TaskLate) -> None:
        state = self._open(event.task)
        if event.remaining_hours < 0:
            raise _Refused("remaining_hours", "hours, not negative")
        if state.started is None:
            self.tasks[event.task] = msgspec.structs.replace(
                self.tasks[event.task], work_hours=event.remaining_hours
            )
        else:
            self.since[event.task] = self.now
            self._keep(msgspec.structs.replace(state, remaining_hours=event.remaining_hours))

    def _fail(self, event: GateFailed) -> None:
        gate = self._task(event.task)
        if gate.kind != "gate":
            raise _Refused("task", "a gate")
        again = self._again((*gate.rework, gate.id), gate.application)
        for id, hours in event.hours.items():
            if id not in again:
                raise _Refused(f"hours.{id}", "a task that the gate has done again")
            if hours < 0:
                raise _Refused(f"hours.{id}", "hours, not negative")
            self.tasks[id] = msgspec.structs.replace(self.tasks[id], work_hours=hours)
        self._reopen(again)

    def _again(self, first: Sequence[str], application: str) -> set[str]:
        """Return these tasks and all of the same application that follow one of them."""
        own = [task for task in self.tasks.values() if task.application == application]
        found = {id for id in first if id in self.tasks}
        size = -1
        while size != len(found):
            size = len(found)
            found.update(task.id for task in own if not found.isdisjoint(task.after))
        return found

    def _reopen(self, tasks: set[str]) -> None:
        for id in tasks:
            state = self.states.pop(id, None)
            self.since.pop(id, None)
            if state is not None and state.blocked_until is not None and state.blocked_until > self.now:
                self.states[id] = TaskState(task=id, blocked_until=state.blocked_until)

    def _infected(self, event: BackupInfected) -> None:
        self._application(event.application)
        restoring = [
            task
            for task in self.tasks.values()
            if task.application == event.application and task.kind == "restore"
        ]
        if not restoring:
            raise _Refused("application", "an application that has a task of kind restore")
        if event.more_hours < 0:
            raise _Refused("more_hours", "hours, not negative")
        first = restoring[0]
        self.tasks[first.id] = msgspec.structs.replace(first, work_hours=first.work_hours + event.more_hours)
        self._reopen(self._again([task.id for task in restoring], event.application))

    # People and things ----------------------------------------------------------------------

    def _tell_of_means(self, event: PersonAbsent | VendorLate | PeopleAdded | ResourceChanged) -> None:
        if isinstance(event, PeopleAdded):
            self._add_people(event)
            return
        if isinstance(event, ResourceChanged):
            if event.resource not in self.resources:
                raise _Refused("resource", "the id of a resource of the case")
            if event.units < 0:
                raise _Refused("units", "a number that is not negative")
            self.resources[event.resource] = msgspec.structs.replace(
                self.resources[event.resource], units=event.units
            )
            return
        if event.person not in self.people:
            raise _Refused("person", "the id of somebody of the case")
        if not 0 <= event.from_hour < event.to_hour:
            raise _Refused("to_hour", "an hour after from_hour, which is not negative")
        person = self.people[event.person]
        window = Window(from_hour=event.from_hour, to_hour=event.to_hour)
        if isinstance(event, PersonAbsent):
            self.people[person.id] = msgspec.structs.replace(person, absences=(*person.absences, window))
            return
        if all(each.from_hour != event.window_from for each in person.windows):
            raise _Refused("window_from", "the hour at which one of this person’s windows opens")
        windows = tuple(window if each.from_hour == event.window_from else each for each in person.windows)
        self.people[person.id] = msgspec.structs.replace(person, windows=windows)

    def _add_people(self, event: PeopleAdded) -> None:
        if not event.people:
            raise _Refused("people", "one at least")
        self.calendars |= {each.id: each for each in event.calendars if each.id not in self.calendars}
        self.skills |= {each.id: each for each in event.skills if each.id not in self.skills}
        for number, person in enumerate(event.people):
            place = f"people[{number}]"
            if person.id in self.people:
                raise _Refused(f"{place}.id", "an id that nobody of the case has")
            if not set(person.skills) <= self._skills_named():
                raise _Refused(f"{place}.skills", "ids of skills of the case or of this event")
            self._calendar_known(f"{place}.calendar", person.calendar)
            self.people[person.id] = person

    def _skills_named(self) -> set[str]:
        """Return the skills that are listed, and those that somebody has or a task asks all the same."""
        had = {skill for person in self.people.values() for skill in person.skills}
        asked = {line.skill for task in self.tasks.values() for line in task.team}
        return had | asked | self.skills.keys()

    def _calendar_known(self, place: str, id: str) -> None:
        if id != ALWAYS and id not in self.calendars:
            raise _Refused(place, "always, or the id of a calendar of the case or of this event")

    # Applications and services ---------------------------------------------------------------

    def _application(self, id: str) -> Application:
        if id not in self.applications:
            raise _Refused("application", "the id of an application of the case")
        return self.applications[id]

    def _add(self, event: ApplicationAdded) -> None:
        added = event.application
        if added.id in self.applications:
            raise _Refused("application.id", "an id that no application of the case has")
        if not event.tasks:
            raise _Refused("tasks", "one at least")
        own = {task.id for task in event.tasks}
        for number, need in enumerate(added.needs):
            if need.application not in self.applications:
                raise _Refused(f"application.needs[{number}].application", "an application of the case")
            if need.before and need.before not in own:
                raise _Refused(f"application.needs[{number}].before", "one of the event’s tasks")
        for number, task in enumerate(event.tasks):
            self._check_added(f"tasks[{number}]", task, added.id, own)
        for number, id in enumerate(event.required_by):
            if id not in self.services:
                raise _Refused(f"required_by[{number}]", "the id of a service of the case")
            service = self.services[id]
            self.services[id] = msgspec.structs.replace(service, requires=(*service.requires, added.id))
        for number, service in enumerate(event.services):
            if service.id in self.services:
                raise _Refused(f"services[{number}].id", "an id that no service of the case has")
            named = {*service.requires, *(share.application for share in service.shares)}
            if not named <= self.applications.keys() | {added.id}:
                raise _Refused(f"services[{number}].requires", "ids of applications of the case")
            self.services[service.id] = service
        self.applications[added.id] = added
        self.tasks |= {task.id: task for task in event.tasks}

    def _check_added(self, place: str, task: Task, application: str, own: set[str]) -> None:
        if task.id in self.tasks:
            raise _Refused(f"{place}.id", "an id that no task of the case has")
        if task.application != application:
            raise _Refused(f"{place}.application", f"{application}, the application that is added")
        if task.work_hours < 0:
            raise _Refused(f"{place}.work_hours", "hours, not negative")
        if not set(task.after) <= self.tasks.keys() | own:
            raise _Refused(f"{place}.after", "ids of tasks of the case or of this event")
        if not {each.skill for each in task.team} <= self._skills_named():
            raise _Refused(f"{place}.team", "ids of skills of the case")
        if not {each.resource for each in task.uses} <= self.resources.keys():
            raise _Refused(f"{place}.uses", "ids of resources of the case")
        self._calendar_known(f"{place}.calendar", task.calendar)

    def _remove(self, event: ApplicationRemoved) -> None:
        gone = self._application(event.application).id
        del self.applications[gone]
        tasks = {task.id for task in self.tasks.values() if task.application == gone}
        for id in tasks:
            del self.tasks[id]
            self.states.pop(id, None)
            self.since.pop(id, None)
        for task in self.tasks.values():
            if not tasks.isdisjoint(task.after):
                after = tuple(each for each in task.after if each not in tasks)
                self.tasks[task.id] = msgspec.structs.replace(task, after=after)
        for application in self.applications.values():
            if any(need.application == gone for need in application.needs):
                needs = tuple(need for need in application.needs if need.application != gone)
                self.applications[application.id] = msgspec.structs.replace(application, needs=needs)
        self.published.pop(("application", gone), None)
        for service in tuple(self.services.values()):
            self._remove_from(service, gone)

    def _remove_from(self, service: Service, gone: str) -> None:
        requires = tuple(each for each in service.requires if each != gone)
        shares = tuple(each for each in service.shares if each.application != gone)
        if requires == service.requires and shares == service.shares:
            return
        if requires or shares:
            self.services[service.id] = msgspec.structs.replace(service, requires=requires, shares=shares)
        else:
            del self.services[service.id]
            self.published.pop(("service", service.id), None)

    def _drop_coverage(self, event: CoverageDropped) -> None:
        if event.service not in self.services:
            raise _Refused("service", "the id of a service of the case")
        if not 0 <= event.share <= 1:
            raise _Refused("share", "a share from 0 to 1")
        if event.from_day < 0:
            raise _Refused("from_day", "days since the start, not negative")
        service = self.services[event.service]
        kept = tuple(each for each in service.coverage if each.from_day < event.from_day)
        coverage = (*kept, Coverage(from_day=event.from_day, share=event.share))
        self.services[service.id] = msgspec.structs.replace(service, coverage=coverage)

    def _publish(self, event: DatePublished) -> None:
        known = self.applications if event.kind == "application" else self.services
        if event.id not in known:
            raise _Refused(
                "id", f"the id of {'an application' if event.kind == 'application' else 'a service'}"
            )
        if event.p80 < 0:
            raise _Refused("p80", "an hour that is not negative")
        date = PublishedDate(kind=event.kind, id=event.id, p80=event.p80)
        self.published[event.kind, event.id] = date
